// SPDX-License-Identifier: Apache-2.0
// Frames of the stdio transport: one JSON-RPC message per line. Every byte that goes in comes out
// again, in order, because the relay forwards what it was given and the audit reads along.
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace tally::mcp {

/// Nothing more to give: feed() again, or the input is at its end.
struct NeedBytes {};

/// One line. `bytes` is what the relay forwards (LF included); `text` the same without LF and
/// without one CR before it. `ended` is false for a last line that the end of the input cut off.
struct Frame {
  std::string_view bytes;
  std::string_view text;
  bool ended = true;
};

/// Part of a line that is longer than we inspect. The parts of one line follow each other; `bytes`
/// may be empty in the last one. `ended` has a meaning in the last part only: whether a LF came.
struct OversizePart {
  std::string_view bytes;
  bool first = false;
  bool last = false;
  bool ended = false;
};

using FrameStep = std::variant<NeedBytes, Frame, OversizePart>;

/// Cuts a byte stream into lines (MCP, transports, stdio). Works for any cut of the input, copies
/// only lines that were split between two feeds, holds at most one line of `frame_bytes_max`. Not
/// thread-safe.
class Framer {
 public:
  explicit Framer(std::size_t frame_bytes_max = kMessageBytesMax)
      : frame_bytes_max_(frame_bytes_max) {}

  /// Hands over the next bytes of the stream. They must stay as they are until next() said
  /// NeedBytes, and all steps of the bytes before them must have been taken.
  void feed(std::string_view bytes);
  /// The stream is at its end: next() gives what is left, then NeedBytes for ever.
  void finish() { finished_ = true; }

  /// The next step. Views in it are valid until the next call of next() or feed().
  [[nodiscard]] FrameStep next();

  /// Another limit from the next feed() on, for callers whose memory is shared.
  void set_frame_bytes_max(std::size_t bytes) { frame_bytes_max_ = bytes; }
  /// Bytes kept because their line is not complete.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  FrameStep line_end(std::size_t line_bytes);
  FrameStep no_line_end();
  FrameStep oversize_step();
  FrameStep at_end();
  void drop_delivered();
  void hold(std::string_view bytes);

  std::size_t frame_bytes_max_;
  std::string_view input_;  // fed, not yet looked at
  std::string held_;        // start of a line that an earlier feed left unfinished
  bool delivered_ = false;  // held_ was given out by the last step
  bool oversize_ = false;   // inside a line that is too long
  bool finished_ = false;
};

}  // namespace tally::mcp
