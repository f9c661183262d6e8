// SPDX-License-Identifier: Apache-2.0
#include "server/integrity.h"

#include "base/json.h"
#include "log/hooked_file_system.h"
#include "log/layout.h"
#include "server/api_fixture.h"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>

namespace tally::server {
namespace {

using test::number_in;

/// Lets nobody read leaf hashes while it is closed: a check stands still then.
class Gate {
 public:
  explicit Gate(log::HookedFileSystem& fs) {
    fs.hooks().before_read = [this](const std::string& path) {
      if (!path.ends_with("/tree/0")) return;
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      --waiting_;
    };
  }
  void close() { set(false); }
  void open() { set(true); }
  void wait_for(int waiting) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return waiting_ >= waiting; }));
  }

 private:
  void set(bool open) {
    {
      const std::lock_guard lock(mutex_);
      open_ = open;
    }
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
};

class IntegrityTest : public test::ApiFixture {
 protected:
  void start_gated() {
    fs_ = &hooked_;
    start();
  }
  ~IntegrityTest() override {
    gate_.open();
    stop();
  }

  /// Posts `count` events in batches.
  void fill(int count) {
    for (int i = 0; i < count; i += 500) {
      std::string body;
      for (int k = i; k < std::min(count, i + 500); ++k) {
        body += R"({"event_name":"order-placed","actor_id":"a)" + std::to_string(k % 7) + "\"}\n";
      }
      ASSERT_EQ(post(first_token_, body, "Content-Type: application/x-ndjson\r\n").status(), 201);
    }
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return config_.log.directory + "/" + name;
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  static void put(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }
  std::string checked(const std::string& query = {}) {
    const auto answer = ask("GET", "/api/audit/integrity" + query, first_token_);
    EXPECT_EQ(answer.status(), 200) << answer.body;
    return answer.body;
  }
  /// Line of /metrics behind `name` and a space.
  std::string metric(const std::string& name) {
    const std::string page = ask("GET", "/metrics", first_token_).body;
    const std::size_t at = page.find("\n" + name + " ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 2;
    return page.substr(begin, page.find('\n', begin) - begin);
  }
  void wait_metric(const std::string& name, const std::string& value) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (metric(name) != value && std::chrono::steady_clock::now() < end) {
    }
    EXPECT_EQ(metric(name), value) << name;
  }

  log::HookedFileSystem hooked_{storage::posix_file_system()};
  Gate gate_{hooked_};
};

TEST_F(IntegrityTest, AnUntouchedLogIsWholeInEveryRange) {
  start();
  fill(600);
  const std::string all = checked();
  const std::int64_t total = number_in(all, "total_logs");
  EXPECT_GE(total, 600);
  EXPECT_EQ(number_in(all, "valid_logs"), total);
  EXPECT_EQ(number_in(all, "chain_breaks"), 0) << all;
  EXPECT_NE(all.find("\"integrity_percentage\":100,"), std::string::npos);
  for (const auto& [query, expected] : std::vector<std::pair<std::string, std::int64_t>>{
           {"?start_seq=0&end_seq=1", 1},
           {"?start_seq=255&end_seq=257", 2},
           {"?start_seq=256&end_seq=512", 256},
           {"?end_seq=300", 300},
           {"?start_seq=900000", 0},
           {"?start_time=2020-01-01&end_time=2020-01-02", 0}}) {
    const std::string body = checked(query);
    EXPECT_EQ(number_in(body, "total_logs"), expected) << query << body;
    EXPECT_EQ(number_in(body, "chain_breaks"), 0) << query << body;
  }
  EXPECT_GE(number_in(checked("?start_time=-1h"), "total_logs"), 600);
  EXPECT_GE(number_in(checked("?start_time=-1h&end_time=now"), "total_logs"), 600);
  EXPECT_EQ(lines(R"("operation":"integrity")").empty(), false) << "each is recorded";
}

TEST_F(IntegrityTest, ATimeRangeIsTheSpanFromItsFirstToItsLastEntry) {
  start();
  const auto at = [&](const std::string& time) {
    const std::string body = R"({"event_name":"x","timestamp":")" + time + "\"}";
    return number_in(post(first_token_, body).body, "seq");
  };
  const std::int64_t first = at("2021-03-01T10:00:00Z");
  static_cast<void>(at("2022-03-01T10:00:00Z"));  // stands between them in the log
  const std::int64_t last = at("2021-03-01T11:00:00Z");
  const std::string body =
      checked("?start_time=2021-03-01T10:00:00Z&end_time=2021-03-01T11:00:01Z");
  EXPECT_EQ(number_in(body, "start_seq"), first) << body;
  EXPECT_EQ(number_in(body, "end_seq"), last + 1) << body;
  EXPECT_EQ(number_in(body, "total_logs"), last + 1 - first) << body;
}

