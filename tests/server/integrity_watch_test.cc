// SPDX-License-Identifier: Apache-2.0
#include "server/integrity_watch.h"

#include "server/api_fixture.h"

#include <fstream>
#include <sstream>

namespace tally::server {
namespace {

using IntegrityWatchTest = test::ApiFixture;

TEST_F(IntegrityWatchTest, EachCheckOfAWholeLogIsAnEvent) {
  config_.log.integrity_checks = std::chrono::milliseconds(100);
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::vector<std::string> found;
  while (found.size() < 2 && std::chrono::steady_clock::now() < end) {
    found = lines("\"audit-log-integrity-check\"");
  }
  ASSERT_GE(found.size(), 2U) << "one after the other";
  EXPECT_NE(found[0].find("\"trigger\":\"interval\""), std::string::npos) << found[0];
  EXPECT_NE(found[0].find("\"problems\":0"), std::string::npos) << found[0];
  const std::string page = ask("GET", "/metrics", first_token_).body;
  EXPECT_EQ(page.find("\ntallystick_verify_last_success_timestamp_seconds 0\n"), std::string::npos);
  EXPECT_NE(page.find("\ntallystick_verify_failures_total 0\n"), std::string::npos);
}

TEST_F(IntegrityWatchTest, AChangedLogIsACriticalEvent) {
  config_.log.integrity_checks = std::chrono::milliseconds(2'000);
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"order-placed"})").status(), 201);
  wait_signed();
  const std::string path = config_.log.directory + "/segments/00000000000000000000.jsonl";
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const std::size_t at = text.str().find("order-placed");
  ASSERT_NE(at, std::string::npos);
  std::fstream(path, std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(at)) << 'X';
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::vector<std::string> found;
  while (found.empty() && std::chrono::steady_clock::now() < end) {
    found = lines("\"audit-log-integrity-failure\"");
  }
  ASSERT_FALSE(found.empty());
  for (const char* part :
       {"\"severity\":\"critical\"", "\"event_result\":\"failure\"", "\"entries_invalid\":1",
        "\"trigger\":\"interval\"", "1 entries are changed or missing"}) {
    EXPECT_NE(found[0].find(part), std::string::npos) << part << '\n' << found[0];
  }
  EXPECT_EQ(found[0].find(config_.log.directory), std::string::npos) << "paths are nothing here";
  const std::string page = ask("GET", "/metrics", first_token_).body;
  EXPECT_EQ(page.find("\ntallystick_verify_failures_total 0\n"), std::string::npos) << page;
}

TEST_F(IntegrityWatchTest, OffMeansNone) {
  config_.log.integrity_checks = std::chrono::milliseconds(0);
  start();
  auto reading_checks = ask("GET", "/metrics", first_token_).body;
  EXPECT_NE(reading_checks.find("\ntallystick_verify_runs_total{outcome=\"intact\"} 0\n"),
            std::string::npos);
}

}  // namespace
}  // namespace tally::server
