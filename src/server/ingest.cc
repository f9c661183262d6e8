// SPDX-License-Identifier: Apache-2.0
#include "server/ingest.h"

#include "base/limits.h"
#include "base/own_log.h"
#include "event/view.h"
#include "index/filter.h"
#include "server/ingest_dialect.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace tally::server {
namespace {

using State = IngestItem::State;
using access::Role;

event::IngestOptions options_for(Role role, const std::string& instance,
                                 const event::PayloadFilter& filter) {
  event::IngestOptions out;
  out.instance = instance;
  out.source = "api";
  out.filter = &filter;
  out.identity_is_claimed = role == Role::writer;
  out.refuse_own_types = role == Role::writer;
  return out;
}

}  // namespace

/// What one thread needs to check events.
struct Ingest::Checker {
  Checker(const Parts& parts, const event::PayloadFilter& filter)
      : writer(parts.clock, parts.uuids, options_for(Role::writer, parts.instance, filter)),
        admin(parts.clock, parts.uuids, options_for(Role::admin, parts.instance, filter)) {}
  [[nodiscard]] event::Ingest& of(Role role) { return role == Role::writer ? writer : admin; }
  event::Ingest writer;
  event::Ingest admin;
  event::EventView view;
  std::vector<std::string> spares;
};

Ingest::Ingest(Parts parts)
    : parts_(std::move(parts)),
      filter_(&parts_.digest),
      window_(parts_.window_key),
      own_(std::make_unique<Checker>(parts_, filter_)) {}

Ingest::~Ingest() = default;

void Ingest::rebuild_window() {
  const auto read = read_window();
  if (read) {
    if (rebuild_told_) say(LogLevel::info, "ingest", "the API takes events now");
    return;
  }
  if (!std::exchange(rebuild_told_, true)) {
    say(LogLevel::error, "ingest",
        "the API takes no events yet, it tries again: " + read.error().detail);
  }
  rebuild_due_ = true;
}

Result<void> Ingest::read_window() {
  TALLY_TRY(const auto reader, parts_.readers.take());
  TALLY_TRY(const log::Head head, reader->lines.head());
  const std::uint64_t size = head.size.value();
  const std::uint64_t first = size > kIdWindowEvents ? size - kIdWindowEvents : 0;
  const std::string oldest = format_time(parts_.clock.now() - kIdWindowAge);
  if (first < size) {
    TALLY_TRY_VOID(
        reader->lines.scan(head, LeafIndex(first), [&](LeafIndex seq, std::string_view line) {
          if (line.find("\"source\":\"api\"") == std::string_view::npos) return true;
          const std::string_view id = event_id_of(line);
          // Behind the id stands what we do not need; before it the time of recording, last.
          const std::size_t at = id.empty() ? 0 : static_cast<std::size_t>(id.data() - line.data());
          constexpr std::size_t kBack = 27 + std::string_view("\",\"event_id\":\"").size();
          if (at > kBack && line.substr(at - kBack, 27) >= oldest) window_.put(id, seq.value());
          return true;
        }));
  }
  ready_ = true;
  return {};
}

void Ingest::handle(std::shared_ptr<Request> request, Reply reply) {
  if (!ready_) {
    reply.send(busy("the service is starting; try again"));
    return;
  }
  auto batch = std::make_shared<IngestBatch>(std::move(request), std::move(reply));
  const Request& asked = *batch->request;
  batch->dialect = dialect_of(asked);
  const auto form = dialect_form(batch->dialect, asked.media_type, asked.body);
  if (!form) {
    const std::string& detail = form.error().detail;
    batch->reply.send(dialect_refusal(batch->dialect, problem(415, detail), detail));
    return;
  }
  batch->form = *form;
  const bool small = batch->dialect == dialect::Dialect::events && batch->form == IngestForm::one &&
                     asked.codings.empty() && asked.body.size() <= kIngestOnLoopBytes;
  if (small) {
    check(*own_, *batch, {0, without_byte_order_mark(asked.body)});
    claim(*batch);
    if (batch->items[0].state == State::claimed) {
      small_.push_back(std::move(batch));
      if (small_.size() >= kCommitEntriesMax / 2) {
        write_small();
      } else if (!std::exchange(small_due_, true)) {
        // After what other connections have sent by now.
        parts_.loop.post([this] { write_small(); });
      }
      return;
    }
    if (batch->items[0].state == State::refused) {
      finish(*batch);
      return;
    }
    batch->items.clear();  // seen before: the log has to be looked into
  }
  const bool started =
      parts_.workers.try_start(WorkPool::Lane::write, [this, batch] { process(batch); });
  if (!started) {
    constexpr std::string_view kFull = "too many requests are waiting; try again";
    batch->reply.send(dialect_refusal(batch->dialect, busy(kFull), kFull));
  }
}

