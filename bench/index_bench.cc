// SPDX-License-Identifier: Apache-2.0
// Makes a log of tool calls, indexes it, and asks it: rates, sizes and latencies.
//   tally_index_bench DIRECTORY make ENTRIES | index | query
#include "base/check.h"
#include "bench.h"
#include "follow/follower.h"
#include "index/sqlite/sqlite_index.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
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

/// Feeds what there is; seconds for each million.
Numbers feed(index::Index& index, const std::string& log) {
  auto follower = follow::Follower::open(storage::posix_file_system(), log, index.cursor());
  TALLY_CHECK(follower.has_value());
  Numbers out;
  std::uint64_t next = 1'000'000;
  auto start = std::chrono::steady_clock::now();
  for (;;) {
    const auto batch = follower->next({}, std::chrono::milliseconds(0));
    TALLY_CHECK(batch.has_value());
    if ((*batch)->lines.empty()) return out;
    TALLY_CHECK(index.apply(**batch).has_value());
    if ((*batch)->after.next.value() < next) continue;
    const auto now = std::chrono::steady_clock::now();
    out.push_back(std::chrono::duration<double>(now - start).count());
    start = now;
    next += 1'000'000;
  }
}

void index_all(const std::string& log) {
  TALLY_CHECK(index::sqlite::remove_stored(storage::posix_file_system(), log).has_value());
  const auto index = open(log, index::sqlite::Access::write);
  const double all = seconds([&] {
    Numbers millions = feed(*index, log);
    for (std::size_t i = 0; i < millions.size(); ++i) {
      std::printf("million %2zu: %8.0f events/s\n", i + 1, 1e6 / millions[i]);
    }
  });
  const auto status = index->status();
  std::printf("indexed %llu entries at %.0f events/s; index %.0f bytes an entry, %.2f of the log\n",
              static_cast<unsigned long long>(status.size), static_cast<double>(status.size) / all,
              static_cast<double>(status.bytes) / static_cast<double>(status.stored),
              static_cast<double>(status.bytes) / static_cast<double>(bytes_in(log + "/segments")));
}

template <class Ask>
void measure(const char* name, int times, Ask&& ask) {
  Numbers all;
  for (int i = 0; i < times; ++i) all.push_back(seconds(ask) * 1e3);
  std::ranges::sort(all);
  const std::size_t last = all.size() - 1;
  std::printf("%-44s median %8.2f ms  p99 %8.2f ms\n", name, all[last / 2], all[last * 99 / 100]);
}

void query_all(const std::string& log) {
  const auto index = open(log, index::sqlite::Access::read);
  feed(*index, log);
  std::mt19937_64 random(2);
  const auto term = [&](int kind) {
    const auto n = [&](std::uint64_t m) { return std::to_string(random() % m); };
    switch (kind % 8) {
      case 0: return "actor:user" + n(500) + "@example.com";
      case 1: return "tool:tool_" + n(40);
      case 2: return "server:server-" + n(8);
      case 3: return std::string(random() % 2 == 0 ? "result:failure" : "result:success");
      case 4: return "session:hmac:k1:" + n(20'000);
      case 5: return "ip:198.51." + n(4) + "." + n(250);
      case 6: return std::string("event:mcp-resource-read");
      default: return std::string("severity:warning");
    }
  };
  const auto find = [&](const std::string& text) {
    index::Query query;
    query.filter.all.push_back(*index::parse_expression(text, {}));
    const auto page = index->find(query);
    TALLY_CHECK(page.has_value());
  };
  std::printf("%llu entries\n", static_cast<unsigned long long>(index->status().size));
  int kind = 0;
  measure("first page and total, one value", 400, [&] { find(term(kind++)); });
  measure("first page and total, absent value", 100, [&] { find("actor:nobody request:nothing"); });
  measure("first page and total, any two values", 400, [&] {
    const int a = kind++;
    find(term(a) + " " + term(a + 1 + static_cast<int>(random() % 7)));
  });
  measure("first page and total, no filter", 50, [&] { find(""); });
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
  measure("histogram of 7 days, one value", 100, [&] { bars(term(kind++), false); });
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
  } else if (args.size() == 2 && args[1] == "query") {
    tally::bench::query_all(args[0] + "/log");
  } else {
    std::fputs("tally_index_bench DIRECTORY make ENTRIES | index | query\n", stderr);
    return 2;
  }
  return 0;
}
