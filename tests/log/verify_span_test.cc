// SPDX-License-Identifier: Apache-2.0
// Verification of some entries says of them what verification of all says of them.
#include "log/line_pass.h"
#include "log/tampered_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>

namespace tally::log {
namespace {

class VerifySpanTest : public TamperedLog {
 protected:
  VerifyReport verify_span(std::uint64_t first, std::uint64_t end) {
    VerifyOptions options;
    options.span = EntrySpan{first, end};
    options.threads = 1;
    return verify(options);
  }

  /// Entries of [first, end) that a report calls altered or missing.
  static std::set<std::uint64_t> invalid(const VerifyReport& report, std::uint64_t first,
                                         std::uint64_t end) {
    std::set<std::uint64_t> out;
    for (const Problem& p : report.problems) {
      if (p.kind != ProblemKind::entry_altered && p.kind != ProblemKind::entry_missing) continue;
      for (std::uint64_t seq = *p.seq; seq < p.end.value_or(*p.seq + 1); ++seq) {
        if (seq >= first && seq < end) out.insert(seq);
      }
    }
    return out;
  }

  /// A byte of some file of the log is changed; true when there was one.
  bool damage(std::mt19937& random, std::string& what) {
    const Layout layout(directory_);
    std::vector<std::string> paths;
    for (const std::string& path : fs_.paths()) {
      if (path.starts_with(directory_ + "/") && !path.ends_with("/lock")) paths.push_back(path);
    }
    // Lines are most of a log, and small tree files and notes most of its files.
    const bool line = random() % 2 == 0;
    const std::string& path = paths[random() % paths.size()];
    if (line && path.find("/segments/") == std::string::npos) return false;
    std::string content = *fs_.content(path);
    if (content.empty()) return false;
    const std::size_t at = random() % content.size();
    content[at] = static_cast<char>(content[at] ^ static_cast<char>(1U << random() % 8));
    fs_.put(path, content);
    what = path + " at " + std::to_string(at);
    return true;
  }
};

TEST_F(VerifySpanTest, EverySpanOfAnUntouchedLogIsFine) {
  fill(1'300);
  fill(700);
  for (const auto& [first, end] :
       std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 0},
                                                            {0, 1},
                                                            {0, 2'000},
                                                            {255, 257},
                                                            {256, 512},
                                                            {257, 258},
                                                            {1'023, 1'025},
                                                            {1'999, 2'000},
                                                            {2'000, 2'000},
                                                            {1'299, 1'301},
                                                            {777, 777}}) {
    const auto report = verify_span(first, end);
    EXPECT_TRUE(report.ok()) << first << ".." << end << '\n' << all_problems(report);
    EXPECT_EQ(report.span, (EntrySpan{first, end}));
    EXPECT_EQ(report.signed_size, 2'000U);
    EXPECT_FALSE(report.signed_root_base64.empty());
  }
}

TEST_F(VerifySpanTest, ReadsOnlyTheLinesOfTheSpan) {
  fill(2'000);
  const auto all = verify();
  const auto some = verify_span(900, 1'000);
  EXPECT_GT(some.bytes, 0U);
  EXPECT_LT(some.bytes * 15, all.bytes);
  EXPECT_EQ(verify_span(900, 900).bytes, 0U);
}

TEST_F(VerifySpanTest, SpansThatBeginAndEndAtSegmentsAreFine) {
  fill(2'000);
  const auto segments = *list_segments(fs_, Layout(directory_));
  ASSERT_GT(segments.size(), 3U);
  for (std::size_t i = 1; i + 1 < segments.size(); ++i) {
    const std::uint64_t first = segments[i].value();
    const std::uint64_t end = segments[i + 1].value();
    for (const auto& [from, to] : {std::pair(first, end), std::pair(first - 1, end + 1)}) {
      const auto report = verify_span(from, to);
      EXPECT_TRUE(report.ok()) << all_problems(report);
      EXPECT_LT(report.bytes, verify().bytes);
    }
  }
}

TEST_F(VerifySpanTest, WhatIsBehindTheEndIsLeftOut) {
  fill(300);
  const auto report = verify_span(290, 5'000);
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.span, (EntrySpan{290, 300}));
  const auto behind = verify_span(400, 500);
  EXPECT_TRUE(behind.ok()) << all_problems(behind);
  EXPECT_EQ(behind.span, (EntrySpan{300, 300}));
  EXPECT_EQ(behind.bytes, 0U) << "no reason to read the whole log";
}

TEST_F(VerifySpanTest, AnEmptyLogHasAnEmptySpan) {
  static_cast<void>(open()->close());
  const auto report = verify_span(0, 100);
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.span.size(), 0U);
}

TEST_F(VerifySpanTest, OnlyEntriesOfTheSpanAreCounted) {
  fill(2'000);
  for (const std::uint64_t seq : {10U, 700U, 701U, 1'500U}) {
    edit_line(seq, [](std::string& line) { line.replace(line.find("2026"), 4, "2025"); });
  }
  erase_lines(1'000, 1'010);
  EXPECT_EQ(verify_span(600, 700).entries_altered, 0U);
  EXPECT_TRUE(verify_span(600, 700).ok());
  const auto report = verify_span(701, 1'005);
  EXPECT_EQ(report.entries_altered, 1U) << all_problems(report);
  EXPECT_EQ(report.entries_missing, 5U) << all_problems(report);
  EXPECT_EQ(report.breaks, 1U) << all_problems(report);
  const auto all = verify();
  EXPECT_EQ(all.entries_altered, 4U);
  EXPECT_EQ(all.entries_missing, 10U);
}

TEST_F(VerifySpanTest, CountsStayExactBeyondTheList) {
  fill(12'000);
  const Layout layout(directory_);
  const auto segments = *list_segments(fs_, layout);
  for (const LeafIndex segment : segments) {
    std::string content = *fs_.content(layout.segment(segment));
    for (std::size_t at = content.find("\"2026-"); at != std::string::npos;
         at = content.find("\"2026-", at)) {
      content.replace(at, 6, "\"2025-");
    }
    fs_.put(layout.segment(segment), content);
  }
  const auto report = verify();
  EXPECT_EQ(report.problems.size(), ProblemList::kProblemsMax);
  EXPECT_EQ(report.entries_altered, 12'000U);
  EXPECT_EQ(report.problems_left_out, 2'000U);
  EXPECT_EQ(report.breaks, 0U);
  EXPECT_EQ(verify_span(11'000, 11'500).entries_altered, 500U);
}

TEST_F(VerifySpanTest, LinesOfAnotherKindDoNotFillMemory) {
  fill(1'000);
  const std::string path = Layout(directory_).segment(LeafIndex{0});
  std::string forged;
  for (int i = 0; i < 15'000; ++i) forged += "{\"seq\":3,\"forged\":true}\n";
  fs_.put(path, *fs_.content(path) + forged);
  const auto report = verify();
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.problems.size(), ProblemList::kProblemsMax);
  EXPECT_GE(report.breaks, 15'000U);
  EXPECT_EQ(report.breaks, report.problems.size() + report.problems_left_out);
}

TEST_F(VerifySpanTest, AStopEndsIt) {
  fill(500);
  std::atomic<bool> stop = true;
  VerifyOptions options;
  options.stop = &stop;
  for (const bool some : {false, true}) {
    if (some) options.span = EntrySpan{3, 400};
    const auto report = verify_log(fs_, directory_, options, test_environment());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::closed);
  }
}

/// The property: of the entries of a span both say the same, and a span is only fine when no entry
/// of it is not.
TEST_F(VerifySpanTest, AgreesWithTheWholeWhateverByteIsChanged) {
  fill(1'500);
  const Snapshot untouched = snapshot();
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp): the same damage each time
  int found = 0;
  for (int round = 0; round < 200; ++round) {
    std::string what;
    if (!damage(random, what)) continue;
    if (random() % 3 == 0) static_cast<void>(damage(random, what));
    const auto all = verify_log(fs_, directory_, {}, test_environment());
    const std::uint64_t first = random() % 1'400;
    const std::uint64_t end = first + 1 + random() % 1'000;
    VerifyOptions options;
    options.span = EntrySpan{first, end};
    const auto some = verify_log(fs_, directory_, options, test_environment());
    ASSERT_EQ(all.has_value(), some.has_value()) << what;
    if (all) {
      const auto expected = invalid(*all, first, end);
      EXPECT_EQ(invalid(*some, first, end), expected) << what << '\n' << all_problems(*all);
      EXPECT_EQ(some->entries_altered + some->entries_missing, expected.size()) << what;
      EXPECT_TRUE(some->ok() || !all->ok()) << what;
      if (!expected.empty()) ++found;
      // What is found in all of it is what is found without a span.
      options.span = EntrySpan{};
      const auto whole = verify_log(fs_, directory_, options, test_environment());
      EXPECT_EQ(all_problems(*whole), all_problems(*all)) << what;
      EXPECT_EQ(whole->entries_altered + whole->entries_missing, invalid(*all, 0, all->size).size())
          << what << '\n'
          << all_problems(*all);
    }
    restore(untouched);
  }
  EXPECT_GT(found, 3);
}

}  // namespace
}  // namespace tally::log