TEST_F(IntegrityTest, BadRangesAreRefused) {
  start();
  for (const auto& [query, status] :
       std::vector<std::pair<std::string, int>>{{"?start_seq=5&end_seq=5", 400},
                                                {"?start_time=2026-01-02&end_time=2026-01-01", 400},
                                                {"?start_seq=5&end_time=now", 422},
                                                {"?start_seq=-1", 422},
                                                {"?start_seq=1&start_seq=2", 422},
                                                {"?limit=1", 422}}) {
    EXPECT_EQ(ask("GET", "/api/audit/integrity" + query, first_token_).status(), status) << query;
  }
}

TEST_F(IntegrityTest, OnlyForThoseWhoMaySeeEverything) {
  start();
  const std::string other = "/api/audit/integrity/019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  for (const std::string& target : {std::string("/api/audit/integrity"), other}) {
    EXPECT_EQ(ask("GET", target).status(), 401);
    EXPECT_EQ(ask("GET", target, token(access::Role::writer)).status(), 403);
    EXPECT_EQ(ask("GET", target, token(access::Role::auditor, {"server=files"})).status(), 403);
  }
  EXPECT_EQ(ask("GET", "/api/audit/integrity", token(access::Role::auditor)).status(), 200);
  EXPECT_EQ(ask("GET", other, first_token_).status(), 404);
}

TEST_F(IntegrityTest, WhatWasChangedIsNamedAndRecorded) {
  start();
  fill(700);
  wait_signed();
  const std::string segment = path("segments/00000000000000000000.jsonl");
  std::string text = content(segment);
  const std::size_t line = text.find("{\"seq\":400,");
  text[text.find("order-placed", line)] = 'X';
  put(segment, text);
  const std::string all = checked();
  EXPECT_EQ(number_in(all, "invalid_logs"), 1) << all;
  EXPECT_NE(all.find(R"("invalid_entries":[{"seq":400,"kind":"entry-altered")"), std::string::npos)
      << all;
  EXPECT_EQ(all.find(config_.log.directory), std::string::npos) << "a path of the server";
  EXPECT_EQ(number_in(checked("?start_seq=390&end_seq=410"), "invalid_logs"), 1);
  EXPECT_EQ(number_in(checked("?start_seq=100&end_seq=200"), "invalid_logs"), 0);
  wait_lines("\"audit-log-integrity-failure\"", 1);
  const std::string event = lines("\"audit-log-integrity-failure\"").at(0);
  EXPECT_NE(event.find("\"severity\":\"critical\""), std::string::npos) << event;
  EXPECT_EQ(metric("tallystick_verify_runs_total{outcome=\"damaged\"}"), "2");
}

/// The figures are those of `verify`, whatever was damaged.
TEST_F(IntegrityTest, SaysWhatVerifySays) {
  start();
  fill(1'000);
  stop();
  std::mt19937 random(42);  // NOLINT(cert-msc51-cpp): the same damage each time
  log::VerifyOptions options;
  options.keys_path = keys_folder();
  const Clock& clock = system_clock();
  auto& fs = storage::posix_file_system();
  const auto info = log::read_log_info(fs, log::Layout(config_.log.directory));
  const log::KeyFolder folder(keys_folder());
  const auto key = folder.pinned(fs);
  ASSERT_TRUE(key && *key);
  const std::vector<std::string> names = {"segments/00000000000000000000.jsonl",
                                          "tree/0",
                                          "tree/1",
                                          "checkpoint",
                                          "checkpoints",
                                          "head"};
  int damaged = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string file = path(names[random() % names.size()]);
    const std::string before = content(file);
    std::string after = before;
    const std::size_t at = random() % after.size();
    after[at] = static_cast<char>(after[at] ^ static_cast<char>(1U << random() % 8));
    put(file, after);
    const auto verified =
        log::verify_log(fs, config_.log.directory, options, log::process_environment());
    CheckProgress progress;
    const auto report = run_check({fs, config_.log.directory, keys_folder(), **key, clock},
                                  std::nullopt, 0, progress);
    ASSERT_EQ(verified.has_value(), report.has_value()) << file << " at " << at;
    if (verified) {
      const std::string json = integrity_json(*report, config_.log.directory);
      std::uint64_t entries = 0;
      std::uint64_t breaks = 0;
      for (const log::Problem& problem : verified->problems) {
        const bool missing = problem.kind == log::ProblemKind::entry_missing;
        const bool altered = problem.kind == log::ProblemKind::entry_altered;
        if (missing) entries += problem.end.value_or(*problem.seq + 1) - *problem.seq;
        if (altered) ++entries;
        if (!altered) ++breaks;
      }
      EXPECT_EQ(number_in(json, "invalid_logs"), static_cast<std::int64_t>(entries)) << json;
      EXPECT_EQ(number_in(json, "chain_breaks"), static_cast<std::int64_t>(breaks)) << json;
      EXPECT_EQ(number_in(json, "total_logs"), static_cast<std::int64_t>(verified->size));
      if (!verified->ok()) ++damaged;
    }
    put(file, before);
  }
  EXPECT_GT(damaged, 40);
}

