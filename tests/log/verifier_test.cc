// SPDX-License-Identifier: Apache-2.0
#include "log/verifier.h"

#include <gtest/gtest.h>

#include "log/log_fixture.h"

namespace tally::log {
namespace {

class VerifierTest : public LogFixture {
 protected:
  VerifyReport verify(VerifyOptions options = {}) {
    auto report = verify_log(fs_, directory_, options, test_environment());
    EXPECT_TRUE(report) << report.error().detail;
    return report ? std::move(*report) : VerifyReport();
  }
  void fill(int entries, std::uint64_t segment_bytes = 20'000) {
    WriterOptions options;
    options.segment_bytes = segment_bytes;
    auto writer = open(options);
    for (int i = 0; i < entries; i += 100) {
      std::vector<EntryText> batch;
      for (int k = i; k < std::min(i + 100, entries); ++k) batch.push_back(entry(k));
      ASSERT_TRUE(writer->append_all(std::move(batch)));
    }
    ASSERT_TRUE(writer->close());
  }
};

std::string all_problems(const VerifyReport& report) {
  std::string out;
  for (const Problem& p : report.problems) out += std::string(problem_name(p.kind)) + ": " + p.detail + "\n";
  return out;
}

TEST_F(VerifierTest, AnUntouchedLogOfSeveralSegmentsIsFine) {
  fill(3000);
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.size, 3000U);
  EXPECT_EQ(report.signed_size, 3000U);
  EXPECT_EQ(report.trust, Trust::pinned);
  EXPECT_TRUE(report.head_authenticated);
  EXPECT_EQ(report.notes, std::vector<std::string>());
}

TEST_F(VerifierTest, AnEmptyLogIsFine) {
  open();
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.size, 0U);
}

}  // namespace
}  // namespace tally::log
