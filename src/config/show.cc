// SPDX-License-Identifier: Apache-2.0
#include "config/show.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "config/setting.h"
#include "crypto/hash.h"

#include <algorithm>

namespace tally::config {
namespace {

std::string code(std::string_view text) {
  if (text.empty()) return "";
  std::string out = "`";
  // A bar would end the cell.
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out + '`';
}

template <class Target>
std::string table(std::span<const Setting<Target>> rows) {
  std::string out =
      "| setting | value | default | flag | environment | meaning |\n"
      "|---|---|---|---|---|---|\n";
  const Target defaults;
  for (const auto& row : rows) {
    if (row.set == nullptr) continue;
    const bool needed = row.key == "listen" || row.key == "upstream";
    const bool of_proxy = std::is_same_v<Target, ProxyConfig>;
    const std::string value = row.key == "proxies" || (needed && of_proxy) ? "" : row.get(defaults);
    out += "| " + code(row.key) + " | " + (row.value.empty() ? "true\\|false" : code(row.value)) +
           " | " + code(value == "[]" ? "" : value) + " | " + code(row.flag) + " | " +
           code(row.environment) + " | " + std::string(row.help) + " |\n";
  }
  return out;
}

std::string missing_list() {
  std::string out;
  for (const auto& row : serve_settings()) {
    if (row.set != nullptr) continue;
    out += "- " + code(row.environment) + " (" + code(row.key) + ")";
    out += row.missing_switch ? ", except `false`\n" : "\n";
  }
  return out;
}

}  // namespace

std::string values_text(std::span<const Effective> values) {
  std::size_t keys = 0;
  std::size_t texts = 0;
  constexpr std::size_t kWidest = 48;
  for (const Effective& value : values) {
    keys = std::max(keys, value.key.size());
    texts = std::max(texts, std::min(value.value.size(), kWidest));
  }
  std::string out;
  for (const Effective& value : values) {
    out += value.key + std::string(keys - value.key.size() + 2, ' ');
    const std::string shown = value.value.empty() ? "-" : value.value;
    out += shown + std::string(texts > shown.size() ? texts - shown.size() + 2 : 2, ' ');
    out += value.origin + '\n';
  }
  return out;
}

std::string values_json(std::span<const Effective> values) {
  std::string out;
  json::ObjectWriter json(out);
  json.key("settings");
  out += '[';
  for (const Effective& value : values) {
    if (&value != values.data()) out += ',';
    json::ObjectWriter one(out);
    one.string("key", value.key);
    one.string("value", value.value);
    one.string("origin", value.origin);
    one.end();
  }
  out += ']';
  json.end();
  return out;
}

std::string settings_digest(std::span<const Effective> values) {
  std::string text;
  for (const Effective& value : values) {
    json::append_string(text, value.key);
    text += ':';
    json::append_string(text, value.value);
    text += '\n';
  }
  return to_hex(crypto::sha256(as_bytes(text)).bytes());
}

std::string settings_markdown() {
  return "### The process\n\n" + table(serve_settings()) +
         "\n### Each proxy\n\nIn YAML these stand in each item of `proxies`; as flags and in the "
         "environment they hold for every proxy.\n\n" +
         table(proxy_settings()) +
         "\n### Not in this version\n\nSet, these are an error at start:\n\n" + missing_list();
}

}  // namespace tally::config
