// SPDX-License-Identifier: Apache-2.0
// The second half of ingest: known ids are looked up, the rest is written and answered.
#include "base/limits.h"
#include "server/ingest.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tally::server {
namespace {

using State = IngestItem::State;

constexpr std::string_view kBusyElsewhere =
    "an event with this event_id is being written by another request; try again";

}  // namespace

/// Items that the window knows: the log says whether they are what they seem.
void Ingest::look_up(IngestBatch& batch) {
  const bool any = std::ranges::any_of(batch.items, [](const IngestItem& item) {
    return item.state == State::known || item.state == State::repeated;
  });
  if (!any) return;
  std::unordered_map<std::string_view, std::size_t> mine;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    IngestItem& item = batch.items[i];
    if (item.state == State::claimed) {
      mine.emplace(item.event_id, i);
    } else if (item.state == State::repeated) {
      const auto first = mine.find(item.event_id);
      if (first != mine.end()) {
        item.same_as = first->second;
      } else {
        item.state = State::unwritten;
        item.error = kBusyElsewhere;
      }
    } else if (item.state == State::known && take_over_impostor(batch, item)) {
      item.state = State::claimed;
      mine.emplace(item.event_id, i);
    }
  }
}

/// Whether the log has another id there. Fills in the leaf hash if not.
bool Ingest::take_over_impostor(IngestBatch&, IngestItem& item) {
  auto reader = parts_.readers.take();
  if (!reader) return false;
  const auto head = (*reader)->lines.head();
  if (!head) return false;
  const auto line = (*reader)->lines.line(*head, LeafIndex(item.seq));
  if (line && event_id_of(*line) != item.event_id) {
    window_.take_over(item.event_id);
    return true;
  }
  if (!line) return false;
  merkle::TreeHasher hasher((*reader)->lines.info().hash);
  item.leaf = hasher.leaf(*line);
  return false;
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
    commits.back()->parts.push_back({batch, item});
    texts.back().push_back(std::move(entries[i]));
  }
  if (commits.empty()) {
    finish(*batch);
    return;
  }
  batch->left = commits.size();
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto& commit = commits[i];
    auto ticket = parts_.writer.submit(
        std::move(texts[i]), parts_.patience,
        [this, commit](const Result<void>& done, std::span<const log::EntryText>,
                       std::span<const log::Appended> appended) {
          placed(commit, done, appended);
        });
    if (ticket) {
      watch(commit, std::move(*ticket));
    } else {
      placed(commit, tl::unexpected(ticket.error()), {});
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
        texts,
        [this, own](const Result<void>& done, std::span<const log::EntryText>,
                    std::span<const log::Appended> appended) { placed(own, done, appended); });
    if (ticket) {
      watch(own, std::move(*ticket));
    } else {
      placed(own, fail(Errc::overloaded, "the queue to the log is full"), {});
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
                    std::span<const log::Appended> appended) {
  std::vector<BatchPtr> over;
  for (std::size_t i = 0; i < commit->parts.size(); ++i) {
    const auto& [batch, at] = commit->parts[i];
    IngestItem& item = batch->items[at];
    if (done) {
      item.state = State::written;
      item.seq = appended[i].seq.value();
      item.leaf = appended[i].leaf_hash;
    } else {
      item.state = State::unwritten;
    }
    const bool last_of_batch = i + 1 == commit->parts.size() || commit->parts[i + 1].batch != batch;
    if (last_of_batch && batch->left.fetch_sub(1) == 1) over.push_back(batch);
  }
  commit->parts.clear();
  {
    const std::lock_guard lock(mutex_);
    commit->over = true;
    watched_.erase(commit.get());
  }
  if (over.empty()) return;
  // Answering is not the writer's work.
  parts_.workers.resume([this, over = std::move(over)] {
    for (const BatchPtr& batch : over) finish(*batch);
  });
}

void Ingest::finish(IngestBatch& batch) {
  for (IngestItem& item : batch.items) {
    if (item.state == State::repeated) {
      const IngestItem& first = batch.items[item.same_as];
      item.seq = first.seq;
      item.leaf = first.leaf;
      if (first.state != State::written) item.state = State::unwritten;
    }
    switch (item.state) {
      case State::written:
        window_.confirm(item.event_id, item.seq);
        ++counters_.accepted;
        break;
      case State::known:
      case State::repeated: ++counters_.duplicates; break;
      case State::refused: ++counters_.rejected; break;
      case State::claimed:
      case State::unwritten:
        ++counters_.unwritten;
        if (item.error.empty()) {
          window_.release(item.event_id);
          item.error = "the log does not take events now; try again";
        }
        break;
    }
  }
  batch.reply.send(ingest_answer(batch));
}

void Ingest::watch(const std::shared_ptr<Commit>& commit, log::Writer::Ticket ticket) {
  const std::lock_guard lock(mutex_);
  if (!commit->over)
    watched_.insert_or_assign(commit.get(), Watched{std::move(ticket), parts_.clock.mono()});
}

}  // namespace tally::server
