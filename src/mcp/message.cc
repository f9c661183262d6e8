// SPDX-License-Identifier: Apache-2.0
#include "mcp/message.h"

#include "base/limits.h"
#include "mcp/key_check.h"

#include <algorithm>
#include <array>

namespace tally::mcp {
namespace {

/// Members by which receivers decide what to do; a variant of one of them may be taken for it.
constexpr std::array<std::string_view, 6> kMessageKeys{"jsonrpc", "id",     "method",
                                                       "params",  "result", "error"};
constexpr std::array<std::string_view, 16> kParamKeys{
    "name",         "uri",           "arguments", "_meta",
    "requestId",    "progressToken", "taskId",    "inputResponses",
    "requestState", "task",          "cursor",    "protocolVersion",
    "ref",          "level",         "messages",  "url"};
constexpr std::array<std::string_view, 10> kResultKeys{
    "isError", "content",      "structuredContent", "resultType", "tools",
    "task",    "requestState", "nextCursor",        "taskId",     "inputRequests"};
constexpr std::array<std::string_view, 3> kErrorKeys{"code", "message", "data"};
constexpr KnownKeys kKnownOfMessage{kMessageKeys};
constexpr KnownKeys kKnownOfParams{kParamKeys};
constexpr KnownKeys kKnownOfResult{kResultKeys};
constexpr KnownKeys kKnownOfError{kErrorKeys};
constexpr KnownKeys kKnownOfNothing;

/// Depth of the root's members' members: enough for the message, params, result and error of one
/// message.
constexpr std::size_t kMessageDepth = 2;
/// One level more, because the messages stand in an array.
constexpr std::size_t kBatchDepth = 3;
constexpr std::size_t kNodesKept = 4096;

bool first_is_bracket(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '[';
}

/// Members of one message, first occurrence each; a repeated one is found by check_keys().
struct Members {
  std::optional<json::Value> jsonrpc, id, method, params, result, error;
  bool clean = true;  ///< there is nothing to find: each member is another one of these
};

Members members_of(json::Value object) {
  Members m;
  // In the order of kMessageKeys.
  const std::array<std::optional<json::Value>*, kMessageKeys.size()> slots{
      &m.jsonrpc, &m.id, &m.method, &m.params, &m.result, &m.error};
  for (const json::Value child : object.children()) {
    const std::size_t index = child.key_is_escaped() ? kKnownOfMessage.index_of(child.key())
                                                     : kKnownOfMessage.index_of(child.key_raw());
    if (index < slots.size() && !slots[index]->has_value()) {
      slots[index]->emplace(child);
      m.clean = m.clean && !child.key_is_escaped();
    } else {
      m.clean = false;
    }
  }
  return m;
}

void check_id(const Members& m, Message& out) {
  if (!m.id) return;
  out.id = m.id->raw();
  const bool null = m.id->is(json::Kind::null);
  if (null && out.shape == Shape::request)
    add_violation(out.violations, ViolationKind::null_id, "id");
  if (!null && !m.id->is(json::Kind::string) && !m.id->is(json::Kind::number)) {
    add_violation(out.violations, ViolationKind::bad_id, "id");
  }
  if (out.id.size() > kIdBytesMax) add_violation(out.violations, ViolationKind::long_id, "id");
}

void check_error(Message& out) {
  if (!out.error) return;
  const auto code = out.error_member("code");
  const bool integer = code && code->is(json::Kind::number) &&
                       code->raw().find_first_of(".eE") == std::string_view::npos;
  if (!integer) add_violation(out.violations, ViolationKind::bad_error, "error.code");
}

/// JSON-RPC 2.0, section 4 to 5.1: which of the three it is, from the members it has.
Shape shape_of(const Members& m, std::vector<Violation>& found) {
  const bool answer = m.result || m.error;
  if (m.method && answer) {
    add_violation(found, ViolationKind::unknown_shape, "both a method and an answer");
    return Shape::malformed;
  }
  if (m.method && !m.method->is(json::Kind::string)) {
    add_violation(found, ViolationKind::unknown_shape, "method is not a string");
    return Shape::malformed;
  }
  if (m.method) return m.id ? Shape::request : Shape::notification;
  if (!answer) {
    add_violation(found, ViolationKind::unknown_shape, "neither a method nor an answer");
    return Shape::malformed;
  }
  if (m.result && m.error) add_violation(found, ViolationKind::result_and_error, "result");
  if (!m.id) add_violation(found, ViolationKind::missing_id, "id");
  return Shape::response;
}

void check_version(const Members& m, std::vector<Violation>& found) {
  if (!m.jsonrpc) {
    add_violation(found, ViolationKind::missing_jsonrpc, "jsonrpc");
  } else if (!m.jsonrpc->text_is("2.0")) {
    add_violation(found, ViolationKind::wrong_jsonrpc, "jsonrpc");
  }
}

/// check_keys() of params or result, and their key_forms().
std::uint64_t check_members(json::Value object, const KnownKeys& known, std::string_view path,
                            std::vector<Violation>& found) {
  const KeyLook look = look_at_keys(object, known);
  if (!look.clean) check_keys(object, known, KeyRule::protocol, path, found);
  return look.forms;
}

/// Repeated keys one level down: in the arguments (theirs, so case is theirs too) and in _meta.
void check_inside(const Message& message, std::string_view name, json::Document& scratch,
                  std::vector<Violation>& found) {
  const auto object = message.param(name);
  if (!object || !object->is(json::Kind::object)) return;
  const auto indexed = expand(*object, scratch, 1);
  if (!indexed || has_clean_keys(*indexed, kKnownOfNothing, KeyRule::exact)) return;
  check_keys(*indexed, kKnownOfNothing, KeyRule::exact, "params." + std::string(name), found);
}

void check_params(Message& out, json::Document& scratch) {
  if (!out.params) return;
  if (!out.params->is(json::Kind::object)) {
    add_violation(out.violations, ViolationKind::bad_params, "params");
    return;
  }
  out.param_forms = check_members(*out.params, kKnownOfParams, "params", out.violations);
  check_inside(out, "arguments", scratch, out.violations);
  check_inside(out, "_meta", scratch, out.violations);
}

}  // namespace

Parsed& MessageReader::read(std::string_view text) {
  parsed_.batch = false;
  parsed_.messages.clear();
  const bool batch = first_is_bracket(text);
  std::size_t depth = batch ? kBatchDepth : kMessageDepth;
  if (text.size() <= kFrameBytesIndexedWhole) depth = kJsonDepthMax;
  const auto root = document_.parse(text, {.depth_indexed = depth});
  if (!root) {
    read_unparsable(text, ViolationKind::unparsable, root.error().detail);
    return parsed_;
  }
  if (!batch) {
    read_one(*root);
  } else {
    read_batch(text, *root);
  }
  if (document_.has_lone_surrogate()) {
    for (Message& m : parsed_.messages) {
      add_violation(m.violations, ViolationKind::lone_surrogate, "");
    }
  }
  return parsed_;
}

void MessageReader::read_batch(std::string_view text, json::Value root) {
  const auto elements = root.children();
  std::size_t count = 0;
  for (auto it = elements.begin(); it != elements.end(); ++it) ++count;
  if (count == 0) {
    read_unparsable(text, ViolationKind::empty_batch, "");
  } else if (count > kBatchMessagesMax) {
    read_unparsable(text, ViolationKind::batch_too_long, std::to_string(count) + " elements");
  } else {
    parsed_.batch = true;
    parsed_.messages.reserve(count);
    for (const json::Value element : elements) read_one(element);
  }
}

void MessageReader::read_one(json::Value value) {
  Message& out = parsed_.messages.emplace_back();
  out.raw = value.raw();
  if (!value.is(json::Kind::object)) {
    add_violation(out.violations, ViolationKind::unknown_shape, "not an object");
    return;
  }
  const Members m = members_of(value);
  if (!m.clean) check_keys(value, kKnownOfMessage, KeyRule::protocol, "", out.violations);
  out.shape = shape_of(m, out.violations);
  if (m.method) out.method = m.method->text_start(kNameBytesSeen);
  out.params = m.params;
  out.result = m.result;
  out.error = m.error;
  check_version(m, out.violations);
  check_id(m, out);
  check_params(out, scratch_);
  if (out.result) {
    out.result_forms = check_members(*out.result, kKnownOfResult, "result", out.violations);
  }
  if (out.error) check_keys(*out.error, kKnownOfError, KeyRule::protocol, "error", out.violations);
  check_error(out);
}

void MessageReader::read_unparsable(std::string_view text, ViolationKind kind,
                                    std::string_view why) {
  Message& out = parsed_.messages.emplace_back();
  out.raw = text;
  add_violation(out.violations, kind, why);
}

void MessageReader::shrink() {
  document_.shrink(kNodesKept);
  scratch_.shrink(kNodesKept);
  if (parsed_.messages.capacity() > 16) parsed_.messages = std::vector<Message>();
}

std::optional<json::Value> expand(json::Value value, json::Document& into, std::size_t depth) {
  if (value.is_listed_whole()) return value;
  auto parsed = into.parse(value.raw(), {.depth_indexed = depth});
  if (!parsed) return std::nullopt;
  return *parsed;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace tally::mcp