/// One event: checked, completed, redacted. Its id is not claimed yet.
void Ingest::check(Checker& checker, IngestBatch& batch, const RawEvent& raw,
                   std::string_view key) {
  IngestItem item;
  item.index = raw.index;
  const access::Principal& principal = *batch.request->principal;
  std::string derived;
  if (!key.empty()) {
    derived = derived_event_id(parts_.digest, principal, key, 0);
  } else if (const auto sent = batch.request->parameters.text("Idempotency-Key")) {
    derived = derived_event_id(parts_.digest, principal, *sent, raw.index);
  }
  std::string spare;
  if (!checker.spares.empty()) {
    spare = std::move(checker.spares.back());
    checker.spares.pop_back();
  }
  event::Ingest& door = checker.of(principal.role);
  auto object = door.accept(raw.text, std::move(spare), derived);
  if (!object) {
    item.error = std::move(object).error().detail;
    batch.items.push_back(std::move(item));
    return;
  }
  item.event_id = EventId(event_id_of(*object));
  item.made_id = door.made_id();
  if (!principal.scope.everything()) {
    const bool parsed = checker.view.parse(*object);
    const std::string server = parsed ? index::server_of(checker.view) : std::string();
    if (!std::ranges::binary_search(principal.scope.servers, server)) {
      item.error = "the token is for events of other servers";
      batch.items.push_back(std::move(item));
      return;
    }
  }
  auto entry = log::EntryText::from_object(std::move(*object));
  if (!entry) {
    item.error = std::move(entry).error().detail;
    batch.items.push_back(std::move(item));
    return;
  }
  batch.entries.push_back(std::move(*entry));
  batch.entry_items.push_back(batch.items.size());
  batch.items.push_back(std::move(item));
}

/// The ids of all entries, in their order. Those that were made here just now cannot have been seen
/// before, and when the log refuses, the next try has others: they would only push out known ones.
void Ingest::claim(IngestBatch& batch) {
  std::vector<std::string_view> ids;
  std::vector<std::size_t> items;
  ids.reserve(batch.entries.size());
  items.reserve(batch.entries.size());
  for (const std::size_t at : batch.entry_items) {
    IngestItem& item = batch.items[at];
    if (item.made_id) {
      item.state = State::claimed;
      continue;
    }
    ids.push_back(item.event_id.text());
    items.push_back(at);
  }
  const auto answers = window_.claim_all(ids);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    IngestItem& item = batch.items[items[i]];
    item.spot = answers[i].spot;
    switch (answers[i].claim) {
      case IdWindow::Claim::fresh:
        item.state = State::claimed;
        item.owns_id = true;
        break;
      case IdWindow::Claim::known:
        item.state = State::known;
        item.seq = answers[i].seq;
        break;
      case IdWindow::Claim::in_flight: item.state = State::repeated; break;
    }
  }
}

void Ingest::process(const BatchPtr& batch) {
  batch->entries.clear();
  batch->entry_items.clear();
  auto body = decode_body(std::move(batch->request->body), batch->request->codings);
  Result<void> checked;
  if (!body) {
    checked = tl::unexpected(body.error());
  } else if (batch->dialect != dialect::Dialect::events) {
    checked = check_converted(*batch, *body);
  } else {
    // Whether it is an array stands in what was packed.
    batch->form = ingest_form(batch->request->media_type, *body).value_or(batch->form);
    if (const auto events = split_events(batch->form, *body)) {
      check_all(*batch, *events);
    } else {
      checked = tl::unexpected(events.error());
    }
  }
  if (!checked) {
    const Error& error = checked.error();
    batch->reply.send(dialect_refusal(batch->dialect, problem_of(error), error.detail));
    return;
  }
  claim(*batch);
  look_up(*batch);
  write(batch);
}

void Ingest::check_all(IngestBatch& batch, const std::vector<RawEvent>& events) {
  batch.items.reserve(events.size());
  batch.entries.reserve(events.size());
  auto checker = take_checker();
  for (const RawEvent& raw : events) check(*checker, batch, raw);
  give_back(std::move(checker));
}

/// What another system sent. Nothing is claimed before all of it is converted.
Result<void> Ingest::check_converted(IngestBatch& batch, std::string_view body) {
  batch.form = dialect_form(batch.dialect, batch.request->media_type, body).value_or(batch.form);
  TALLY_TRY(ConvertedEvents converted, convert_events(batch.dialect, batch.form, body));
  batch.ignored = converted.ignored;
  counters_.ignored += converted.ignored;
  batch.items.reserve(converted.events.size());
  auto checker = take_checker();
  for (ConvertedEvents::One& one : converted.events) {
    if (one.text) {
      check(*checker, batch, {one.index, *one.text}, one.key);
      one.text->clear();
      one.text->shrink_to_fit();  // two copies of everything would be one too many
    } else {
      IngestItem item;
      item.index = one.index;
      item.error = std::move(one.text).error().detail;
      batch.items.push_back(std::move(item));
    }
  }
  give_back(std::move(checker));
  return {};
}

std::unique_ptr<Ingest::Checker> Ingest::take_checker() {
  std::unique_ptr<Checker> out;
  {
    const std::lock_guard lock(mutex_);
    if (!checkers_.empty()) {
      out = std::move(checkers_.back());
      checkers_.pop_back();
    }
  }
  if (out == nullptr) out = std::make_unique<Checker>(parts_, filter_);
  if (out->spares.empty()) out->spares = spares_.take();
  return out;
}

void Ingest::give_back(std::unique_ptr<Checker> checker) {
  const std::lock_guard lock(mutex_);
  checkers_.push_back(std::move(checker));
}

void Ingest::tick() {
  if (rebuild_due_.exchange(false))
    parts_.workers.resume(WorkPool::Lane::write, [this] { rebuild_window(); });
  std::vector<Watched> late;
  {
    const std::lock_guard lock(mutex_);
    const MonoTime now = parts_.clock.mono();
    std::erase_if(watched_, [&](const auto& each) {
      if (now - each.second.since < parts_.patience) return false;
      late.push_back(each.second);
      return true;
    });
  }
  // The newest first: no part of a request may be written when an earlier one was taken back.
  std::ranges::sort(late, std::greater(), &Watched::since);
  for (const Watched& each : late) parts_.writer.withdraw(each.ticket, parts_.patience);
}

}  // namespace tally::server
