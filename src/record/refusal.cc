// SPDX-License-Identifier: Apache-2.0
#include "record/refusal.h"

#include "base/limits.h"

namespace tally::record {
namespace {

/// An id longer than this is not sent back: nothing that expects an answer makes one.
constexpr std::size_t kIdBytesMax = 4 * kKiB;

std::string error_for(std::string_view raw_id) {
  if (raw_id.size() > kIdBytesMax) raw_id = {};
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out += raw_id.empty() ? std::string_view("null") : raw_id;
  out += R"(,"error":{"code":-32603,"message":"Internal error"}})";
  return out;
}

bool expects_answer(const mcp::Message& message) {
  return message.shape == mcp::Shape::request || message.shape == mcp::Shape::malformed;
}

}  // namespace

std::string refusal_for(const mcp::Parsed& parsed) {
  std::string out;
  for (const mcp::Message& message : parsed.messages) {
    if (!expects_answer(message)) continue;
    if (!out.empty()) out += ',';
    out += error_for(message.id);
  }
  if (out.empty()) return out;
  if (parsed.batch) out = '[' + out + ']';
  return out + '\n';
}

std::string refusal_without_id() { return error_for({}) + '\n'; }

}  // namespace tally::record
