// SPDX-License-Identifier: Apache-2.0
#include "server/integrity_check.h"

#include "base/json.h"
#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using log::Problem;
using log::ProblemKind;
using std::chrono::microseconds;

log::VerifyReport report_of(std::uint64_t first, std::uint64_t end) {
  log::VerifyReport out;
  out.span = {first, end};
  out.size = 1'000;
  out.signed_size = 900;
  out.signed_root_base64 = "cm9vdA==";
  out.root_base64 = "aGVhZA==";
  out.origin = "host/1234";
  return out;
}

bool has(const std::string& json, const std::string& part) {
  json::Document document;
  EXPECT_TRUE(document.parse(json)) << json;
  return json.find(part) != std::string::npos;
}

TEST(IntegrityCheck, AWholeRangeIsAHundredPerCent) {
  const std::string out = integrity_json(report_of(100, 950), "/log");
  for (const char* part :
       {R"("total_logs":850)", R"("valid_logs":850)", R"("invalid_logs":0)", R"("chain_breaks":0)",
        R"("integrity_percentage":100,)", R"("invalid_entries":[])", R"("chain_break_points":[])",
        R"("range":{"start_seq":100,"end_seq":950})", R"("unsigned":50)",
        R"("checkpoint":{"size":900,"root":"cm9vdA==","origin":"host/1234"})",
        R"("head":{"size":1000,"root":"aGVhZA=="})"}) {
    EXPECT_TRUE(has(out, part)) << part << '\n' << out;
  }
}

TEST(IntegrityCheck, NothingIsAHundredPerCentOfNothing) {
  log::VerifyReport empty;
  empty.span = {0, 0};
  const std::string out = integrity_json(empty, "/log");
  EXPECT_TRUE(has(out, R"("total_logs":0)"));
  EXPECT_TRUE(has(out, R"("integrity_percentage":100,)"));
  EXPECT_TRUE(has(out, R"("checkpoint":null)"));
  EXPECT_TRUE(has(out, R"("unsigned":0)"));
}

TEST(IntegrityCheck, OneInAMillionIsNotRoundedAway) {
  auto report = report_of(0, 10'000'000);
  report.entries_altered = 1;
  report.problems = {{ProblemKind::entry_altered, 7, std::nullopt, "entry 7: changed"}};
  const std::string out = integrity_json(report, "/log");
  EXPECT_TRUE(has(out, R"("integrity_percentage":99.9999,)")) << out;
  EXPECT_TRUE(has(out, R"("valid_logs":9999999,"invalid_logs":1)")) << out;
}

TEST(IntegrityCheck, EntriesAreListedOnceAndBreaksBesideThem) {
  auto report = report_of(0, 100);
  report.entries_altered = 1;
  report.entries_missing = 3;
  report.breaks = 2;
  report.problems = {{ProblemKind::entry_altered, 7, std::nullopt, "entry 7: changed"},
                     {ProblemKind::entry_altered, 7, std::nullopt, "entry 7: /a/log/x has no end"},
                     {ProblemKind::entry_missing, 20, 23, "entries 20 to 22: have no lines"},
                     {ProblemKind::root, std::nullopt, std::nullopt, "/a/log/tree/0 is /a/log/y"}};
  const std::string out = integrity_json(report, "/a/log");
  EXPECT_TRUE(has(out, R"("invalid_entries":[{"seq":7,"kind":"entry-altered","detail":"entry 7: )"
                       R"(changed"},{"seq":20,"end_seq":23,"kind":"entry-missing",)"))
      << out;
  EXPECT_TRUE(has(out, R"("invalid_entries_left_out":0)")) << out;
  EXPECT_TRUE(has(out, R"({"seq":null,"kind":"root","detail":"tree/0 is y"}])")) << out;
  EXPECT_TRUE(has(out, R"("chain_break_points_left_out":0)")) << out;
  EXPECT_TRUE(has(out, R"("integrity_percentage":96.0000)")) << out;
}

TEST(IntegrityCheck, ListsAreBoundedAndSayWhatTheyLeaveOut) {
  auto report = report_of(0, 100'000);
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    report.problems.push_back({ProblemKind::entry_altered, i, std::nullopt, "changed"});
    report.problems.push_back({ProblemKind::entry_order, i, std::nullopt, "again"});
  }
  report.entries_altered = 60'000;
  report.breaks = 7'000;
  const std::string out = integrity_json(report, "/log");
  json::Document document;
  const auto object = document.parse(out);
  ASSERT_TRUE(object);
  std::size_t listed = 0;
  for ([[maybe_unused]] const auto each : object->find("invalid_entries")->children()) ++listed;
  EXPECT_EQ(listed, kIntegrityListMax);
  EXPECT_TRUE(has(out, R"("invalid_entries_left_out":59000)"));
  EXPECT_TRUE(has(out, R"("chain_break_points_left_out":6000)"));
}

TEST(IntegrityCheck, RestsAsLongAsARateNeeds) {
  EXPECT_EQ(rest_after(1'000'000, microseconds(0), 1'000'000), microseconds(1'000'000));
  EXPECT_EQ(rest_after(1'000'000, microseconds(400'000), 1'000'000), microseconds(600'000));
  EXPECT_EQ(rest_after(1'000'000, microseconds(2'000'000), 1'000'000), microseconds(0));
  EXPECT_EQ(rest_after(1'000'000'000, microseconds(0), 0), microseconds(0));
}

}  // namespace
}  // namespace tally::server
