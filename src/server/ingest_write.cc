// SPDX-License-Identifier: Apache-2.0
// The second half of ingest: known ids are looked up, the rest is written and answered.
#include "base/limits.h"
#include "server/ingest.h"
#include "server/ingest_dialect.h"
#include "server/reading.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tally::server {
namespace {

using State = IngestItem::State;

constexpr std::string_view kBusyElsewhere =
    "an event with this event_id is being written by another request; try again";
constexpr std::string_view kUnreadable =
    "the entry with this event_id cannot be read now; try again";
constexpr std::string_view kAnotherEvent =
    "this Idempotency-Key or event_id stands for another event; use a new one";
constexpr std::string_view kTaken = "this event_id is taken";
constexpr std::string_view kNotNow = "the log does not take events now; try again";

}  // namespace

/// Items that the window knows: the log says whether they are what they seem.
void Ingest::look_up(IngestBatch& batch) {
  const bool any = std::ranges::any_of(batch.items, [](const IngestItem& item) {
    return item.state == State::known || item.state == State::repeated;
  });
  if (!any) return;
  std::unordered_map<std::string_view, std::size_t> mine;  // place in `entries` of what is claimed
  for (std::size_t i = 0; i < batch.entries.size(); ++i) {
    IngestItem& item = batch.items[batch.entry_items[i]];
    const std::string& sent = batch.entries[i].object();
    const auto first = mine.find(item.event_id.text());
    if (first != mine.end()) {
      item.same_as = batch.entry_items[first->second];
      const bool same = same_event(batch.entries[first->second].object(), sent);
      item.state = same ? State::repeated : State::refused;
      if (!same) item.error = kAnotherEvent;
    } else if (item.state == State::repeated) {
      item.state = State::unwritten;
      item.error = kBusyElsewhere;
    } else if (item.state == State::known) {
      look_into_log(batch, item, sent);
    }
    if (item.state == State::claimed) mine.emplace(item.event_id.text(), i);
  }
}

/// Whether what the log has there is this event. If it has another id there, the item is claimed.
void Ingest::look_into_log(const IngestBatch& batch, IngestItem& item, std::string_view sent) {
  const auto unknown = [&item] {  // neither acknowledged nor refused
    item.state = State::unwritten;
    item.error = kUnreadable;
  };
  auto reader = parts_.readers.take();
  if (!reader) return unknown();
  const auto head = (*reader)->lines.head();
  if (!head) return unknown();
  const auto line = (*reader)->lines.line(*head, LeafIndex(item.seq));
  if (!line) return unknown();
  if (event_id_of(*line) != item.event_id.text()) {
    window_.take_over(item.event_id.text());
    item.state = State::claimed;
    item.owns_id = true;
  } else if (!may_see(batch.request->principal->scope, *line)) {
    item.state = State::refused;
    item.error = kTaken;
  } else if (!same_event(*line, sent)) {
    item.state = State::refused;
    item.error = kAnotherEvent;
  } else {
    merkle::TreeHasher hasher((*reader)->lines.info().hash);
    item.leaf = hasher.leaf(*line);
  }
}

void Ingest::Commit::add(const BatchPtr& batch, std::size_t item) {
  if (!parts.empty() && parts.back().batch == batch &&
      parts.back().item + parts.back().count == item) {
    ++parts.back().count;
  } else {
    parts.push_back({batch, item});
  }
}

void Ingest::write(const BatchPtr& batch) {
  // Entries of items that are not new are only in the way.
  std::vector<log::EntryText> entries = std::move(batch->entries);
  std::vector<std::shared_ptr<Commit>> commits;
  std::vector<std::vector<log::EntryText>> texts;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t item = batch->entry_items[i];
    if (batch->items[item].state != State::claimed) continue;
    const std::size_t size = entries[i].object().size();
    if (commits.empty() || texts.back().size() >= kCommitEntriesMax ||
        bytes + size > kCommitBytesMax) {
      commits.push_back(std::make_shared<Commit>());
      texts.emplace_back();
      bytes = 0;
    }
    bytes += size;
    commits.back()->add(batch, item);
    texts.back().push_back(std::move(entries[i]));
  }
  if (commits.empty()) {
    finish(*batch);
    return;
  }
  batch->left = commits.size();
  Result<void> before;  // what comes later must not get into the log before what comes first
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto& commit = commits[i];
    if (before && batch->failed) before = fail(Errc::overloaded, "an earlier part was taken back");
    if (!before) {
      placed(commit, before, {}, {});
      continue;
    }
    auto ticket = parts_.writer.submit(
        std::move(texts[i]), parts_.patience,
        [this, commit](const Result<void>& done, std::span<log::EntryText> given,
                       std::span<const log::Appended> appended) {
          placed(commit, done, given, appended);
        });
    if (ticket) {
      // What made room may have been the withdrawal of an earlier part.
      if (batch->failed) parts_.writer.withdraw(*ticket, parts_.patience);
      watch(commit, std::move(*ticket));
    } else {
      before = tl::unexpected(ticket.error());
      placed(commit, before, {}, {});
    }
  }
}

