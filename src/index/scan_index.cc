// SPDX-License-Identifier: Apache-2.0
#include "index/scan_index.h"

#include "base/clock.h"
#include "event/duration.h"
#include "event/json_scan.h"
#include "index/line_source.h"
#include "index/measured_values.h"
#include "index/outcomes.h"
#include "index/quantiles.h"
#include "index/tally_buckets.h"
#include "index/target_texts.h"

#include <algorithm>
#include <atomic>
#include <map>

namespace tally::index {
namespace {

using event::EventView;
using event::Field;

std::int64_t time_of(const EventView& view) {
  std::string storage;
  const auto time = parse_time(view.text(Field::timestamp, storage));
  return time ? static_cast<std::int64_t>(time->time_since_epoch().count()) : kNoTime;
}

std::optional<Field> field_of(Key key) {
  switch (key) {
    case Key::event: return Field::event_name;
    case Key::type: return Field::event_type;
    case Key::action: return Field::event_action;
    case Key::result: return Field::event_result;
    case Key::status: return Field::status;
    case Key::severity: return Field::severity;
    case Key::level: return Field::severity_level;
    case Key::actor: return Field::actor_id;
    case Key::actor_type: return Field::actor_type;
    case Key::ip: return Field::actor_ip;
    case Key::target_type: return Field::target_type;
    default: return std::nullopt;
  }
}

/// Text under which facets and bars list an entry.
std::string listed_text(const EventView& view, Key key) {
  std::string storage, id, name;
  if (const auto field = field_of(key)) return std::string(view.text(*field, storage));
  if (key == Key::server) return server_of(view);
  if (key == Key::client) {
    const auto object = event::find_member(view.raw(Field::details), "client");
    const auto member = object ? event::find_member(*object, "name") : std::nullopt;
    return member ? std::string(event::string_text(*member, storage)) : std::string();
  }
  const TargetTexts texts{view.text(Field::target_type, storage), view.text(Field::target_id, id),
                          view.text(Field::target_name, name), ""};
  return std::string(listed_name(texts, key == Key::tool       ? "tool"
                                        : key == Key::resource ? "resource"
                                                               : "prompt"));
}

class ScanIndex final : public Index {
 public:
  ScanIndex(storage::FileSystem& fs, std::string directory, log::LogInfo info)
      : fs_(&fs),
        directory_(std::move(directory)),
        info_(std::move(info)),
        cursor_(follow::start_of(info_)),
        size_(0) {}

  [[nodiscard]] follow::Cursor cursor() const override { return cursor_; }

  [[nodiscard]] Result<void> apply(const follow::Batch& batch) override {
    if (batch.first.value() != cursor_.next.value()) {
      return fail(Errc::mismatch, "index: these lines do not begin where it ends");
    }
    cursor_ = batch.after;
    size_ = cursor_.next.value();
    return {};
  }

  [[nodiscard]] Result<Page> find(const Query& query) const override {
    TALLY_TRY_VOID(check_query(query));
    const FilterDigest digest = digest_of(query.filter, query.order, info_.id);
    if (query.cursor) TALLY_TRY_VOID(check_page_cursor(*query.cursor, digest));
    std::vector<Position> places;
    Page page;
    page.size = size_;
    TALLY_TRY_VOID(each(query.filter, [&](std::uint64_t seq, const EventView& view) {
      places.push_back({time_of(view), seq});
    }));
    page.total.value = query.total ? places.size() : 0;
    const bool by_seq = query.order == Order::newest_by_seq || query.order == Order::oldest_by_seq;
    const bool newest = query.order == Order::newest_first || query.order == Order::newest_by_seq;
    const auto before = [&](const Position& a, const Position& b) {
      const Position& x = newest ? b : a;
      const Position& y = newest ? a : b;
      return by_seq ? x.seq < y.seq : x < y;
    };
    std::ranges::sort(places, before);
    std::size_t begin = std::min<std::size_t>(query.offset, places.size());
    std::size_t end = std::min(places.size(), begin + query.limit);
    if (query.cursor) {
      const Position& at = query.cursor->position;
      if (query.cursor->backwards) {
        end =
            static_cast<std::size_t>(std::ranges::lower_bound(places, at, before) - places.begin());
        begin = end - std::min(end, query.limit);
      } else {
        begin =
            static_cast<std::size_t>(std::ranges::upper_bound(places, at, before) - places.begin());
        end = std::min(places.size(), begin + query.limit);
      }
    }
    TALLY_TRY(auto lines, LineSource::open(*fs_, directory_));
    for (std::size_t i = begin; i < end; ++i) {
      TALLY_TRY(const std::string_view line, lines.line(places[i].seq));
      page.items.push_back({places[i], std::string(line)});
    }
    if (page.items.empty()) return page;
    if (end < places.size()) page.next = {places[end - 1], false, query.now, digest};
    if (begin > 0) page.prev = {places[begin], true, query.now, digest};
    return page;
  }

  [[nodiscard]] Result<Total> count(const Filter& filter,
                                    const SearchLimits& /*limits*/) const override {
    Total total;
    TALLY_TRY_VOID(each(filter, [&](std::uint64_t, const EventView&) { ++total.value; }));
    return total;
  }

