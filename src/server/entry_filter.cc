// SPDX-License-Identifier: Apache-2.0
#include "server/entry_filter.h"

#include "base/check.h"
#include "index/query_keys.h"
#include "server/entry_parameters.h"

#include <algorithm>
#include <limits>

namespace tally::server {
namespace {

using index::Key;

std::string_view name_of(Key key) {
  for (const index::QueryKey& each : index::query_keys()) {
    if (each.key == key) return each.name;
  }
  TALLY_CHECK(!"a key without a name");
}

/// A word of a fixed list means what it means in an expression, order and all.
index::Expression word_filter(Key key, std::string_view word) {
  auto out = index::parse_expression(std::string(name_of(key)) + ':' + std::string(word), {});
  TALLY_CHECK(out.has_value());
  return std::move(*out);
}

/// Relative times of a later page mean what they meant on the first.
std::optional<std::int64_t> time_of(const Request& request, std::string_view name, WallTime now) {
  const auto text = request.parameters.text(name);
  if (!text) return std::nullopt;
  const auto time = index::parse_time_argument(*text, now);
  TALLY_CHECK(time.has_value());  // the table of operations let it through
  return time->time_since_epoch().count();
}

std::optional<Answer> add_times(const Request& request, WallTime now,
                                std::optional<std::chrono::hours> default_age,
                                index::Filter& filter) {
  index::Range range{std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max()};
  const auto start = time_of(request, "start_time", now);
  const auto end = time_of(request, "end_time", now);
  if (start && end && *end <= *start) {
    return parameter_problem("end_time", "must be later than start_time", 400);
  }
  if (end) range.high = *end - 1;
  if (start) {
    range.low = *start;
  } else if (default_age) {
    range.low = end.value_or(now.time_since_epoch().count()) -
                std::chrono::microseconds(*default_age).count();
  }
  if (start || end || default_age) filter.all.push_back({{index::time_term(range)}});
  return std::nullopt;
}

}  // namespace

Answer parameter_problem(std::string_view parameter, const std::string& detail, int status) {
  return problem(status, std::string(parameter) + ": " + detail,
                 ",\"parameter\":\"" + std::string(parameter) + '"');
}

std::variant<index::Filter, Answer> entry_filter(const Request& request, WallTime now,
                                                 const redact::KeyedDigest& digest,
                                                 std::optional<std::chrono::hours> default_age) {
  index::Filter out;
  const auto hash = [&digest](std::string_view id) {
    return id.starts_with("hmac:") ? std::string(id) : digest(id);
  };
  for (const Parameters::Value& value : request.parameters.all()) {
    const auto at = std::ranges::find(kFieldParameters, value.parameter->name,
                                      [](const auto& f) { return f.first; });
    if (at == kFieldParameters.end()) continue;
    if (value.parameter->kind == ParameterKind::word) {
      out.all.push_back(word_filter(at->second, value.text));
    } else {
      const bool session = at->second == Key::session;
      out.all.push_back({{index::exact_term(at->second, session ? hash(value.text) : value.text)}});
    }
  }
  if (const auto text = request.parameters.text("q")) {
    auto expression = index::parse_expression(*text, {now, hash});
    if (!expression) return parameter_problem("q", expression.error().detail);
    out.all.push_back(std::move(*expression));
  }
  if (auto wrong = add_times(request, now, default_age, out)) return std::move(*wrong);
  TALLY_CHECK(request.principal.has_value());
  if (!request.principal->scope.everything()) out.servers = request.principal->scope.servers;
  return out;
}

}  // namespace tally::server
