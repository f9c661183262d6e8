// SPDX-License-Identifier: Apache-2.0
#include "server/stats_json.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/json_writer.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

namespace tally::server {
namespace {

using index::Key;
using index::MeasuredFacet;
using index::MeasuredValue;
using json::ObjectWriter;

/// As the field is called in entries; a tool, resource, prompt, server or client is in several.
constexpr std::array<std::string_view, kStatsKeys.size()> kNames{
    "event_name",     "event_type", "event_action", "event_result", "status",      "severity",
    "severity_level", "actor_id",   "actor_type",   "actor_ip",     "target_type", "tool",
    "resource",       "prompt",     "server",       "client"};

std::string_view name_of(Key key) {
  for (std::size_t i = 0; i < kStatsKeys.size(); ++i) {
    if (kStatsKeys[i].key == key) return kNames[i];
  }
  TALLY_CHECK(!"a key without a name");
}

const MeasuredFacet& facet_of(const index::Statistics& statistics, Key key) {
  const auto at = std::ranges::find(statistics.keys, key, &MeasuredFacet::key);
  TALLY_CHECK(at != statistics.keys.end());
  return *at;
}

std::string time_text(std::int64_t micros) {
  return format_time(WallTime(std::chrono::microseconds(micros)));
}

void write_bounded(ObjectWriter& out, std::string_view name, std::uint64_t value, bool exact) {
  out.key(name);
  ObjectWriter both(out.out());
  both.number("value", value);
  both.string("relation", exact ? "exact" : "at_least");
  both.end();
}

/// failed / count with four decimals; null of nothing.
void write_rate(ObjectWriter& out, std::uint64_t failed, std::uint64_t count) {
  if (count == 0) {
    out.null("error_rate");
    return;
  }
  std::array<char, 32> text;
  const double rate = static_cast<double>(failed) / static_cast<double>(count);
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), rate, std::chars_format::fixed, 4);
  out.raw("error_rate", {text.data(), end.ptr});
}

void write_latency(ObjectWriter& out, const index::Durations& durations) {
  if (durations.count == 0) {
    out.null("latency");
    return;
  }
  out.key("latency");
  ObjectWriter latency(out.out());
  latency.number("count", durations.count);
  latency.milliseconds("p50_ms", durations.p50);
  latency.milliseconds("p90_ms", durations.p90);
  latency.milliseconds("p95_ms", durations.p95);
  latency.milliseconds("p99_ms", durations.p99);
  latency.milliseconds("max_ms", durations.max);
  latency.end();
}

/// {"success":3,...}
void write_counts(ObjectWriter& out, std::string_view name, const MeasuredFacet& facet) {
  out.key(name);
  ObjectWriter counts(out.out());
  for (const MeasuredValue& each : facet.values) counts.number(each.value.text, each.value.count);
  counts.end();
}

std::span<const MeasuredValue> first_of(const MeasuredFacet& facet, std::size_t top) {
  return std::span(facet.values).first(std::min(top, facet.values.size()));
}

/// [{"tool":"read","count":9,"failed":1,"error_rate":0.1111,"latency":{…}}, …]
void write_top(ObjectWriter& out, std::string_view name, const MeasuredFacet& facet,
               std::size_t top, bool with_latency) {
  out.key(name);
  char separator = '[';
  for (const MeasuredValue& each : first_of(facet, top)) {
    out.out() += std::exchange(separator, ',');
    ObjectWriter one(out.out());
    one.string(name_of(facet.key), each.value.text);
    one.number("count", each.value.count);
    one.number("failed", each.failed.value_or(0));
    write_rate(one, each.failed.value_or(0), each.value.count);
    if (with_latency) write_latency(one, each.durations.value_or(index::Durations{}));
    one.end();
  }
  out.out() += separator == '[' ? "[]" : "]";
}

void write_facet(ObjectWriter& out, const MeasuredFacet& facet, std::size_t top, bool complete) {
  out.key(name_of(facet.key));
  ObjectWriter all(out.out());
  all.key("values");
  char separator = '[';
  std::uint64_t listed = 0;
  std::uint64_t total = facet.others;
  for (const MeasuredValue& each : facet.values) total += each.value.count;
  for (const MeasuredValue& each : first_of(facet, top)) {
    out.out() += std::exchange(separator, ',');
    ObjectWriter one(out.out());
    one.string("value", each.value.text);
    one.number("count", each.value.count);
    one.end();
    listed += each.value.count;
  }
  out.out() += separator == '[' ? "[]" : "]";
  all.number("others", total - listed);
  write_bounded(all, "distinct", facet.distinct, complete && facet.all_known);
  all.end();
}

void write_histogram(ObjectWriter& out, const index::Histogram& histogram) {
  out.key("histogram");
  char separator = '[';
  for (const index::HistogramBucket& bucket : histogram.buckets) {
    out.out() += std::exchange(separator, ',');
    ObjectWriter one(out.out());
    one.string("start", time_text(bucket.start));
    one.number("count", bucket.count);
    one.key("results");
    ObjectWriter parts(out.out());
    for (const index::HistogramPart& part : bucket.parts) {
      if (!part.value.empty()) parts.number(part.value, part.count);
    }
    parts.end();
    one.end();
  }
  out.out() += separator == '[' ? "[]" : "]";
}

}  // namespace

std::string stats_json(const index::StatisticsQuery& query, const index::Statistics& statistics,
                       std::size_t top) {
  std::string text;
  ObjectWriter out(text);
  const auto facet = [&](Key key) -> const MeasuredFacet& { return facet_of(statistics, key); };
  out.string("from", time_text(query.time.low));
  out.string("to", time_text(query.time.high + 1));
  out.key("head");
  text += "{\"size\":" + std::to_string(statistics.size) + '}';
  out.string("relation", statistics.complete ? "exact" : "at_least");
  write_bounded(out, "total", statistics.entries, statistics.complete);
  out.number("failed", statistics.failed);
  write_rate(out, statistics.failed, statistics.entries);
  out.number("failed_logins", statistics.failed_logins);
  out.number("configuration_changes", statistics.configuration_changes);
  const MeasuredFacet& actors = facet(Key::actor);
  write_bounded(out, "active_actors", actors.distinct, statistics.complete && actors.all_known);
  write_counts(out, "by_result", facet(Key::result));
  write_counts(out, "by_severity", facet(Key::severity));
  write_counts(out, "by_type", facet(Key::type));
  write_latency(out, statistics.durations);
  write_top(out, "top_tools", facet(Key::tool), top, true);
  write_top(out, "top_servers", facet(Key::server), top, true);
  write_top(out, "top_actors", actors, top, false);
  out.key("interval_ms");
  text += std::to_string(query.bucket / 1'000);
  write_histogram(out, statistics.histogram);
  out.key("facets");
  ObjectWriter facets(text);
  for (const MeasuredFacet& each : statistics.keys) {
    write_facet(facets, each, top, statistics.complete);
  }
  facets.end();
  out.end();
  text += '\n';
  return text;
}

}  // namespace tally::server
