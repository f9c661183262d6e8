// SPDX-License-Identifier: Apache-2.0
#include "record/target.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "record/preview.h"
#include "redact/redact.h"

namespace tally::record {
namespace {

constexpr std::size_t kTargetNameBytesMax = 512;

std::string text_param(const mcp::Message& message, std::string_view name) {
  const auto value = message.param(name);
  return value ? value->text_start(kNameBytesSeen) : std::string();
}

std::string uri_param(const mcp::Message& message) {
  const auto value = message.param("uri");
  return value ? value->text_start(kPayloadStartBytes) : std::string();
}

Target named(const Context& context, std::string type, std::string name) {
  if (name.empty()) return server_target(context);
  name = cut_text(name, kTargetNameBytesMax);
  return {std::move(type), context.server_name() + '/' + name, std::move(name)};
}

Target resource(const Context& context, const std::string& uri,
                std::vector<event::Redaction>& redactions) {
  return named(context, "resource",
               redact::redact_url(uri, "target_name",
                                  {.redactions = redactions, .digest = &context.digest()}));
}

/// completion/complete: {"ref":{"type":"ref/prompt","name":…}} or {"type":"ref/resource","uri":…}.
Target completed_target(const Context& context, const mcp::Message& message,
                        std::vector<event::Redaction>& redactions) {
  const auto ref = message.param("ref");
  json::Document scratch;
  const auto indexed = ref ? mcp::expand(*ref, scratch, 1) : std::nullopt;
  if (indexed) {
    if (const auto uri = indexed->find("uri")) {
      return resource(context, uri->text_start(kPayloadStartBytes), redactions);
    }
    if (const auto name = indexed->find("name")) {
      return named(context, "prompt", name->text_start(kNameBytesSeen));
    }
  }
  return server_target(context);
}

}  // namespace

std::string called_tool(const mcp::Message& message) {
  return message.method == "tools/call" ? text_param(message, "name") : std::string();
}

Target server_target(const Context& context) {
  return {"server", context.server_name(), context.server_name()};
}

Target client_target(const Context& context) {
  return {"client", context.client_name(), context.client_name()};
}

Target target_of(const Context& context, const mcp::Message& message, mcp::Category category,
                 mcp::Direction direction, std::vector<event::Redaction>& redactions) {
  if (direction == mcp::Direction::s2c) return client_target(context);
  switch (category) {
    case mcp::Category::call: return named(context, "tool", text_param(message, "name"));
    case mcp::Category::prompt: return named(context, "prompt", text_param(message, "name"));
    case mcp::Category::read: return resource(context, uri_param(message), redactions);
    case mcp::Category::subscription:
      if (message.param("uri")) return resource(context, uri_param(message), redactions);
      return server_target(context);
    case mcp::Category::completion: return completed_target(context, message, redactions);
    case mcp::Category::task: {
      const auto id = message.param("taskId");
      if (!id || id->body().empty()) return server_target(context);
      return named(context, "task", context.digest().of_json_string(id->body()));
    }
    case mcp::Category::lifecycle:
    case mcp::Category::ping:
    case mcp::Category::list:
    case mcp::Category::logging:
    case mcp::Category::progress:
    case mcp::Category::cancellation:
    case mcp::Category::sampling:
    case mcp::Category::elicitation:
    case mcp::Category::change:
    case mcp::Category::unknown: return server_target(context);
  }
  return server_target(context);
}

void set_target(event::Event& event, Target target) {
  event.target_type = std::move(target.type);
  event.target_id = std::move(target.id);
  event.target_name = std::move(target.name);
}

}  // namespace tally::record
