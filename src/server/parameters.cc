// SPDX-License-Identifier: Apache-2.0
#include "server/parameters.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "base/random.h"
#include "http/target.h"
#include "index/expression.h"

#include <algorithm>
#include <charconv>

namespace tally::server {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  // Canonical: what a client wrote is what it gets back in links.
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

const Parameters::Value* Parameters::find(std::string_view name) const {
  const auto at = std::ranges::find_if(
      values_, [name](const Value& value) { return value.parameter->name == name; });
  return at == values_.end() ? nullptr : &*at;
}

std::optional<std::string_view> Parameters::text(std::string_view name) const {
  const Value* const value = find(name);
  return value == nullptr ? std::nullopt : std::optional<std::string_view>(value->text);
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) const {
  const Value* const value = find(name);
  return value == nullptr ? std::nullopt : std::optional(value->number);
}

bool Parameters::boolean(std::string_view name, bool fallback) const {
  const Value* const value = find(name);
  return value == nullptr ? fallback : value->number != 0;
}

std::optional<WallTime> Parameters::time(std::string_view name) const {
  const Value* const value = find(name);
  if (value == nullptr) return std::nullopt;
  return WallTime(std::chrono::microseconds(value->number));
}

std::optional<ParameterFault> ParameterReader::add(const Parameter& parameter, std::string text) {
  const std::string name(parameter.name);
  Parameters::Value value{&parameter, std::move(text)};
  const std::string& given = value.text;
  const std::size_t bytes_max =
      parameter.bytes_max == 0 ? kApiParameterBytesMax : parameter.bytes_max;
  const auto fault = [&name](std::string detail) {
    return ParameterFault{name, std::move(detail)};
  };
  if (out_.find(name) != nullptr) return fault("stands there twice; give it once");
  if (given.empty()) return fault("is empty; leave it out, or give a value");
  if (given.size() > bytes_max) {
    return fault("has more than " + std::to_string(bytes_max) + " bytes");
  }
  if (!is_utf8(given) || std::ranges::any_of(given, is_control)) {
    return fault("must be UTF-8 text without control characters");
  }
  switch (parameter.kind) {
    case ParameterKind::text: break;
    case ParameterKind::word:
      if (std::ranges::find(parameter.words, given) == parameter.words.end()) {
        return fault("must be one of " + joined(parameter.words));
      }
      break;
    case ParameterKind::integer: {
      const auto number = parse_integer(given);
      if (!number || *number < parameter.low || *number > parameter.high) {
        return fault("must be a whole number from " + std::to_string(parameter.low) + " to " +
                     std::to_string(parameter.high));
      }
      value.number = *number;
      break;
    }
    case ParameterKind::boolean:
      if (given != "true" && given != "false") return fault("must be true or false");
      value.number = given == "true" ? 1 : 0;
      break;
    case ParameterKind::time: {
      const auto time = index::parse_time_argument(given, now_);
      if (!time) {
        return fault(
            "must be a time: 2026-11-21T19:00:00Z, 2026-11-21, -15m or now-1h; without a zone it "
            "is UTC");
      }
      value.number = time->time_since_epoch().count();
      break;
    }
    case ParameterKind::uuid:
      if (!is_uuid(given)) return fault("must be a UUID in lower case");
      break;
  }
  out_.values_.push_back(std::move(value));
  return std::nullopt;
}

std::optional<ParameterFault> ParameterReader::read_path(const Operation& operation,
                                                         const std::vector<std::string>& segments) {
  TALLY_CHECK(segments.size() == operation.path_parameters.size());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (auto fault = add(operation.path_parameters[i], segments[i])) return fault;
  }
  return std::nullopt;
}

std::optional<ParameterFault> ParameterReader::read_query(const Operation& operation,
                                                          std::string_view query) {
  if (query.empty()) return std::nullopt;
  http::QueryParameters given = http::query_parameters(query);
  if (!given.complete) {
    return ParameterFault{"", "more than " + std::to_string(kQueryParametersMax) + " parameters"};
  }
  for (http::QueryParameter& each : given.list) {
    if (each.raw_name.empty() && each.raw_value.empty()) continue;  // "a=1&&b=2"
    const auto at = std::ranges::find(operation.query, each.name, &Parameter::name);
    if (at != operation.query.end()) {
      if (auto fault = add(*at, std::move(each.value))) return fault;
      continue;
    }
    std::vector<std::string> names;
    for (const Parameter& parameter : operation.query) names.emplace_back(parameter.name);
    const std::string meant = nearest(each.name, names);
    return ParameterFault{
        utf8_repair(utf8_prefix(each.name, 64)),
        "there is no such parameter" + (meant.empty() ? "" : "; did you mean " + meant + "?")};
  }
  return std::nullopt;
}

}  // namespace tally::server
