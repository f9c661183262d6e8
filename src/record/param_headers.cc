// SPDX-License-Identifier: Apache-2.0
#include "record/param_headers.h"

#include "base/json.h"
#include "base/limits.h"
#include "event/json_scan.h"
#include "http/chars.h"
#include "record/header_check.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tally::record {
namespace {

constexpr std::string_view kPrefix = "Mcp-Param-";
constexpr std::string_view kDeclaration = "x-mcp-header";
/// Schemas nest further in bad faith only.
constexpr std::size_t kPathMax = 16;
constexpr std::size_t kHeaderNameBytesMax = 128;
/// Some 50 ms; a message is 16 MiB at most.
constexpr std::size_t kBytesLookedAtMax = 8 * kMessageBytesMax;

bool may_be_declared(json::Value schema) {
  const auto type = schema.find("type");
  // `number` makes the definition invalid, and servers compare it all the same.
  return type && (type->text_is("string") || type->text_is("integer") || type->text_is("boolean") ||
                  type->text_is("number"));
}

void walk(json::Value schema, std::vector<std::string>& path, std::vector<mcp::ParamHeader>& out) {
  const auto properties = schema.find("properties");
  if (!properties || !properties->is(json::Kind::object) || path.size() >= kPathMax) return;
  for (const json::Value property : properties->children()) {
    if (out.size() >= kParamHeadersMax) return;
    if (!property.is(json::Kind::object)) continue;
    path.push_back(property.key_start(kNameBytesSeen));
    const auto name = property.find(kDeclaration);
    if (name && !name->body().empty() && may_be_declared(property)) {
      out.push_back({name->text_start(kHeaderNameBytesMax), path});
    }
    walk(property, path, out);
    path.pop_back();
  }
}

/// Finds arguments in a text that was checked before. Nothing is listed, so what else stands there
/// cannot make it fail; but the text that is looked through for one message is bounded.
class ArgumentFinder {
 public:
  explicit ArgumentFinder(std::string_view arguments) : arguments_(arguments) {}

  /// Raw text of the value; nullopt: none, or `exhausted`.
  std::optional<std::string_view> at(const std::vector<std::string>& path) {
    std::string_view here = arguments_;
    for (const std::string& key : path) {
      looked_at_ += here.size();
      if (exhausted() || !here.starts_with('{')) return std::nullopt;
      const auto member = member_of(here, key);
      if (!member) return std::nullopt;
      here = *member;
    }
    return here;
  }
  [[nodiscard]] bool exhausted() const { return looked_at_ > kBytesLookedAtMax; }

 private:
  static std::optional<std::string_view> member_of(std::string_view object,
                                                   const std::string& key) {
    event::MemberScan members(object);
    std::string storage;
    while (members.next()) {
      const std::string_view quoted(members.key().data() - 1, members.key().size() + 2);
      if ((members.key_escaped() ? event::string_text(quoted, storage) : members.key()) == key) {
        return members.raw();
      }
    }
    return std::nullopt;
  }
  const std::string_view arguments_;
  std::size_t looked_at_ = 0;
};

bool is_repeated_by_headers(std::string_view value) {
  return value != "null" && !value.starts_with('{') && !value.starts_with('[');
}

std::optional<double> number_in(std::string_view text) {
  double out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

/// 42 and 42.0 are the same number (SEP-2243).
bool same_value(const std::string& stated, json::Value value) {
  if (value.is(json::Kind::string)) return value.text_is(stated);
  if (value.raw() == stated) return true;
  if (!value.is(json::Kind::number)) return false;
  const auto number = number_in(stated);
  return number && number == number_in(value.raw());
}

bool states(const Party& party, const mcp::ParamHeader& header) {
  return std::ranges::any_of(party.stated_params, [&header](const StatedParam& one) {
    return http::equal_no_case(one.name, header.name);
  });
}

bool repeats(const Party& party, const mcp::ParamHeader& header, std::string_view raw) {
  json::Document document;
  const auto value = document.parse(raw, {.depth_indexed = 0});
  if (!value) return false;
  const StatedParam* found = nullptr;
  for (const StatedParam& one : party.stated_params) {
    if (!http::equal_no_case(one.name, header.name)) continue;
    if (found != nullptr) return false;
    found = &one;
  }
  if (found == nullptr) return false;
  const auto decoded = decode_header_value(found->value);
  return decoded && same_value(*decoded, *value);
}

}  // namespace

std::vector<mcp::ParamHeader> declared_headers(json::Value tool) {
  std::vector<mcp::ParamHeader> out;
  const auto schema = tool.find("inputSchema");
  std::vector<std::string> path;
  if (schema && schema->is(json::Kind::object)) walk(*schema, path, out);
  return out;
}

std::vector<StatedParam> stated_params(const http::FieldList& fields) {
  std::vector<StatedParam> out;
  for (const http::Field field : fields) {
    if (field.name.size() <= kPrefix.size() || !http::starts_with_no_case(field.name, kPrefix)) {
      continue;
    }
    if (out.size() >= kParamHeadersMax) break;
    out.push_back({std::string(field.name.substr(kPrefix.size())), std::string(field.value)});
  }
  return out;
}

void compare_param_headers(const Party& party, mcp::Message& message,
                           std::span<const mcp::ParamHeader> declared) {
  const auto given = declared.empty() ? std::nullopt : message.param("arguments");
  if (!given || !given->is(json::Kind::object)) return;
  ArgumentFinder arguments(given->raw());
  for (const mcp::ParamHeader& header : declared) {
    const auto value = arguments.at(header.path);
    if (value ? !is_repeated_by_headers(*value) || repeats(party, header, *value)
              : !arguments.exhausted() || !states(party, header)) {
      continue;
    }
    mcp::add_violation(message.violations, mcp::ViolationKind::header_mismatch,
                       std::string(kPrefix) + header.name);
  }
}

}  // namespace tally::record
