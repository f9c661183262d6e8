// SPDX-License-Identifier: Apache-2.0
#include "server/metrics.h"

#include "server/api_fixture.h"

#include <set>

namespace tally::server {
namespace {

using MetricsTest = test::ApiFixture;

TEST_F(MetricsTest, AreWellFormedAndCount) {
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  EXPECT_EQ(post(first_token_, R"({"event_name":1})").status(), 422);
  const auto answer = ask("GET", "/metrics", first_token_);
  ASSERT_EQ(answer.status(), 200);
  EXPECT_EQ(answer.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto has = [&](const std::string& line) {
    return answer.body.find("\n" + line + "\n") != std::string::npos;
  };
  EXPECT_TRUE(has("tallystick_events_ingested_total{outcome=\"accepted\"} 1")) << answer.body;
  EXPECT_TRUE(has("tallystick_events_ingested_total{outcome=\"rejected\"} 1")) << answer.body;
  EXPECT_TRUE(has("tallystick_log_writable 1"));
  EXPECT_TRUE(has("tallystick_log_failed 0"));
  EXPECT_NE(answer.body.find("\ntallystick_storage_size_bytes "), std::string::npos);
  EXPECT_NE(answer.body.find("\nprocess_resident_memory_bytes "), std::string::npos);
  EXPECT_TRUE(has("tallystick_build_info{version=\"9.9.9\"} 1"));
  // Each sample follows its family, and each family stands there once.
  std::set<std::string> families;
  std::string family;
  std::size_t at = 0;
  while (at < answer.body.size()) {
    const std::size_t end = answer.body.find('\n', at);
    const std::string line = answer.body.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << family;
      EXPECT_EQ(family.ends_with("_total"), line.ends_with(" counter")) << line;
    } else if (!line.starts_with("# HELP ")) {
      EXPECT_TRUE(line.starts_with(family)) << line;
    }
  }
}

TEST_F(MetricsTest, TellHowMuchOfTheLogIsSigned) {
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  wait_signed();
  const std::string page = ask("GET", "/metrics", first_token_).body;
  const auto value = [&](const std::string& name) {
    const std::size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stoll(page.substr(at + name.size() + 2));
  };
  EXPECT_GE(value("tallystick_log_entries"), 2) << page;
  EXPECT_GE(value("tallystick_log_signed_entries"), 2) << page;
  EXPECT_GE(value("tallystick_log_bytes"), 400) << page;
  EXPECT_EQ(value("tallystick_log_segments"), 1) << page;
  EXPECT_EQ(value("tallystick_spool_bytes"), 0) << page;
}

TEST_F(MetricsTest, TellOfKeySets) {
  start();
  const std::string page = ask("GET", "/metrics", first_token_).body;
  for (const char* line :
       {"\ntallystick_key_sets 0\n", "\ntallystick_key_set_keys 0\n",
        "\ntallystick_key_sets_failing 0\n", "\ntallystick_key_set_failures_total 0\n",
        "\ntallystick_key_sets_loaded_timestamp_seconds 0\n"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
  KeySetFigures all;
  const WallTime early{std::chrono::seconds(100)};
  all.add({1, 2, 0, 3, early + std::chrono::seconds(1)});
  all.add({1, 1, 1, 4, early});
  EXPECT_EQ(all.sets, 2U);
  EXPECT_EQ(all.keys, 3U);
  EXPECT_EQ(all.failing, 1U);
  EXPECT_EQ(all.failures, 7U);
  EXPECT_EQ(all.loaded, early);
  all.add({1, 0, 1, 1, std::nullopt});
  EXPECT_EQ(all.loaded, std::nullopt);
}

TEST_F(MetricsTest, AreOpenToThisMachineWithoutATokenButNotWithAWrongOne) {
  start();
  EXPECT_EQ(ask("GET", "/metrics").status(), 200);
  EXPECT_EQ(ask("GET", "/metrics", "tally_" + std::string(64, '0')).status(), 401);
  EXPECT_EQ(ask("GET", "/metrics", token(access::Role::writer)).status(), 403);
}

}  // namespace
}  // namespace tally::server
