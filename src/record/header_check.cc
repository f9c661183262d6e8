// SPDX-License-Identifier: Apache-2.0
#include "record/header_check.h"

#include "base/encoding.h"

namespace tally::record {
namespace {

constexpr std::string_view kSentinelStart = "=?base64?";
constexpr std::string_view kSentinelEnd = "?=";

void mismatch(mcp::Message& message, std::string_view header) {
  mcp::add_violation(message.violations, mcp::ViolationKind::header_mismatch, header);
}

/// The member of params that Mcp-Name repeats; empty for methods that have none.
std::string_view named_by(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel") {
    return "taskId";
  }
  return {};
}

bool same_name(const std::string& stated, const mcp::Message& message) {
  const std::string_view member = named_by(message.method);
  if (member.empty()) return true;
  const auto name = message.param(member);
  if (!name || !name->is(json::Kind::string)) return false;
  const auto decoded = decode_header_value(stated);
  return decoded && *decoded == name->text();
}

}  // namespace

bool is_stateless_version(std::string_view version) {
  constexpr std::string_view kFirst = "2026-07-28";
  return version.size() == kFirst.size() && version >= kFirst && version < "3000" &&
         version[4] == '-' && version[7] == '-';
}

std::optional<std::string> decode_header_value(std::string_view value) {
  if (!value.starts_with(kSentinelStart) || !value.ends_with(kSentinelEnd) ||
      value.size() < kSentinelStart.size() + kSentinelEnd.size()) {
    return std::string(value);
  }
  value.remove_prefix(kSentinelStart.size());
  value.remove_suffix(kSentinelEnd.size());
  return from_base64(value);
}

void compare_headers(const Party& party, mcp::Message& message, const mcp::Meta& meta,
                     const mcp::VersionTracker& versions) {
  if (party.stated_method && *party.stated_method != message.method) {
    mismatch(message, "Mcp-Method");
  }
  if (party.stated_name && !same_name(*party.stated_name, message)) mismatch(message, "Mcp-Name");
  if (!party.stated_version) return;
  if (meta.protocol_version) {
    if (*party.stated_version != *meta.protocol_version) mismatch(message, "MCP-Protocol-Version");
    return;
  }
  const std::string& negotiated = versions.negotiated_text();
  if (!negotiated.empty() && message.method != "initialize" &&
      negotiated != *party.stated_version) {
    mismatch(message, "MCP-Protocol-Version");
  }
}

}  // namespace tally::record
