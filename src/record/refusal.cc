// SPDX-License-Identifier: Apache-2.0
#include "record/refusal.h"

#include "base/limits.h"

#include <algorithm>

namespace tally::record {
namespace {

/// An id longer than this is not sent back: nothing that expects an answer makes one.
constexpr std::size_t kIdBytesMax = 4 * kKiB;

/// Brackets of a batch, line end, and the null in place of an id.
constexpr std::size_t kAroundBytes = 8;
constexpr std::string_view kErrorStart = R"({"jsonrpc":"2.0","id":)";
constexpr std::string_view kErrorEnd = R"(,"error":{"code":-32603,"message":"Internal error"}})";

void append_error(std::string& out, std::string_view raw_id) {
  if (raw_id.size() > kIdBytesMax) raw_id = {};
  out += kErrorStart;
  out += raw_id.empty() ? std::string_view("null") : raw_id;
  out += kErrorEnd;
}

bool expects_answer(const mcp::Message& message) {
  return message.shape == mcp::Shape::request || message.shape == mcp::Shape::malformed;
}

}  // namespace

/// Made for everything that waits for its record, and hardly ever used: in one piece.
std::string refusal_for(const mcp::Parsed& parsed) {
  std::string out;
  std::size_t answers = 0;
  for (const mcp::Message& message : parsed.messages) {
    if (!expects_answer(message)) continue;
    if (answers++ > 0) {
      out += ',';
    } else {
      out.reserve(kErrorStart.size() + std::min(message.id.size(), kIdBytesMax) + kErrorEnd.size() +
                  kAroundBytes);
      if (parsed.batch) out += '[';
    }
    append_error(out, message.id);
  }
  if (answers == 0) return out;
  if (parsed.batch) out += ']';
  out += '\n';
  return out;
}

std::string refusal_without_id() {
  std::string out;
  append_error(out, {});
  out += '\n';
  return out;
}

}  // namespace tally::record
