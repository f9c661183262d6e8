// SPDX-License-Identifier: Apache-2.0
#include "mcp/meta.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "mcp/exchange_table.h"

#include <algorithm>

namespace tally::mcp {
namespace {

constexpr std::string_view kPrefix = "io.modelcontextprotocol/";
constexpr std::size_t kNameBytesMax = 256;
/// None of the keys we know is longer, however it is escaped.
constexpr std::size_t kKeyBytesMax = 512;
/// W3C Trace Context: version 00 has 55 bytes, later ones may have more.
constexpr std::size_t kTraceparentBytesSeen = 64;

std::string short_text(const std::optional<json::Value>& value) {
  if (!value) return {};
  return value->text_start(kNameBytesMax);
}

std::optional<Implementation> implementation_of(json::Value object) {
  const auto name = object.find("name");
  if (!name || !name->is(json::Kind::string)) return std::nullopt;
  return Implementation{short_text(name), short_text(object.find("version"))};
}

void read_own(std::string_view key, json::Value value, Meta& out) {
  if (key == "protocolVersion") {
    if (value.is(json::Kind::string)) out.protocol_version = short_text(value);
  } else if (key == "clientInfo") {
    out.client = implementation_of(value);
  } else if (key == "clientCapabilities") {
    out.client_capabilities = value.raw();
  } else if (key == "serverInfo") {
    out.server = implementation_of(value);
  } else if (key == "subscriptionId") {
    out.subscription_id = pairing_id(value.raw());
  } else if (key == "related-task") {
    const auto id = value.find("taskId");
    if (id) out.related_task = id->text_start(kNameBytesSeen);
  }
}

}  // namespace

Meta read_meta(const Message& message, json::Document& scratch) {
  Meta out;
  const auto meta = message.params ? message.param("_meta") : message.result_member("_meta");
  if (!meta || !meta->is(json::Kind::object)) return out;
  const auto indexed = expand(*meta, scratch, 2);
  if (!indexed) return out;
  for (const json::Value child : indexed->children()) {
    if (child.key_raw().size() > kKeyBytesMax) continue;
    const std::string key = child.key();
    if (key.starts_with(kPrefix)) {
      read_own(std::string_view(key).substr(kPrefix.size()), child, out);
    } else if (key == "progressToken") {
      if (child.is(json::Kind::string) || child.is(json::Kind::number)) {
        out.progress_token = pairing_id(child.raw());
      }
    } else if (key == "traceparent") {
      out.trace_id = trace_id_of(child.text_start(kTraceparentBytesSeen));
    }
  }
  return out;
}

std::optional<Implementation> read_implementation(json::Value value, json::Document& scratch) {
  if (!value.is(json::Kind::object)) return std::nullopt;
  const auto indexed = expand(value, scratch, 1);
  return indexed ? implementation_of(*indexed) : std::nullopt;
}

std::string trace_id_of(std::string_view traceparent) {
  // W3C Trace Context, section 3.2: version "-" trace-id "-" parent-id "-" flags, lower-case hex.
  constexpr std::size_t kTraceparentBytes = 55;
  if (traceparent.size() < kTraceparentBytes || traceparent[2] != '-' || traceparent[35] != '-') {
    return {};
  }
  const std::string_view id = traceparent.substr(3, 32);
  if (!from_hex(id) || std::ranges::all_of(id, [](char c) { return c == '0'; })) return {};
  return std::string(id);
}

}  // namespace tally::mcp
