// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 as MCP uses it: what one frame says, with everything that is odd about it left
// visible.
#pragma once

#include "base/json.h"
#include "mcp/key_check.h"
#include "mcp/violation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::mcp {

enum class Shape : std::uint8_t {
  request,
  notification,
  response,
  malformed,  ///< valid JSON or not: none of the three
};

/// One message. Views and values point into the reader and the text it was given.
struct Message {
  Shape shape = Shape::malformed;
  std::string_view raw;  ///< the whole message as it stands on the wire
  std::string_view id;   ///< raw text, so that 1 and "1" differ; empty when there is none
  std::string method;    ///< unescaped, at most kNameBytesSeen; of a malformed message too
  std::optional<json::Value> params;  ///< as sent, of any kind
  std::optional<json::Value> result;
  std::optional<json::Value> error;
  std::vector<Violation> violations;
  /// key_forms() of params and result; all bits: not known.
  std::uint64_t param_forms = ~std::uint64_t{0}, result_forms = ~std::uint64_t{0};

  /// Member of params; nullopt when params is no object. Its own children need not be indexed: see
  /// expand(). Inline, because most of what is asked for is not there, and the form of a literal
  /// costs nothing.
  [[nodiscard]] std::optional<json::Value> param(std::string_view name) const {
    if (!params || (param_forms & key_form(name)) == 0) return std::nullopt;
    return params->find(name);
  }
  [[nodiscard]] std::optional<json::Value> result_member(std::string_view name) const {
    if (!result || (result_forms & key_form(name)) == 0) return std::nullopt;
    return result->find(name);
  }
  [[nodiscard]] std::optional<json::Value> error_member(std::string_view name) const {
    return error ? error->find(name) : std::nullopt;
  }
};

/// What a frame holds.
struct Parsed {
  bool batch = false;
  /// One message, or the elements of a batch. A frame that is no JSON gives one malformed message;
  /// so does a batch that is empty or too long (then `batch` is false: there are no elements to
  /// speak of).
  std::vector<Message> messages;
};

/// Most frames are shorter, and their index is then a hundred kilobytes at worst; nobody has to
/// parse a part of them again.
inline constexpr std::size_t kFrameBytesIndexedWhole = 8 * kKiB;

/// Largest id that is kept and paired by its whole text.
inline constexpr std::size_t kIdBytesMax = 256;

/// Reads frames. Reusable; not thread-safe. Frames of up to kFrameBytesIndexedWhole are indexed to
/// the bottom; of larger ones only members of the message and of params, result and error are.
/// Depth and grammar are checked to the end.
class MessageReader {
 public:
  /// `text` is one frame without its line end and must outlive what is returned, which is valid
  /// until the next call. Never fails: what is wrong is in Message::violations, to which the caller
  /// may add.
  [[nodiscard]] Parsed& read(std::string_view text);
  /// Gives back what a large frame needed.
  void shrink();

 private:
  void read_batch(std::string_view text, json::Value root);
  void read_one(json::Value value);
  void read_unparsable(std::string_view text, ViolationKind kind, std::string_view why);

  json::Document document_;
  json::Document scratch_;  // for one look into a value below the indexed levels
  Parsed parsed_;
};

/// The levels below a value: itself when they are indexed, else value.raw() is parsed into `into`.
/// nullopt only when it holds more values than json::Options allows.
[[nodiscard]] std::optional<json::Value> expand(json::Value value, json::Document& into,
                                                std::size_t depth = 2);

/// Whether the text of a frame is nothing but white space: no message at all.
[[nodiscard]] bool is_blank(std::string_view text);

}  // namespace tally::mcp