TEST_F(IntegrityTest, WhatTakesLongIsFetchedLater) {
  integrity_wait_ = std::chrono::milliseconds(0);
  start_gated();
  fill(50);
  gate_.close();
  const auto answer = ask("GET", "/api/audit/integrity", first_token_);
  ASSERT_EQ(answer.status(), 202) << answer.body;
  const std::string place = answer.field("location");
  ASSERT_TRUE(place.starts_with("/api/audit/integrity/")) << place;
  EXPECT_FALSE(answer.field("retry-after").empty());
  const auto still = ask("GET", place, first_token_);
  EXPECT_EQ(still.status(), 202);
  EXPECT_NE(still.body.find("\"state\":\"running\""), std::string::npos);
  EXPECT_EQ(ask("GET", place, token(access::Role::auditor, {"server=files"})).status(), 403);
  gate_.open();
  wait_metric("tallystick_verify_running", "0");
  const auto result = ask("GET", place, token(access::Role::auditor));
  EXPECT_EQ(result.status(), 200);
  EXPECT_GE(number_in(result.body, "total_logs"), 50);
  EXPECT_EQ(ask("GET", place, first_token_).body, result.body) << "it is kept";
}

TEST_F(IntegrityTest, OnlySoManyAtATime) {
  start_gated();
  fill(50);
  gate_.close();
  std::vector<test::Wire> wires;
  for (unsigned i = 0; i < kIntegrityChecksMax; ++i) {
    wires.push_back(connect());
    ASSERT_TRUE(wires.back().send(request("GET", "/api/audit/integrity", first_token_)));
  }
  gate_.wait_for(static_cast<int>(kIntegrityChecksMax));
  const auto third = ask("GET", "/api/audit/integrity", first_token_);
  EXPECT_EQ(third.status(), 503);
  EXPECT_FALSE(third.field("retry-after").empty());
  gate_.open();
  for (auto& wire : wires) EXPECT_EQ(wire.receive().status(), 200);
}

TEST_F(IntegrityTest, IsStoppedWhenItsClientLeaves) {
  start_gated();
  fill(50);
  gate_.close();
  {
    auto wire = connect();
    ASSERT_TRUE(wire.send(request("GET", "/api/audit/integrity", first_token_)));
    gate_.wait_for(1);
  }
  wait_metric("tallystick_http_connections", "1");  // that of the question itself
  gate_.open();
  wait_metric("tallystick_verify_running", "0");
  EXPECT_EQ(metric("tallystick_verify_runs_total{outcome=\"stopped\"}"), "1");
  EXPECT_EQ(metric("tallystick_verify_runs_total{outcome=\"intact\"}"), "0");
}

TEST_F(IntegrityTest, DoesNotKeepTheServiceFromStopping) {
  start_gated();
  fill(50);
  gate_.close();
  auto wire = connect();
  ASSERT_TRUE(wire.send(request("GET", "/api/audit/integrity", first_token_)));
  gate_.wait_for(1);
  const auto begin = std::chrono::steady_clock::now();
  api_->drain();
  gate_.open();
  EXPECT_EQ(wire.receive().status(), 503);
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace tally::server
