// SPDX-License-Identifier: Apache-2.0
#include "record/request_payload.h"

#include "base/json_writer.h"
#include "record/json_start.h"
#include "record/response_payload.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>

namespace tally::record {
namespace {

using C = mcp::Category;

/// A key is a name; of a longer one only this is looked at, and none that we know is so long.
constexpr std::size_t kKeyBytesMax = 256;

enum class How : std::uint8_t {
  skip,  ///< it is elsewhere in the record
  id,    ///< identifies: kept at every level
  scalar,
  json,
  answers,  ///< what users and models answered
  handle,   ///< keyed digest of a string
};

/// One member of params with a field of its own.
struct Member {
  std::optional<C> category;  ///< nullopt: in every category
  std::string_view name;
  std::string_view field;
  How how;
};

constexpr std::array<Member, 30> kMembers{{
    {std::nullopt, "_meta", "", How::skip},
    {std::nullopt, "requestState", "request_state", How::handle},
    {std::nullopt, "inputResponses", "input_responses", How::answers},
    {C::call, "name", "", How::skip},
    {C::call, "task", "task_requested", How::json},
    {C::prompt, "name", "", How::skip},
    {C::read, "uri", "uri", How::scalar},
    {C::subscription, "uri", "uri", How::scalar},
    {C::change, "uri", "uri", How::scalar},
    {C::list, "cursor", "cursor", How::scalar},
    {C::lifecycle, "protocolVersion", "requested_version", How::scalar},
    {C::lifecycle, "capabilities", "capabilities", How::json},
    {C::lifecycle, "clientInfo", "", How::skip},
    {C::sampling, "task", "task_requested", How::json},
    {C::elicitation, "task", "task_requested", How::json},
    {C::elicitation, "mode", "mode", How::scalar},
    {C::elicitation, "elicitationId", "elicitation_id", How::id},
    {C::task, "taskId", "task", How::handle},
    {C::task, "status", "task_status", How::scalar},
    {C::task, "task", "task_requested", How::json},
    {C::progress, "progressToken", "progress_token", How::id},
    {C::progress, "progress", "progress", How::scalar},
    {C::progress, "total", "total", How::scalar},
    {C::progress, "message", "message", How::scalar},
    {C::cancellation, "requestId", "cancelled_id", How::id},
    {C::cancellation, "reason", "reason", How::scalar},
    {C::call, "arguments", "arguments", How::json},
    {C::prompt, "arguments", "arguments", How::json},
    {C::logging, "level", "level", How::scalar},
    {C::logging, "logger", "logger", How::scalar},
}};

/// The place of the member in kMembers; their number: it has no field of its own.
std::size_t member_for(C category, std::string_view name) {
  const auto at = std::ranges::find_if(kMembers, [category, name](const Member& m) {
    return m.name == name && (!m.category || *m.category == category);
  });
  return static_cast<std::size_t>(at - kMembers.begin());
}

std::size_t member_for(C category, json::Value child) {
  if (child.key_is_escaped()) return member_for(category, child.key_start(kKeyBytesMax));
  return member_for(category, child.key_raw());
}

bool is_argument(const Member& m) { return m.field == "arguments"; }

void capture_handle(Capture capture, std::string_view field, json::Value value) {
  const bool string = value.is(json::Kind::string);
  capture.members.string(
      field, string ? capture.digest.of_json_string(value.body()) : capture.digest(value.raw()));
  capture.redactions.push_back(
      {"details." + std::string(field), "mcp:" + std::string(field), "hash"});
}

void capture_member(Capture capture, const Member& member, json::Value value,
                    const RequestPayloadOptions& options) {
  switch (member.how) {
    case How::skip: return;
    case How::id: capture_scalar(capture, member.field, value); return;
    case How::handle: capture_handle(capture, member.field, value); return;
    case How::scalar:
      if (options.payloads) capture_scalar(capture, member.field, value);
      return;
    case How::answers:
      if (options.payloads) {
        capture_json(capture, member.field, value, hides_of_answers(),
                     {.bytes_max = kFieldBytesMax});
      }
      return;
    case How::json:
      if (options.payloads) {
        capture_json(
            capture, member.field, value, {},
            is_argument(member) ? options.arguments : PayloadCaps{.bytes_max = kFieldBytesMax});
      }
      return;
  }
}

/// Members without a field of their own, as an object. Put together, or given in parts when they
/// are too large for that.
class Rest {
 public:
  void add(json::Value value) {
    members_.push_back(value);
    bytes_ += value.key_raw().size() + value.raw().size() + std::string_view(R"(,"":)").size();
  }
  [[nodiscard]] bool empty() const { return members_.empty(); }

