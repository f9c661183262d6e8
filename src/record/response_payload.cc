// SPDX-License-Identifier: Apache-2.0
#include "record/response_payload.h"

#include <array>

namespace tally::record {
namespace {

using C = mcp::Category;

/// A member of result with a field of its own.
struct Member {
  C category;
  std::string_view name;
  std::string_view field;
  bool digest_only = false;  ///< long text that matters only when it changes
};

constexpr std::array<Member, 10> kMembers{{
    {C::lifecycle, "capabilities", "server_capabilities"},
    {C::lifecycle, "supportedVersions", "supported_versions"},
    {C::lifecycle, "instructions", "instructions_digest", true},
    {C::list, "nextCursor", "next_cursor"},
    {C::sampling, "model", "model"},
    {C::sampling, "stopReason", "stop_reason"},
    {C::sampling, "role", "role"},
    {C::elicitation, "action", "user_action"},
    {C::task, "status", "task_status"},
    {C::task, "statusMessage", "task_message"},
}};

void capture_members(Capture capture, const mcp::Message& response, C category) {
  for (const Member& member : kMembers) {
    if (member.category != category) continue;
    const auto value = response.result_member(member.name);
    if (!value) continue;
    if (member.digest_only) {
      capture.members.string(member.field, capture.digest.of_json_string(value->body()));
    } else {
      capture_scalar(capture, member.field, *value);
    }
  }
}

/// How many elements the list of a list result has.
void capture_count(Capture capture, const mcp::Message& response) {
  for (const std::string_view name :
       {"tools", "resources", "resourceTemplates", "prompts", "roots", "tasks"}) {
    const auto list = response.result_member(name);
    if (!list || !list->is(json::Kind::array)) continue;
    json::Document document;
    const auto indexed = mcp::expand(*list, document, 1);
    if (!indexed) return;
    std::uint64_t count = 0;
    const auto children = indexed->children();
    for (auto at = children.begin(); at != children.end(); ++at) ++count;
    capture.members.number("count", count);
    return;
  }
}

/// What a user or a model answered is kept by size and digest; so is what a client's task ended
/// with, because only sampling and elicitation make tasks of the client. Of the handshake
/// everything has a field.
bool is_only_digest(C category, mcp::Direction direction) {
  return category == C::sampling || category == C::elicitation || category == C::lifecycle ||
         (category == C::task && direction == mcp::Direction::s2c);
}

std::span<const HideRule> hides_for(C category, const mcp::Outcome& outcome) {
  if (outcome.kind == mcp::OutcomeKind::input_required) return hides_of_requests();
  if (category == C::unknown) return hides_of_everything();
  return hides_of_results();
}

void capture_error(Capture capture, const mcp::Message& response) {
  const auto data = response.error_member("data");
  if (!data) return;
  capture_json(capture, "error_data", *data, hides_of_requests(), {.bytes_max = kFieldBytesMax});
}

}  // namespace

void capture_task_outcome(Capture capture, const std::optional<json::Value>& result,
                          const std::optional<json::Value>& error) {
  json::Document document;
  Members outcome;
  if (const auto code = mcp::member_of(error, "code", document);
      code && code->is(json::Kind::number)) {
    outcome.raw("rpc_error", code->raw());
  }
  if (const auto flag = mcp::member_of(result, "isError", document);
      flag && flag->is(json::Kind::boolean)) {
    outcome.boolean("is_error", flag->is_true());
  }
  if (!outcome.empty()) capture.members.raw("task_outcome", outcome.object());
}

std::string capture_response(Capture capture, const mcp::Message& response,
                             const mcp::Outcome& outcome, mcp::Category category,
                             mcp::Direction direction) {
  if (response.error) {
    capture_error(capture, response);
    return {};
  }
  if (!response.result) return {};
  capture_members(capture, response, category);
  if (category == C::task) {
    capture_task_outcome(capture, response.result_member("result"),
                         response.result_member("error"));
  }
  if (category == C::list) capture_count(capture, response);
  const std::string_view raw = response.result->raw();
  if (raw == "{}") return {};
  if (category == C::list && response.result_member("tools")) {
    // The definitions are listed with their digests; this one says that nothing else was in the
    // page.
    Members result;
    result.number("bytes", raw.size());
    result.string("digest", redact::plain_digest(raw));
    capture.members.raw("result", result.object());
    return {};
  }
  const bool answered = outcome.kind == mcp::OutcomeKind::success || !outcome.task_status.empty();
  if (is_only_digest(category, direction) && answered) {
    Members result;
    result.number("bytes", raw.size());
    result.string("digest", capture.digest(raw));
    capture.members.raw("result", result.object());
    return {};
  }
  return capture_result(capture, *response.result, category, hides_for(category, outcome)).text;
}

}  // namespace tally::record
