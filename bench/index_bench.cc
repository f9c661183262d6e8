// SPDX-License-Identifier: Apache-2.0
// Makes a log of tool calls, indexes it, and asks it: rates, sizes and latencies.
//   tally_index_bench DIRECTORY make ENTRIES | index | query [NAME]
#include "base/check.h"
#include "bench.h"
#include "event/view.h"
#include "follow/follower.h"
#include "index/line_source.h"
#include "index/sqlite/sqlite_index.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tally::bench {
namespace {

using Numbers = std::vector<double>;
constexpr std::int64_t kStart = 1'795'287'600'000'000;
constexpr std::int64_t kWeek = std::int64_t{7} * 86'400'000'000;

/// A completed tool call as the proxy records it, about 750 bytes.
std::string event_of(std::mt19937_64& random, std::uint64_t n, std::uint64_t all) {
  const auto below = [&](std::uint64_t m) { return random() % m; };
  const auto skewed = [&](std::uint64_t m) { return std::min(below(m), below(m)); };
  const std::string tool = "tool_" + std::to_string(skewed(40));
  const std::string server = "server-" + std::to_string(skewed(8));
  const bool failed = below(20) == 0;
  const std::int64_t time = kStart +
                            static_cast<std::int64_t>(n * static_cast<std::uint64_t>(kWeek) / all) -
                            static_cast<std::int64_t>(below(2'000'000));
  char ids[160];
  std::snprintf(ids, sizeof ids, "019aa7c2-%04x-7c3a-9f00-%012llx",
                static_cast<unsigned>(below(65'536)),
                static_cast<unsigned long long>(below(1ULL << 48)));
  const std::string id = ids;
  return R"({"timestamp":")" + format_time(WallTime(std::chrono::microseconds(time))) +
         R"(","event_id":")" + id + R"(","event_name":")" +
         (below(8) == 0 ? "mcp-resource-read" : "mcp-tool-execution") +
         R"(","event_type":"mcp","event_action":"execute","event_result":")" +
         (failed ? "failure" : "success") + R"(","status":")" + (failed ? "failed" : "succeeded") +
         R"(","interaction_id":"i)" + id + R"(","severity":")" + (failed ? "warning" : "info") +
         R"(","severity_level":"medium","actor_id":"user)" + std::to_string(skewed(500)) +
         R"(@example.com","actor_type":"user","actor_verified":true,"actor_ip":"198.51.)" +
         std::to_string(below(4)) + "." + std::to_string(below(250)) +
         R"(","target_type":"tool","target_id":")" + server + "/" + tool + R"(","target_name":")" +
         tool + R"(","request_id":"r)" + id + R"(","session_id":"hmac:k1:)" +
         std::to_string(below(20'000)) + R"(","trace_id":"4bf92f3577b34da6)" +
         std::to_string(below(1ULL << 50)) +
         R"(","api_endpoint":"/mcp","http_method":"POST","duration_ms":)" +
         std::to_string(below(9'000)) + R"(,"details":{"transport":"streamable-http",)" +
         R"("protocol_version":"2025-11-25","server":{"name":")" + server +
         R"(","version":"0.2.0"},"client":{"name":"ide","version":"2.1"},"arguments":{"path":"/srv/files/)" +
         id + R"("},"outcome":{"http_status":200,"is_error":false}}})";
}

void make(const std::string& directory, std::uint64_t entries) {
  const log::Environment environment = [&](const std::string& name) {
    return name == "HOME" ? std::optional<std::string>(directory) : std::nullopt;
  };
  auto opened = log::open_or_create(storage::posix_file_system(), directory + "/log", {}, false,
                                    environment, system_random());
  TALLY_CHECK(opened.has_value());
  auto keys = std::make_shared<log::Keys>(std::move(opened->keys));
  auto writer =
      log::Writer::open(storage::posix_file_system(), directory + "/log", keys, system_clock());
  TALLY_CHECK(writer.has_value());
  std::mt19937_64 random(1);
  for (std::uint64_t n = 0; n < entries;) {
    std::vector<log::EntryText> batch;
    for (; batch.size() < 1'000 && n < entries; ++n) {
      batch.push_back(*log::EntryText::from_object(event_of(random, n, entries)));
    }
    TALLY_CHECK((*writer)->append_all(std::move(batch)).has_value());
  }
  TALLY_CHECK((*writer)->close().has_value());
}

std::uint64_t bytes_in(const std::string& directory) {
  std::uint64_t sum = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory)) sum += file.file_size();
  return sum;
}