  [[nodiscard]] Result<Histogram> histogram(const HistogramQuery& query) const override {
    TALLY_TRY_VOID(check_query(query));
    Filter filter = query.filter;
    filter.all.push_back(Expression{{time_term(query.time)}});
    Histogram out;
    out.buckets = empty_buckets(query);
    std::vector<std::map<std::string, std::uint64_t>> parts(out.buckets.size());
    TALLY_TRY_VOID(each(filter, [&](std::uint64_t, const EventView& view) {
      const auto bar = static_cast<std::size_t>(
          (bucket_start(time_of(view), query.bucket) - out.buckets.front().start) / query.bucket);
      ++out.buckets[bar].count;
      if (query.split) ++parts[bar][listed_text(view, *query.split)];
    }));
    for (std::size_t bar = 0; bar < parts.size(); ++bar) {
      for (const auto& [text, count] : parts[bar]) out.buckets[bar].parts.push_back({text, count});
    }
    return out;
  }

  [[nodiscard]] Result<Facets> facets(const FacetQuery& query) const override {
    TALLY_TRY_VOID(check_query(query));
    Facets out;
    std::vector<FacetCounter> counters(query.keys.size());
    TALLY_TRY_VOID(each(query.filter, [&](std::uint64_t, const EventView& view) {
      ++out.entries;
      for (std::size_t i = 0; i < query.keys.size(); ++i) {
        counters[i].add(listed_text(view, query.keys[i]), 1);
      }
    }));
    for (std::size_t i = 0; i < query.keys.size(); ++i) {
      out.keys.push_back(counters[i].finish(query.keys[i], query.limit));
    }
    return out;
  }

  [[nodiscard]] Result<Durations> durations(const Filter& filter,
                                            const SearchLimits& /*limits*/) const override {
    Quantiles quantiles;
    TALLY_TRY_VOID(each(filter, [&](std::uint64_t, const EventView& view) {
      const auto took = event::parse_milliseconds(view.raw(Field::duration_ms));
      if (took) quantiles.add(took->count());
    }));
    return quantiles.summary(true);
  }

  [[nodiscard]] Result<Statistics> statistics(const StatisticsQuery& query) const override {
    TALLY_TRY_VOID(check_query(query));
    TALLY_TRY(auto bars,
              histogram({query.filter, query.time, query.bucket, Key::result, query.limits}));
    Statistics out;
    out.histogram = std::move(bars);
    out.size = size_;
    std::vector<MeasuredValues> keys;
    for (const StatisticsKey& wish : query.keys) keys.emplace_back(wish);
    Quantiles quantiles;
    TALLY_TRY_VOID(each(query.filter, [&](std::uint64_t, const EventView& view) {
      const std::string event = listed_text(view, Key::event);
      const std::string type = listed_text(view, Key::type);
      const std::string action = listed_text(view, Key::action);
      const std::string result = listed_text(view, Key::result);
      const OutcomeWords words{event, type, action, result};
      const bool failed = failed_outcome(result);
      ++out.entries;
      if (failed) ++out.failed;
      if (failed_login(words)) ++out.failed_logins;
      if (configuration_change(words)) ++out.configuration_changes;
      const auto took = event::parse_milliseconds(view.raw(Field::duration_ms));
      if (took) quantiles.add(took->count());
      for (MeasuredValues& key : keys) {
        const std::string text = listed_text(view, key.wish().key);
        key.add(text, 1, failed ? 1 : 0);
        Quantiles* const own = took ? key.durations(text) : nullptr;
        if (own != nullptr) own->add(took->count());
      }
    }));
    for (const MeasuredValues& key : keys) out.keys.push_back(key.finish(query.limit, true));
    out.durations = quantiles.summary(true);
    return out;
  }

  [[nodiscard]] IndexStatus status() const override {
    IndexStatus out;
    out.engine = "scan";
    out.size = size_;
    return out;
  }

 private:
  /// Calls `visit` with every entry below the cursor that matches.
  template <class Visit>
  [[nodiscard]] Result<void> each(const Filter& filter, Visit&& visit) const {
    const std::uint64_t size = size_;
    if (size == 0) return {};
    const FilterMatcher matcher(filter);
    TALLY_TRY(auto reader, log::Reader::open(*fs_, directory_));
    TALLY_TRY(const log::Head head, reader.head());
    EventView view;
    return reader.scan(head, LeafIndex{0}, [&](LeafIndex seq, std::string_view line) {
      if (matcher.matches(line)) {
        (void)view.parse(line);
        visit(seq.value(), view);
      }
      return seq.value() + 1 < size;
    });
  }

  storage::FileSystem* fs_;
  std::string directory_;
  log::LogInfo info_;
  follow::Cursor cursor_;            // of the applying thread
  std::atomic<std::uint64_t> size_;  // for the others
};

}  // namespace

Result<std::unique_ptr<Index>> open_scan_index(storage::FileSystem& fs,
                                               const std::string& log_directory) {
  TALLY_TRY(auto reader, log::Reader::open(fs, log_directory));
  return std::make_unique<ScanIndex>(fs, log_directory, reader.info());
}

}  // namespace tally::index
