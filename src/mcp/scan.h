// SPDX-License-Identifier: Apache-2.0
// Looks through a message that is too long to be held: finds what pairs it and what came of it,
// keeps nothing else.
#pragma once

#include "base/limits.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::mcp {

/// What a scan found. Texts are cut at 256 bytes; `id` is raw and empty when it was longer.
struct Scanned {
  std::string id;
  std::string method;
  std::string name;        ///< params.name
  std::string error_code;  ///< raw
  std::string result_type;
  std::optional<bool> is_error;
  /// Of a task that a result tells about: result.status, result.result.isError and
  /// result.error.code (raw; "null": an error without one).
  std::string task_status;
  std::optional<bool> task_is_error;
  std::string task_error_code;
  bool has_result = false;
  bool has_error = false;
  /// No JSON object, cut off, or nested beyond kJsonDepthMax: what was found before is still there.
  bool broken = false;

  [[nodiscard]] bool is_request() const { return !broken && !method.empty() && !id.empty(); }
  [[nodiscard]] bool is_notification() const { return !broken && !method.empty() && id.empty(); }
  [[nodiscard]] bool is_response() const {
    return !broken && method.empty() && !id.empty() && (has_result || has_error);
  }
};

/// Reads one JSON object, or a batch of them, in pieces. Checks structure only as far as it needs
/// to know where it is. Of a repeated key the first counts. Not thread-safe.
class MessageScanner {
 public:
  void feed(std::string_view bytes);
  /// The object must be complete by now. Of a batch only `broken` is said here.
  const Scanned& finish();
  /// Whether it is an array (JSON-RPC batch); known once its first character was read.
  [[nodiscard]] bool is_batch() const { return base_ > 0; }
  /// The elements of a batch, at most kBatchMessagesMax; one that is no object is broken.
  [[nodiscard]] const std::vector<Scanned>& elements() const { return elements_; }
  /// How many there were.
  [[nodiscard]] std::size_t element_count() const { return element_count_; }

 private:
  enum class State : std::uint8_t {
    value,
    first_key,
    key,
    in_key,
    colon,
    in_string,
    in_scalar,
    after
  };

  void step(char c);
  void begin_value(char c);
  void after_value(char c);
  void push(bool object);
  void end_value();
  void end_element();
  void settle();
  /// Depth inside the message.
  [[nodiscard]] std::size_t level() const { return depth_ < base_ ? 0 : depth_ - base_; }
  void fail() { found_.broken = true; }
  [[nodiscard]] std::string* wanted();
  [[nodiscard]] std::string* wanted_of_task();
  static std::size_t skip_string(std::string_view bytes);

  Scanned found_;
  State state_ = State::value;
  std::bitset<kJsonDepthMax + 1> objects_;
  std::size_t depth_ = 0;
  std::size_t mark_ = 0;  // bytes of a byte order mark
  std::size_t base_ = 0;  // 1: the messages stand in an array
  std::vector<Scanned> elements_;
  std::size_t element_count_ = 0;
  bool no_object_ = false;  // the element that is being read
  bool escaped_ = false;
  bool done_ = false;
  bool keep_ = false;  // the value being read is one that is wanted
  bool too_long_ = false;
  std::string text_;       // raw key or wanted value
  std::string top_key_;    // at level 1
  std::string inner_key_;  // at level 2
  std::string third_key_;  // at level 3
  std::string flag_;       // raw text of result.isError
  std::string task_flag_;  // raw text of result.result.isError
  std::string* target_ = nullptr;
};

}  // namespace tally::mcp
