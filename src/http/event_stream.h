// SPDX-License-Identifier: Apache-2.0
// Server-Sent Events (WHATWG HTML, section 9.2) read along a stream that is forwarded untouched:
// events as a client would see them, however the bytes are cut, never held beyond one event.
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::http {

/// One event or part of one. Views are valid until the next call of next().
struct StreamEvent {
  std::string_view type;  ///< "message" where the stream names none
  std::string_view data;  ///< lines joined by LF; may be empty (priming events have only an id)
  std::string_view id;    ///< last event id, which an event without `id` inherits
  std::optional<std::uint64_t> retry_ms;  ///< `retry` that stood in this block
  std::uint64_t bytes = 0;                ///< of the data, of this event so far

  /// The first event of a legacy HTTP+SSE stream: its data is the address that the client posts to.
  [[nodiscard]] bool is_endpoint() const { return type == "endpoint"; }
};

struct StreamStep {
  enum class State : std::uint8_t {
    need_more,  ///< the input is used up
    event,      ///< a whole event
    part,       ///< part of the data of an event that is too long to be held: `event.data`
    last_part,  ///< its end; `event.data` may be empty; type and id are known now
    block,      ///< a block that dispatches nothing but changed `id` or `retry`
  };
  State state = State::need_more;
  StreamEvent event;
};

/// Reads one stream. Copies only what was split between two inputs or has several data lines. Not
/// thread-safe.
class EventStreamReader {
 public:
  explicit EventStreamReader(std::size_t event_bytes_max = kMessageBytesMax)
      : event_bytes_max_(event_bytes_max) {}

  /// Takes from the front of `input`; call until need_more. `input` must stay as it is until then.
  [[nodiscard]] StreamStep next(std::string_view& input);
  /// Whether the end of the stream now would cut an event off (clients then discard it).
  [[nodiscard]] bool in_event() const;
  /// Bytes kept because their event is not complete.
  [[nodiscard]] std::size_t held() const;

 private:
  enum class Phase : std::uint8_t {
    mark,     // a byte order mark may stand at the start of the stream
    name,     // at the start of a line, or in its field name
    data,     // value of a data line
    value,    // value of another field that counts
    ignored,  // a comment or unknown field, to the end of the line
  };
  using MaybeStep = std::optional<StreamStep>;

  bool skip_mark(std::string_view& input);
  MaybeStep take_name(std::string_view& input);
  MaybeStep take_data(std::string_view& input);
  void take_value(std::string_view& input);
  void drop_space(std::string_view& input);
  std::size_t line_size(std::string_view input);
  bool end_line(std::string_view& input);
  void begin_value();
  MaybeStep spill(std::size_t more);
  MaybeStep add_data(std::string_view bytes);
  void keep_view();
  void end_field();
  MaybeStep end_block();
  StreamStep step_of(StreamStep::State state, std::string_view data);
  void forget_delivered();

  std::size_t event_bytes_max_;
  Phase phase_ = Phase::mark;
  std::string name_;   // field name so far, when a cut split it; also bytes that may become a mark
  std::string value_;  // of event, id or retry
  std::string type_, id_;
  std::string data_;       // of the event so far, unless
  std::string_view view_;  // all of it stands in the input
  std::uint64_t data_bytes_ = 0;
  std::optional<std::uint64_t> retry_ms_;
  const char* line_feed_ = nullptr;  // first LF of the rest of the input, its end if none
  bool skip_line_feed_ = false;      // the last line ended with CR
  bool skip_space_ = false;          // one space after the colon is no part of the value
  bool join_ = false;                // a LF is due before more data
  bool has_data_ = false;            // a data line came in this block
  bool changed_ = false;             // an id or retry came in this block
  bool oversize_ = false;            // the event is given in parts
  bool delivered_data_ = false;      // data_ was given out by the last step
  bool delivered_event_ = false;     // the block ended with the last step
};

}  // namespace tally::http