std::unique_ptr<index::Index> open(const std::string& log, index::sqlite::Access access) {
  index::sqlite::OpenOptions options;
  options.access = access;
  auto opened = index::sqlite::open(storage::posix_file_system(), log, options);
  TALLY_CHECK(opened.has_value());
  return std::move(*opened);
}

/// Feeds what there is; entries a second of each kPartitionRows, whose file is among what is timed.
Numbers feed(index::Index& index, const std::string& log) {
  auto follower = follow::Follower::open(storage::posix_file_system(), log, index.cursor());
  TALLY_CHECK(follower.has_value());
  Numbers out;
  std::uint64_t from = index.cursor().next.value();
  auto start = std::chrono::steady_clock::now();
  for (;;) {
    const auto batch = follower->next({}, std::chrono::milliseconds(0));
    TALLY_CHECK(batch.has_value());
    if ((*batch)->lines.empty()) return out;
    TALLY_CHECK(index.apply(**batch).has_value());
    const std::uint64_t next = (*batch)->after.next.value();
    if (next - from < index::sqlite::kPartitionRows) continue;
    const auto now = std::chrono::steady_clock::now();
    out.push_back(static_cast<double>(next - from) /
                  std::chrono::duration<double>(now - start).count());
    start = now;
    from = next;
  }
}

double median(Numbers numbers) {
  if (numbers.empty()) return 0;
  std::ranges::sort(numbers);
  return numbers[numbers.size() / 2];
}

/// Whether the rate falls as the log grows: the last million against the first, by their medians.
void print_flatness(const Numbers& rates) {
  constexpr std::size_t kMillion = 1'000'000 / index::sqlite::kPartitionRows;
  constexpr double kBar = 0.85;
  if (rates.size() < 2 * kMillion) return;
  const double first = median({rates.begin(), rates.begin() + kMillion});
  const double last = median({rates.end() - kMillion, rates.end()});
  std::printf("flatness: %.0f events/s in the first million, %.0f in the last: %.2f (bar %.2f)%s\n",
              first, last, last / first, kBar, last < kBar * first ? " MISSED" : "");
}

void index_all(const std::string& log) {
  TALLY_CHECK(index::sqlite::remove_stored(storage::posix_file_system(), log).has_value());
  const auto index = open(log, index::sqlite::Access::write);
  Numbers rates;
  const double all = seconds([&] { rates = feed(*index, log); });
  print_flatness(rates);
  const auto status = index->status();
  std::printf("indexed %llu entries at %.0f events/s; index %.0f bytes an entry, %.2f of the log\n",
              static_cast<unsigned long long>(status.size), static_cast<double>(status.size) / all,
              static_cast<double>(status.bytes) / static_cast<double>(status.stored),
              static_cast<double>(status.bytes) / static_cast<double>(bytes_in(log + "/segments")));
}

/// What is measured: names that contain it.
std::string wanted_name;

template <class Ask>
void measure(const std::string& name, int times, Ask&& ask) {
  if (name.find(wanted_name) == std::string::npos) return;
  Numbers all;
  for (int i = 0; i < times; ++i) all.push_back(seconds(ask) * 1e3);
  std::ranges::sort(all);
  const std::size_t last = all.size() - 1;
  std::printf("%-44s median %8.2f ms  p99 %8.2f ms  max %8.2f ms\n", name.c_str(), all[last / 2],
              all[last * 99 / 100], all[last]);
}

/// How many entries have a value of this field.
enum class Share : std::uint8_t {
  common,  ///< 1 in 100 and more
  rare,    ///< 1 in 100 to 1 in 20,000
  single,  ///< one
};
struct FieldOfBench {
  const char* key;
  event::Field field;
  Share share;
};
constexpr std::array<FieldOfBench, 10> kFields{
    {{"event", event::Field::event_name, Share::common},
     {"result", event::Field::event_result, Share::common},
     {"severity", event::Field::severity, Share::common},
     {"tool", event::Field::target_name, Share::common},
     {"actor", event::Field::actor_id, Share::rare},
     {"ip", event::Field::actor_ip, Share::rare},
     {"session", event::Field::session_id, Share::rare},
     {"request", event::Field::request_id, Share::single},
     {"trace", event::Field::trace_id, Share::single},
     {"id", event::Field::event_id, Share::single}}};

