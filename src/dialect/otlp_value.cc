// SPDX-License-Identifier: Apache-2.0
#include "dialect/otlp_value.h"

#include "base/encoding.h"
#include "base/json_writer.h"

#include <map>
#include <optional>
#include <vector>

namespace tally::dialect {
namespace {

using json::Kind;
using json::Value;

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > 19 || (text.size() > 1 && text[0] == '0')) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Value> only_member(Value object) {
  std::optional<Value> out;
  if (!object.is(Kind::object)) return out;
  for (const Value member : object.children()) {
    if (out) return std::nullopt;
    out = member;
  }
  return out;
}

void append_array(std::string& out, Value holder) {
  const auto values = holder.find("values");
  if (!values || !values->is(Kind::array)) {
    out += "[]";
    return;
  }
  out += '[';
  bool first = true;
  for (const Value each : values->children()) {
    if (!first) out += ',';
    first = false;
    append_any_value(out, each);
  }
  out += ']';
}

/// An array or a list holds nothing but `values`.
bool holds_values(Value holder) {
  if (!holder.is(Kind::object)) return false;
  for (const Value member : holder.children()) {
    if (!member.key_is("values") || !member.is(Kind::array)) return false;
  }
  return json::ambiguous_key(holder) == std::nullopt;
}

}  // namespace

bool read_uint64(Value value, std::uint64_t& out) {
  const bool text = value.is(Kind::string);
  if (!text && !value.is(Kind::number)) return false;
  const auto number = parse_decimal(text ? value.body() : value.raw());
  if (number) out = *number;
  return number.has_value();
}

void append_any_value(std::string& out, Value value) {
  const auto one = only_member(value);
  if (one && one->key_is("stringValue") && one->is(Kind::string)) {
    out += one->raw();
  } else if (one && one->key_is("boolValue") && one->is(Kind::boolean)) {
    out += one->raw();
  } else if (one && one->key_is("intValue") && one->is(Kind::string) && is_integer(one->body())) {
    out += one->body();
  } else if (one && (one->key_is("intValue") || one->key_is("doubleValue")) &&
             (one->is(Kind::number) || one->is(Kind::string))) {
    out += one->raw();
  } else if (one && one->key_is("bytesValue") && one->is(Kind::string)) {
    out += one->raw();
  } else if (one && one->key_is("arrayValue") && holds_values(*one)) {
    append_array(out, *one);
  } else if (one && one->key_is("kvlistValue") && holds_values(*one)) {
    const auto values = one->find("values");
    if (values) {
      append_attributes(out, *values);
    } else {
      out += "{}";
    }
  } else if (value.is(Kind::object) && value.raw().size() <= 2) {
    out += "null";  // an empty value
  } else {
    out += value.raw();
  }
}

void append_attributes(std::string& out, Value list) {
  if (!list.is(Kind::array)) {
    out += list.raw();
    return;
  }
  std::vector<std::string> keys;  // in order
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  for (const Value each : list.children()) {
    const bool object = each.is(Kind::object);
    const auto key = object ? each.find("key") : std::nullopt;
    const auto value = object ? each.find("value") : std::nullopt;
    const std::string name = key ? key->text() : std::string();
    std::string text;
    // What is not as it should be is kept whole, under its key.
    const bool sound = key && key->is(Kind::string) && value;
    std::size_t members = 0;
    if (object) {
      for ([[maybe_unused]] const Value member : each.children()) ++members;
    }
    if (sound && members == 2) {
      append_any_value(text, *value);
    } else if (sound || !(object && key && key->is(Kind::string) && members == 1)) {
      text = each.raw();
    } else {
      text = "null";  // a key without a value
    }
    auto& of_key = values[name];
    if (of_key.empty()) keys.push_back(name);
    of_key.push_back(std::move(text));
  }
  json::ObjectWriter writer(out);
  for (const std::string& key : keys) {
    const auto& of_key = values.find(key)->second;
    writer.key(key);
    if (of_key.size() > 1) out += '[';
    for (std::size_t i = 0; i < of_key.size(); ++i) out.append(i == 0 ? "" : ",").append(of_key[i]);
    if (of_key.size() > 1) out += ']';
  }
  writer.end();
}

}  // namespace tally::dialect
