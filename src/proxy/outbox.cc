// SPDX-License-Identifier: Apache-2.0
#include "proxy/outbox.h"

#include "base/limits.h"
#include "base/release_memory.h"

#include <array>
#include <span>
#include <utility>

namespace tally::proxy {
namespace {

/// Small pieces are joined up to this size: one system call can take only so many pieces.
constexpr std::size_t kJoinBytes = 32 * kKiB;
constexpr std::size_t kPieces = 8;

/// The list of one short block that an empty outbox does not need, for the next one that does.
class SpareLists {
 public:
  using List = std::vector<std::string>;

  SpareLists() = default;
  SpareLists(const SpareLists&) = delete;
  SpareLists& operator=(const SpareLists&) = delete;
  ~SpareLists() {
    room_ = 0;  // what ends later on this thread goes its own way
    while (count_ > 0) lists_[--count_] = {};
  }

  [[nodiscard]] List take() {
    if (count_ == 0) return List(1);
    return std::move(lists_[--count_]);
  }
  void give(List list) {
    if (count_ == room_ || list.size() != 1 || list[0].capacity() > kBlockBytesKept) return;
    list[0].clear();
    lists_[count_++] = std::move(list);
  }

 private:
  /// With AddressSanitizer nothing is kept, so that it sees every use after the end.
#if defined(__SANITIZE_ADDRESS__)
  static constexpr std::size_t kListsKept = 0;
#else
  static constexpr std::size_t kListsKept = 16;
#endif
  static constexpr std::size_t kBlockBytesKept = 4 * kKiB;

  std::array<List, kListsKept + 1> lists_;
  std::size_t count_ = 0;
  std::size_t room_ = kListsKept;
};

SpareLists& spare_lists() {
  thread_local SpareLists lists;
  return lists;
}

}  // namespace

/// The block that small pieces are appended to.
std::string& Outbox::open() {
  if (blocks_.empty()) {
    blocks_ = spare_lists().take();
  } else if (blocks_.back().size() >= kJoinBytes) {
    blocks_.emplace_back();
  }
  return blocks_.back();
}

void Outbox::add(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!blocks_.empty() && blocks_.back().size() + bytes.size() > kJoinBytes) {
    size_ += bytes.size();
    blocks_.emplace_back(bytes);
    return;
  }
  append([bytes](std::string& block) { block.append(bytes); });
}

void Outbox::add_block(std::string block) {
  if (block.size() < kKiB) {
    add(block);
    return;
  }
  size_ += block.size();
  blocks_.push_back(std::move(block));
}

Outbox::Flush Outbox::flush(net::Stream& stream) {
  while (size_ > 0) {
    std::array<std::string_view, kPieces> pieces;
    std::size_t count = 0;
    for (std::size_t i = first_; i < blocks_.size() && count < pieces.size(); ++i) {
      pieces[count++] = std::string_view(blocks_[i]).substr(i == first_ ? offset_ : 0);
    }
    const net::IoResult result = stream.write(std::span(pieces).first(count));
    switch (result.kind) {
      case net::IoResult::Kind::done: drop(result.bytes); break;
      case net::IoResult::Kind::would_block: return Flush::blocked;
      case net::IoResult::Kind::end:
      case net::IoResult::Kind::failed: return Flush::failed;
    }
  }
  return Flush::empty;
}

void Outbox::drop(std::size_t bytes) {
  size_ -= bytes;
  written_ += bytes;
  if (size_ == 0) {
    clear();
    return;
  }
  while (bytes >= blocks_[first_].size() - offset_) {
    bytes -= blocks_[first_].size() - offset_;
    offset_ = 0;
    release_memory(blocks_[first_++]);
  }
  offset_ += bytes;
  if (first_ > kPieces) {
    blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Outbox::clear() {
  if (!blocks_.empty()) spare_lists().give(std::exchange(blocks_, {}));
  first_ = offset_ = size_ = 0;
}

}  // namespace tally::proxy