/// Terms with values that exist, from entries all over the log.
class Terms {
 public:
  Terms(const std::string& log, std::uint64_t size) {
    auto lines = index::LineSource::open(storage::posix_file_system(), log);
    TALLY_CHECK(lines.has_value());
    event::EventView view;
    std::string storage;
    for (int i = 0; i < 2'000; ++i) {
      const auto line = lines->line(random_() % size);
      TALLY_CHECK(line.has_value() && view.parse(*line));
      for (std::size_t f = 0; f < kFields.size(); ++f) {
        texts_[f].push_back(std::string(kFields[f].key) + ":" +
                            std::string(view.text(kFields[f].field, storage)));
      }
    }
  }
  std::string one(Share share) { return texts_[field(share)][entry()]; }
  std::string one() { return texts_[random_() % kFields.size()][entry()]; }
  /// Half of the pairs are of one entry, the other half may never meet.
  std::string two(Share a, Share b) {
    return join(field(a), [&] { return field(b); });
  }
  std::string two() {
    return join(random_() % kFields.size(), [&] { return random_() % kFields.size(); });
  }

 private:
  std::size_t entry() { return random_() % texts_[0].size(); }
  std::size_t field(Share share) {
    for (;;) {
      const std::size_t f = random_() % kFields.size();
      if (kFields[f].share == share) return f;
    }
  }
  template <class Other>
  std::string join(std::size_t a, Other&& other) {
    std::size_t b = other();
    while (b == a) b = other();
    const std::size_t first = entry();
    const std::size_t second = random_() % 2 == 0 ? first : entry();
    return texts_[a][first] + " " + texts_[b][second];
  }

  std::mt19937_64 random_{2};
  std::array<std::vector<std::string>, kFields.size()> texts_;
};

void query_all(const std::string& log) {
  const auto index = open(log, index::sqlite::Access::read);
  feed(*index, log);
  Terms terms(log, index->status().size);
  const auto find = [&](const std::string& text) {
    index::Query query;
    query.filter.all.push_back(*index::parse_expression(text, {}));
    const auto page = index->find(query);
    TALLY_CHECK(page.has_value());
  };
  std::printf("%llu entries; bar for a first page with total: p99 30 ms\n",
              static_cast<unsigned long long>(index->status().size));
  const std::pair<Share, const char*> shares[] = {
      {Share::common, "common"}, {Share::rare, "rare"}, {Share::single, "single"}};
  measure("first page: any value", 1'000, [&] { find(terms.one()); });
  for (const auto& [share, name] : shares) {
    measure("first page: a " + std::string(name) + " value", 200, [&] { find(terms.one(share)); });
  }
  measure("first page: absent value", 200, [&] { find("actor:nobody request:nothing"); });
  measure("first page: any two values", 1'000, [&] { find(terms.two()); });
  for (const auto& [a, name_a] : shares) {
    for (const auto& [b, name_b] : shares) {
      if (b < a) continue;
      measure("first page: " + std::string(name_a) + " and " + name_b, 200,
              [&] { find(terms.two(a, b)); });
    }
  }
  measure("first page: a common and an absent value", 200,
          [&] { find(terms.one(Share::common) + " actor:nobody"); });
  measure("first page: no filter", 50, [&] { find(""); });
  const auto bars = [&](const std::string& text, bool split) {
    index::HistogramQuery query;
    query.filter.all.push_back(*index::parse_expression(text, {}));
    query.filter.outcomes_only = true;
    query.time = {kStart, kStart + kWeek - 1};
    query.bucket = kWeek / 100;
    if (split) query.split = index::Key::result;
    TALLY_CHECK(index->histogram(query).has_value());
  };
  measure("histogram of 7 days", 30, [&] { bars("", false); });
  measure("histogram of 7 days, by result", 30, [&] { bars("", true); });
  measure("histogram of 7 days, one value", 100, [&] { bars(terms.one(), false); });
  measure("facets of actor, tool, result", 10, [&] {
    index::FacetQuery query;
    query.keys = {index::Key::actor, index::Key::tool, index::Key::result};
    TALLY_CHECK(index->facets(query).has_value());
  });
}

}  // namespace
}  // namespace tally::bench

int main(int count, char** words) {
  const std::vector<std::string> args(words + 1, words + count);
  if (args.size() == 3 && args[1] == "make") {
    tally::bench::make(args[0], std::strtoull(args[2].c_str(), nullptr, 10));
  } else if (args.size() == 2 && args[1] == "index") {
    tally::bench::index_all(args[0] + "/log");
  } else if ((args.size() == 2 || args.size() == 3) && args[1] == "query") {
    if (args.size() == 3) tally::bench::wanted_name = args[2];
    tally::bench::query_all(args[0] + "/log");
  } else {
    std::fputs("tally_index_bench DIRECTORY make ENTRIES | index | query [NAME]\n", stderr);
    return 2;
  }
  return 0;
}
