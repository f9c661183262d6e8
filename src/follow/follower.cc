// SPDX-License-Identifier: Apache-2.0
#include "follow/follower.h"

#include "log/log_info.h"
#include "log/tree_files.h"

#include <algorithm>
#include <utility>

namespace tally::follow {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Room for a line that a batch begins with: growing by copies costs more than reading.
constexpr std::size_t kUsualLineBytes = 1 * kKiB;

Error no_prefix(const log::Layout& layout, const Cursor& position, const std::string& why) {
  return {Errc::mismatch, layout.directory() + ": " + why + "; what was made of its first " +
                              std::to_string(position.next.value()) + " entries must be rebuilt"};
}

/// Whether the log that has `head` begins with what `position` stands for.
Result<void> check_prefix(storage::FileSystem& fs, const log::Reader& reader, const log::Head& head,
                          const Cursor& position) {
  if (position.next > head.size) {
    return tl::unexpected(no_prefix(
        reader.layout(), position,
        "the log has only " + std::to_string(head.size.value()) + " entries, fewer than before"));
  }
  log::TreeReader tree(fs, reader.layout(), crypto::digest_bytes(reader.info().hash));
  TALLY_TRY(const Cursor now, cursor_at(tree, reader.info(), position.next));
  if (now == position) return {};
  return tl::unexpected(
      no_prefix(reader.layout(), position, "the log is not the one that was followed"));
}

}  // namespace

Follower::Follower(storage::FileSystem& fs, log::Reader reader, Cursor position,
                   FollowOptions options, Bell* bell)
    : fs_(&fs), reader_(std::move(reader)), position_(position), options_(options), bell_(bell) {}

Result<Follower> Follower::open(storage::FileSystem& fs, std::string directory,
                                const std::optional<Cursor>& from, FollowOptions options,
                                Bell* bell) {
  TALLY_TRY(auto reader, log::Reader::open(fs, std::move(directory)));
  Cursor position = from ? *from : start_of(reader.info());
  if (position.root.bytes().size() != crypto::digest_bytes(reader.info().hash)) {
    return tl::unexpected(no_prefix(reader.layout(), position, "the log has another hash"));
  }
  Follower follower(fs, std::move(reader), position, options, bell);
  TALLY_TRY_VOID(follower.look());
  return follower;
}

/// Reads the head; a new one is accepted when it still begins with what was given out.
Result<void> Follower::look() {
  TALLY_TRY(const log::Head head, reader_.head());
  if (head_ && head_->size == head.size && head_->root == head.root) return {};
  TALLY_TRY(const log::LogInfo info, log::read_log_info(*fs_, reader_.layout()));
  if (info != reader_.info()) {
    return tl::unexpected(
        no_prefix(reader_.layout(), position_, "another log stands in its place"));
  }
  TALLY_TRY_VOID(check_prefix(*fs_, reader_, head, position_));
  head_ = head;
  return {};
}

Result<std::uint64_t> Follower::lag() {
  TALLY_TRY_VOID(look());
  return head_->size.value() - position_.next.value();
}

/// With the memory of the one before, unless that held a line above the limit.
std::unique_ptr<Batch> Follower::empty_batch() {
  auto batch = std::make_unique<Batch>(position_);
  const auto spare = std::exchange(spare_, nullptr);
  if (spare != nullptr && spare->text.capacity() <= 2 * options_.bytes_max) {
    batch->lines = std::move(spare->lines);
    batch->text = std::move(spare->text);
    batch->lines.clear();
    batch->text.clear();
  }
  return batch;
}

Result<std::unique_ptr<Batch>> Follower::read_batch() {
  auto batch = empty_batch();
  const auto waiting = head_->size.value() - position_.next.value();
  const auto lines = static_cast<std::size_t>(std::min<std::uint64_t>(waiting, options_.lines_max));
  batch->text.reserve(std::min(lines * kUsualLineBytes, options_.bytes_max));
  std::vector<std::size_t> ends;
  const auto take = [&](LeafIndex, std::string_view line) {
    if (!ends.empty() && batch->text.size() + line.size() + 1 > options_.bytes_max) return false;
    batch->text.append(line).push_back('\n');
    ends.push_back(batch->text.size());
    return ends.size() < options_.lines_max;
  };
  TALLY_TRY_VOID(reader_.scan(*head_, batch->first, take));
  std::size_t start = 0;
  batch->lines.reserve(ends.size());
  for (const std::size_t end : ends) {
    batch->lines.emplace_back(std::string_view(batch->text).substr(start, end - 1 - start));
    start = end;
  }
  const TreeSize after{position_.next.value() + ends.size()};
  if (after == head_->size) {
    batch->after = {after, head_->root};
  } else {
    log::TreeReader tree(*fs_, reader_.layout(), crypto::digest_bytes(reader_.info().hash));
    TALLY_TRY(batch->after, cursor_at(tree, reader_.info(), after));
  }
  position_ = batch->after;
  return batch;
}

/// Earlier than now when a rest is over, or was ended by the bell.
steady_clock::time_point Follower::next_look(std::uint64_t rung) const {
  return rung == looked_rung_ ? looked_at_ + options_.rest : looked_at_;
}

Result<std::unique_ptr<Batch>> Follower::next(const std::stop_token& stop, milliseconds wait) {
  const auto deadline = steady_clock::now() + wait;
  Bell own;  // nobody rings it; it is a wait that a stop ends
  Bell& bell = bell_ != nullptr ? *bell_ : own;
  for (;;) {
    if (stop.stop_requested()) return std::make_unique<Batch>(position_);
    const std::uint64_t rung = bell.rung();
    const auto now = steady_clock::now();
    const bool resting = head_ && now < next_look(rung);
    if (!head_ || (head_->size == position_.next && !resting)) {
      TALLY_TRY_VOID(look());
      looked_at_ = now;
      looked_rung_ = rung;
    }
    if (head_->size > position_.next) return read_batch();
    const auto left = deadline - steady_clock::now();
    if (left <= left.zero()) {
      if (!resting) spare_ = nullptr;  // nothing comes
      return std::make_unique<Batch>(position_);
    }
    const auto limit = resting ? next_look(rung) - now : options_.poll_interval;
    bell.wait(rung, stop, std::chrono::ceil<milliseconds>(std::min(left, limit)));
  }
}

}  // namespace tally::follow
