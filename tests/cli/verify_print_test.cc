// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_print.h"

#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

VerifySummary summary() {
  VerifySummary s{"/logs/a", {}, std::chrono::milliseconds(500)};
  s.report.size = 12'345;
  s.report.signed_size = 12'300;
  s.report.bytes = 1 << 20;
  s.report.root_base64 = "cm9vdA==";
  s.report.origin = "host/id";
  s.report.key = "host/id+1+k";
  s.report.trust = log::Trust::pinned;
  s.report.head_authenticated = true;
  s.report.checkpoints_checked = 4;
  return s;
}

TEST(VerifyPrint, AGoodLogAndWhatWasNotSeen) {
  const std::string text = verify_text(summary());
  EXPECT_THAT(text, HasSubstr("12,345 committed, 12,300 signed; the last 45 not yet (no failure)"));
  EXPECT_THAT(text, HasSubstr("pinned in the private folder (host/id+1+k)"));
  EXPECT_THAT(text, HasSubstr("1.0 MiB of entries"));
  EXPECT_THAT(text, HasSubstr("(2.0 MiB/s)"));
  EXPECT_THAT(text, HasSubstr("\nok: "));
  EXPECT_THAT(text, HasSubstr("Not checked: whether an older copy"));
  EXPECT_THAT(text, Not(HasSubstr("NOT ok")));
}

TEST(VerifyPrint, NothingIsLeftUncheckedWithAnOutsideCheckpoint) {
  VerifySummary s = summary();
  s.report.outside_checked = 1;
  EXPECT_THAT(verify_text(s), Not(HasSubstr("Not checked")));
}

TEST(VerifyPrint, SaysWhenTheKeyIsTheLogsOwn) {
  VerifySummary s = summary();
  s.report.trust = log::Trust::self;
  s.report.head_authenticated = false;
  EXPECT_THAT(verify_text(s), HasSubstr("key: from the log itself, not checked"));
  EXPECT_THAT(verify_text(s), HasSubstr("head: not authenticated"));
  EXPECT_THAT(verify_json(s), HasSubstr(R"("trust":"self")"));
}

TEST(VerifyPrint, WithoutTheHeadKeyOnlySignedEntriesAreFine) {
  VerifySummary s = summary();
  s.report.head_authenticated = false;
  EXPECT_THAT(verify_text(s), HasSubstr("\nok: the first 12,300 entries are there"));
  EXPECT_THAT(verify_text(s), HasSubstr("the last 45 entries not signed"));
  EXPECT_THAT(verify_text(s), Not(HasSubstr("every entry")));
  EXPECT_THAT(verify_json(s), HasSubstr(R"("unprotected":45,)"));
  s.report.signed_size = 0;
  EXPECT_THAT(verify_text(s), HasSubstr("nothing is proved: no entry is signed"));
  EXPECT_THAT(verify_text(s), Not(HasSubstr("ok: ")));
  s.report.signed_size = s.report.size;
  EXPECT_THAT(verify_text(s), HasSubstr("ok: every entry"));
}

TEST(VerifyPrint, NamesEachProblemWithItsEntries) {
  VerifySummary s = summary();
  s.report.problems = {{log::ProblemKind::entry_altered, 41, std::nullopt, "changed"},
                       {log::ProblemKind::entry_missing, 50, 60, "gone"},
                       {log::ProblemKind::entry_missing, 70, 71, "gone"},
                       {log::ProblemKind::file, std::nullopt, std::nullopt, "strange"}};
  s.report.problems_left_out = 1'000;
  const std::string text = verify_text(s);
  EXPECT_THAT(text, HasSubstr("entry-altered: entry 41: changed\n"));
  EXPECT_THAT(text, HasSubstr("entry-missing: entries 50 to 59: gone\n"));
  EXPECT_THAT(text, HasSubstr("entry-missing: entry 70: gone\n"));
  EXPECT_THAT(text, HasSubstr("file: strange\n"));
  EXPECT_THAT(text, HasSubstr("and 1,000 more"));
  EXPECT_THAT(text, HasSubstr("NOT ok: 1,004 problems"));
  EXPECT_THAT(text, Not(HasSubstr("\nok: ")));
}

TEST(VerifyPrint, FileNamesCannotSteerTheTerminal) {
  VerifySummary s = summary();
  s.report.problems = {{log::ProblemKind::file, std::nullopt, std::nullopt, "x\x1b[2J\ny"}};
  EXPECT_THAT(verify_text(s), Not(HasSubstr("\x1b")));
  EXPECT_THAT(verify_text(s), Not(HasSubstr("\ny")));
}

TEST(VerifyPrint, JsonHasTheDocumentedMembers) {
  VerifySummary s = summary();
  s.report.problems = {{log::ProblemKind::entry_missing, 50, 60, "go\"ne"},
                       {log::ProblemKind::file, std::nullopt, std::nullopt, "strange"}};
  s.report.notes = {"one", "two"};
  const std::string text = verify_json(s);
  json::Document document;
  const auto root = document.parse(text);
  ASSERT_TRUE(root) << root.error().detail << "\n" << text;
  EXPECT_EQ(root->find("ok")->raw(), "false");
  EXPECT_EQ(root->find("size")->raw(), "12345");
  EXPECT_EQ(root->find("signed_size")->raw(), "12300");
  EXPECT_EQ(root->find("root")->text(), "cm9vdA==");
  EXPECT_EQ(root->find("trust")->text(), "pinned");
  EXPECT_EQ(root->find("key")->text(), "host/id+1+k");
  EXPECT_EQ(root->find("seconds")->raw(), "0.500000");
  EXPECT_EQ(root->find("notes")->raw(), R"(["one","two"])");
  EXPECT_EQ(root->find("problems")->raw(),
            R"([{"kind":"entry-missing","seq":50,"end":60,"detail":"go\"ne"},)"
            R"({"kind":"file","detail":"strange"}])");
  EXPECT_FALSE(root->find("problems_left_out"));
}

TEST(VerifyPrint, ARangeWithoutEntriesIsNotFine) {
  VerifySummary s = summary();
  EXPECT_TRUE(passed(s));
  s.of_range = true;
  s.report.span = {7, 9};
  EXPECT_TRUE(passed(s));
  EXPECT_THAT(verify_text(s), HasSubstr("entries 7 to 8 (2), the first to the last one of this"));
  EXPECT_THAT(verify_text(s), HasSubstr("\nok: "));
  s.named_by_server = true;
  EXPECT_THAT(verify_text(s), HasSubstr("(2), which the server named for this time\n"));
  EXPECT_THAT(verify_text(s), HasSubstr("are of it, the server said."));
  s.report.span = {7, 7};
  EXPECT_FALSE(passed(s));
  EXPECT_THAT(verify_text(s), HasSubstr("the server named no signed entry of this time"));
  EXPECT_THAT(verify_text(s), HasSubstr("\nnothing was checked"));
  EXPECT_THAT(verify_text(s), Not(HasSubstr("ok: ")));
  EXPECT_THAT(verify_json(s), HasSubstr(R"({"ok":false,)"));
  s.named_by_server = false;
  EXPECT_THAT(verify_text(s), HasSubstr("no entry is of this time"));
  EXPECT_FALSE(passed(s));
}

}  // namespace
}  // namespace tally::cli
