// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_report.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace tally::cli {
namespace {

DoctorReport sample() {
  DoctorReport report;
  report.add("log.keys", Finding::fine, "for this user only");
  report.add("disk", Finding::failed, "no \"room\"", "make some");
  report.add("clock", Finding::warning, "late");
  return report;
}

TEST(DoctorReport, PeopleGetALineAndTheRemedyBelowIt) {
  EXPECT_EQ(sample().text(),
            "ok       log.keys  for this user only\n"
            "failed   disk      no \"room\"\n"
            "                   -> make some\n"
            "warning  clock     late\n"
            "1 check failed, 1 warning, 3 findings\n");
  EXPECT_EQ(DoctorReport().text(), "0 checks failed, 0 warnings, 0 findings\n");
}

TEST(DoctorReport, ProgramsGetJson) {
  json::Document document;
  const std::string text = sample().json();
  const auto root = document.parse(std::string_view(text));
  ASSERT_TRUE(root) << text;
  EXPECT_EQ(root->find("ok")->raw(), "false");
  EXPECT_EQ(root->find("failed")->raw(), "1");
  EXPECT_EQ(root->find("warnings")->raw(), "1");
  std::vector<std::string> findings;
  for (const json::Value each : root->find("findings")->children()) {
    findings.push_back(each.find("finding")->text());
  }
  EXPECT_EQ(findings, (std::vector<std::string>{"ok", "failed", "warning"}));
}

}  // namespace
}  // namespace tally::cli
