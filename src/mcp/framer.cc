// SPDX-License-Identifier: Apache-2.0
#include "mcp/framer.h"

#include "base/check.h"

namespace tally::mcp {
namespace {

/// A buffer that one long line needed is given back above this size.
constexpr std::size_t kHeldBytesKept = 64 * kKiB;

Frame frame_of(std::string_view bytes, bool ended) {
  std::string_view text = bytes;
  if (ended) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return {bytes, text, ended};
}

}  // namespace

void Framer::feed(std::string_view bytes) {
  TALLY_CHECK(input_.empty());
  TALLY_CHECK(!finished_);
  drop_delivered();
  input_ = bytes;
}

void Framer::drop_delivered() {
  if (!delivered_) return;
  delivered_ = false;
  if (held_.capacity() > kHeldBytesKept) {
    // An assignment from an empty string would keep the memory (libstdc++).
    std::string().swap(held_);
  } else {
    held_.clear();
  }
}

void Framer::hold(std::string_view bytes) {
  // Room grows in halvings of the limit, not in doublings of the start: old and new buffer together
  // then never need more than one line of the limit, LF included.
  std::size_t room = frame_bytes_max_ + 1;
  while (room / 2 >= held_.size() + bytes.size()) room /= 2;
  if (room > held_.capacity()) held_.reserve(room);
  held_ += bytes;
}

FrameStep Framer::next() {
  drop_delivered();
  if (input_.empty()) return finished_ ? at_end() : FrameStep(NeedBytes{});
  if (oversize_) return oversize_step();
  const std::size_t lf = input_.find('\n');
  return lf == std::string_view::npos ? no_line_end() : line_end(lf + 1);
}

FrameStep Framer::line_end(std::size_t line_bytes) {
  if (held_.size() + line_bytes - 1 > frame_bytes_max_) {
    oversize_ = true;
    if (held_.empty()) {
      oversize_ = false;
      const std::string_view bytes = input_.substr(0, line_bytes);
      input_.remove_prefix(line_bytes);
      return OversizePart{bytes, true, true, true};
    }
    delivered_ = true;
    return OversizePart{held_, true, false, false};
  }
  const std::string_view piece = input_.substr(0, line_bytes);
  input_.remove_prefix(line_bytes);
  if (held_.empty()) return frame_of(piece, true);
  hold(piece);
  delivered_ = true;
  return frame_of(held_, true);
}

FrameStep Framer::no_line_end() {
  if (held_.size() + input_.size() <= frame_bytes_max_) {
    hold(input_);
    input_ = {};
    return NeedBytes{};
  }
  oversize_ = true;
  if (held_.empty()) {
    const std::string_view bytes = input_;
    input_ = {};
    return OversizePart{bytes, true, false, false};
  }
  delivered_ = true;
  return OversizePart{held_, true, false, false};
}

FrameStep Framer::oversize_step() {
  const std::size_t lf = input_.find('\n');
  const bool last = lf != std::string_view::npos;
  const std::string_view bytes = last ? input_.substr(0, lf + 1) : input_;
  input_.remove_prefix(bytes.size());
  if (last) oversize_ = false;
  return OversizePart{bytes, false, last, last};
}

FrameStep Framer::at_end() {
  if (oversize_) {
    oversize_ = false;
    return OversizePart{{}, false, true, false};
  }
  if (held_.empty()) return NeedBytes{};
  delivered_ = true;
  return frame_of(held_, false);
}

}  // namespace tally::mcp