/// What came from many connections at the same moment, in one commit.
void Ingest::write_small() {
  small_due_ = false;
  if (small_.empty()) return;
  std::vector<BatchPtr> batches = std::exchange(small_, {});
  auto commit = std::make_shared<Commit>();
  std::vector<log::EntryText> texts;
  std::size_t bytes = 0;
  const auto hand_over = [&] {
    if (texts.empty()) return;
    const auto own = std::exchange(commit, std::make_shared<Commit>());
    auto ticket = parts_.writer.try_submit(
        texts, [this, own](const Result<void>& done, std::span<log::EntryText> given,
                           std::span<const log::Appended> appended) {
          placed(own, done, given, appended);
        });
    if (ticket) {
      watch(own, std::move(*ticket));
    } else {
      placed(own, fail(Errc::overloaded, "the queue to the log is full"), {}, {});
    }
    texts.clear();
    bytes = 0;
  };
  for (BatchPtr& batch : batches) {
    log::EntryText& entry = batch->entries[0];
    if (bytes + entry.object().size() > kCommitBytesMax) hand_over();
    bytes += entry.object().size();
    texts.push_back(std::move(entry));
    batch->left = 1;
    commit->parts.push_back({std::move(batch), 0});
  }
  hand_over();
}

/// On the writer's thread, or where the writer took nothing.
void Ingest::placed(const std::shared_ptr<Commit>& commit, const Result<void>& done,
                    std::span<log::EntryText> entries, std::span<const log::Appended> appended) {
  // A full queue says nothing of the log; what was never handed over is told by what was.
  if (done || done.error().code != Errc::overloaded) parts_.log.heard(done);
  std::vector<BatchPtr> over;
  auto next = appended.begin();
  for (std::size_t i = 0; i < commit->parts.size(); ++i) {
    const auto& [batch, first, count] = commit->parts[i];
    for (std::size_t at = first; at < first + count; ++at) {
      IngestItem& item = batch->items[at];
      item.state = done ? State::written : State::unwritten;
      if (!done) continue;
      item.seq = next->seq.value();
      item.leaf = next->leaf_hash;
      ++next;
    }
    if (!done) batch->failed = true;
    const bool last_of_batch = i + 1 == commit->parts.size() || commit->parts[i + 1].batch != batch;
    if (last_of_batch && batch->left.fetch_sub(1) == 1) over.push_back(batch);
  }
  commit->parts.clear();
  spares_.give(entries);
  {
    const std::lock_guard lock(mutex_);
    commit->over = true;
    watched_.erase(commit.get());
  }
  if (over.empty()) return;
  // Answering is not the writer's work.
  parts_.workers.resume(WorkPool::Lane::write, [this, over = std::move(over)] {
    for (const BatchPtr& batch : over) finish(*batch);
  });
}

void Ingest::finish(IngestBatch& batch) {
  std::vector<IdWindow::Place> written;
  std::vector<IdWindow::Known> made;
  written.reserve(batch.items.size());
  for (IngestItem& item : batch.items) {
    if (item.state == State::repeated) {
      const IngestItem& first = batch.items[item.same_as];
      item.seq = first.seq;
      item.leaf = first.leaf;
      if (first.state != State::written) item.state = State::unwritten;
    }
    switch (item.state) {
      case State::written:
        if (item.made_id) {
          made.push_back({item.event_id.text(), item.seq});
        } else {
          written.push_back({item.spot, item.seq});
        }
        break;
      case State::known:
      case State::repeated: ++counters_.duplicates; break;
      case State::refused: ++counters_.rejected; break;
      case State::claimed:
      case State::unwritten:
        ++counters_.unwritten;
        // Once it is released, the id may be another request's.
        if (std::exchange(item.owns_id, false)) window_.release(item.event_id.text());
        if (item.error.empty()) item.error = kNotNow;
        break;
    }
  }
  window_.confirm_all(written);
  window_.put_all(made);  // who has sent them may send them again with the id of the answer
  counters_.accepted += written.size() + made.size();
  batch.reply.send(dialect_answer(batch));
}

void Ingest::watch(const std::shared_ptr<Commit>& commit, log::Writer::Ticket ticket) {
  const std::lock_guard lock(mutex_);
  if (!commit->over)
    watched_.insert_or_assign(commit.get(), Watched{std::move(ticket), parts_.clock.mono()});
}

}  // namespace tally::server
