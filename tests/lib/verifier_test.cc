// SPDX-License-Identifier: Apache-2.0
#include "tallystick/verifier.h"

#include "lib/lib_fixture.h"

#include <algorithm>

namespace tallystick {
namespace {

using VerifierTest = LibFixture;

TEST_F(VerifierTest, a_good_log_has_no_problems) {
  const std::string key = make_log(100);
  std::uint64_t total = 0;
  const auto report =
      verify(log(), {.keys = keys(),
                     .threads = 2,
                     .progress = [&](std::uint64_t, std::uint64_t of) { total = of; }})
          .value();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.size, 100U);
  EXPECT_EQ(report.signed_size, 100U);
  EXPECT_EQ(report.trust, Trust::pinned);
  EXPECT_EQ(report.key, key);
  EXPECT_EQ(report.origin, Reader::open(log()).value().origin());
  EXPECT_TRUE(report.head_authenticated);
  EXPECT_GT(report.checkpoints_checked, 0U);
  EXPECT_EQ(report.outside_checked, 0U);
  EXPECT_EQ(report.bytes, std::filesystem::file_size(first_segment()));
  EXPECT_EQ(total, std::filesystem::file_size(first_segment()));
  const std::string note = Reader::open(log()).value().checkpoint().value();
  EXPECT_NE(note.find(report.root), std::string::npos);
}

TEST_F(VerifierTest, names_the_entry_that_was_changed) {
  make_log(20);
  std::string lines = read(first_segment());
  lines.replace(lines.find("{\"n\":13}"), 8, "{\"n\":31}");
  write(first_segment(), lines);
  const auto report = verify(log(), {.keys = keys()}).value();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.problems.front().kind, "entry-altered");
  EXPECT_EQ(report.problems.front().seq, 13U);
  EXPECT_FALSE(report.problems.front().detail.empty());
}

TEST_F(VerifierTest, a_given_key_is_trusted_before_others) {
  const std::string key = make_log(2);
  const auto report = verify(log(), {.key = key, .keys = directory_ / "elsewhere"}).value();
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.trust, Trust::given);
  EXPECT_FALSE(report.head_authenticated);
  const auto self = verify(log(), {.keys = directory_ / "elsewhere"}).value();
  EXPECT_TRUE(self.ok());
  EXPECT_EQ(self.trust, Trust::self);

  Writer other = Writer::open(directory_ / "other", {.keys = directory_ / "other-keys"}).value();
  const auto wrong = verify(log(), {.key = other.key(), .keys = keys()}).value();
  EXPECT_FALSE(wrong.ok());
  EXPECT_EQ(verify(log(), {.key = "no key"}).error().code, Errc::malformed);
}

TEST_F(VerifierTest, only_a_checkpoint_from_outside_finds_an_older_copy) {
  make_log(5);
  std::filesystem::copy(log(), directory_ / "older", std::filesystem::copy_options::recursive);
  Writer writer = open();
  writer.append(numbered(5)).value();
  const Checkpoint kept = writer.checkpoint().value();
  writer.close().value();
  EXPECT_EQ(
      verify(log(), {.keys = keys(), .against = {{"kept", kept.note}}}).value().outside_checked,
      1U);

  EXPECT_TRUE(verify(directory_ / "older", {.keys = keys()}).value().ok());
  const auto report =
      verify(directory_ / "older", {.keys = keys(), .against = {{"kept", kept.note}}}).value();
  EXPECT_TRUE(std::ranges::any_of(report.problems, [](const Problem& problem) {
    return problem.kind == "outside-checkpoint";
  }));
}

TEST_F(VerifierTest, says_that_there_is_nothing_to_check) {
  EXPECT_EQ(verify(log()).error().code, Errc::not_found);
}

}  // namespace
}  // namespace tallystick