  void capture(Capture capture, std::string_view name, std::span<const HideRule> rules,
               PayloadCaps caps) const {
    if (bytes_ <= kWholePayloadBytesMax) {
      std::string text;
      text.reserve(bytes_ + 1);
      write([&text](std::string_view part) { text += part; });
      return capture_json(capture, name, text, rules, caps);
    }
    const std::string path = "details." + std::string(name);
    auto digest = capture.digest.stream();
    write([&digest](std::string_view part) { digest.update(part); });
    capture.members.raw(
        std::string(name) + "_digest",
        start_json(start(capture, path, rules), bytes_ + 1, digest.finish(), caps.preview_bytes_max,
                   path, capture.digest, capture.redactions));
  }

 private:
  template <class Out>
  void write(Out out) const {
    std::string_view open = "{\"";
    for (const json::Value member : members_) {
      out(open);
      out(member.key_raw());
      out("\":");
      out(member.raw());
      open = ",\"";
    }
    out("}");
  }

  /// json_start() of an object that exists only in parts: of each member as an object of its own.
  [[nodiscard]] std::string start(Capture capture, std::string_view path,
                                  std::span<const HideRule> rules) const {
    const Hiding hiding(rules, capture.digest, capture.redactions);
    std::string out;
    for (const json::Value member : members_) {
      if (out.size() >= kPayloadStartBytes) break;
      const std::string key = member.key_start(kKeyBytesMax);
      out += out.empty() ? '{' : ',';
      json::append_string(out, key);
      out += ':';
      const std::string here = std::string(path) + '.' + key;
      const HideRule* rule = hiding.rule_for(key);
      if (rule != nullptr && hiding.replace(member.raw(), *rule, here, out)) continue;
      out += json_start(member.raw(), rules, here, capture.digest, capture.redactions,
                        kPayloadStartBytes - std::min(out.size(), kPayloadStartBytes));
    }
    return out + '}';
  }

  std::vector<json::Value> members_;
  std::size_t bytes_ = 0;
};

}  // namespace

void capture_params(Capture capture, const mcp::Message& message, mcp::Category category,
                    RequestPayloadOptions options) {
  if (!message.params) return;
  if (!message.params->is(json::Kind::object)) {
    if (options.payloads) {
      capture_json(capture, "arguments", *message.params, hides_of_requests(), options.arguments);
    }
    return;
  }
  if (category == C::task) {
    capture_task_outcome(capture, message.param("result"), message.param("error"));
  }
  const bool has_arguments = category == C::call || category == C::prompt;
  Rest rest;
  std::bitset<kMembers.size()> captured;
  for (const json::Value child : message.params->children()) {
    const std::size_t index = member_for(category, child);
    if (index == kMembers.size()) {
      if (options.payloads) rest.add(child);
    } else if (!captured.test(index)) {
      captured.set(index);
      capture_member(capture, kMembers[index], child, options);
    }
  }
  if (rest.empty()) return;
  const auto hides = category == C::task ? hides_of_tasks() : hides_of_requests();
  // Whatever else a call or prompt brings is the rarity: its own arguments keep the name.
  rest.capture(capture, has_arguments ? "other_params" : "arguments", hides,
               has_arguments ? PayloadCaps{.bytes_max = kFieldBytesMax} : options.arguments);
}

}  // namespace tally::record
