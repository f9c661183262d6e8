// SPDX-License-Identifier: Apache-2.0
#include "record/elicitation_check.h"

#include "base/limits.h"
#include "record/address_check.h"
#include "redact/keys.h"

#include <string>

namespace tally::record {
namespace {

/// Longer addresses are judged by this much of them: scheme and host come first.
constexpr std::size_t kUrlBytesSeen = 4 * kKiB;
/// A schema, its properties, and what these are.
constexpr std::size_t kSchemaDepth = 2;

/// Names that are ordinary words too (code, pass) count only where they cannot be anything else.
bool names_a_secret(std::string_view name) {
  const redact::KeyMatch match = redact::match_key(name);
  if (match.rule.empty() || match.excuse != redact::Excuse::nothing) return false;
  return !match.weak || match.rule == "pin" || match.rule == "otp";
}

void check_form(mcp::Message& message, json::Value schema) {
  json::Document document;
  const auto indexed = mcp::expand(schema, document, kSchemaDepth);
  const auto properties = indexed ? indexed->find("properties") : std::nullopt;
  if (!properties || !properties->is(json::Kind::object)) return;
  for (const json::Value property : properties->children()) {
    const std::string name = property.key_start(kNameBytesSeen);
    if (!names_a_secret(name)) continue;
    mcp::add_violation(message.violations, mcp::ViolationKind::secret_requested, name);
  }
}

}  // namespace

void check_elicitation(mcp::Message& message, const std::optional<json::Value>& params) {
  if (!params || !params->is(json::Kind::object)) return;
  if (const auto schema = params->find("requestedSchema")) check_form(message, *schema);
  const auto url = params->find("url");
  if (!url || !url->is(json::Kind::string)) return;
  const std::string_view risk = url_risk(url->text_start(kUrlBytesSeen), false);
  if (risk.empty()) return;
  mcp::add_violation(message.violations, mcp::ViolationKind::unsafe_url,
                     "url: " + std::string(risk));
}

}  // namespace tally::record
