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

}  // namespace

void Outbox::add(std::string_view bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  if (!blocks_.empty() && blocks_.back().size() + bytes.size() <= kJoinBytes) {
    blocks_.back().append(bytes);
    return;
  }
  blocks_.emplace_back(bytes);
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
    blocks_ = {};
    first_ = offset_ = 0;
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
  blocks_ = {};
  first_ = offset_ = size_ = 0;
}

}  // namespace tally::proxy
