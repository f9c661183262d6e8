// SPDX-License-Identifier: Apache-2.0
#include "tallystick/proof.h"

#include "lib/lib_fixture.h"

namespace tallystick {
namespace {

class ProofTest : public LibFixture {
 protected:
  [[nodiscard]] std::string line(std::uint64_t seq) const {
    return Reader::open(log()).value().entry(seq).value();
  }
  [[nodiscard]] ProveOptions options(std::optional<std::uint64_t> size = std::nullopt) const {
    return {.size = size, .keys = keys()};
  }
};

TEST_F(ProofTest, every_entry_is_proved_with_nothing_but_the_key) {
  const std::string key = make_log(13);
  std::vector<std::string> lines;
  for (std::uint64_t seq = 0; seq < 13; ++seq) lines.push_back(line(seq));
  for (std::uint64_t seq = 0; seq < 13; ++seq) {
    const std::string proof = prove_inclusion(log(), seq, options()).value();
    EXPECT_EQ(proof.find("c2sp.org/tlog-proof@v1\n"), 0U);
    const Verdict verdict = check_inclusion(proof, lines[seq], key).value();
    EXPECT_TRUE(verdict.holds) << verdict.reason;
    EXPECT_EQ(verdict.seq, seq);
    EXPECT_EQ(verdict.size, 13U);
    EXPECT_NE(proof.find(verdict.checkpoint), std::string::npos);
    const Verdict other = check_inclusion(proof, lines[(seq + 1) % 13], key).value();
    EXPECT_FALSE(other.holds);
    EXPECT_FALSE(other.reason.empty());
    EXPECT_FALSE(other.seq.has_value());
  }
}

TEST_F(ProofTest, a_changed_line_or_another_key_is_refuted) {
  const std::string key = make_log(3);
  const std::string proof = prove_inclusion(log(), 1, options()).value();
  EXPECT_FALSE(check_inclusion(proof, line(1) + " ", key).value().holds);
  Writer other = Writer::open(directory_ / "other", {.keys = directory_ / "other-keys"}).value();
  EXPECT_FALSE(check_inclusion(proof, line(1), other.key()).value().holds);
  EXPECT_EQ(check_inclusion("no proof", line(1), key).error().code, Errc::malformed);
  EXPECT_EQ(check_inclusion(proof, line(1), "no key").error().code, Errc::malformed);
  EXPECT_EQ(check_inclusion(proof, std::string(300'000, 'x'), key).error().code, Errc::too_large);
}

TEST_F(ProofTest, an_entry_is_proved_once_it_is_signed) {
  Writer writer = open({.checkpoint_interval = std::chrono::milliseconds(0)});
  writer.append(numbered(0)).value();
  EXPECT_EQ(prove_inclusion(log(), 0, options()).error().code, Errc::not_found);
  writer.checkpoint().value();
  EXPECT_TRUE(prove_inclusion(log(), 0, options()).ok());
  EXPECT_EQ(prove_inclusion(log(), 1, options()).error().code, Errc::not_found);
}

TEST_F(ProofTest, a_log_only_grew) {
  Writer writer = open({.checkpoint_interval = std::chrono::milliseconds(0)});
  std::vector<Checkpoint> kept;
  for (int n = 0; n < 4; ++n) {
    writer.append_all(std::vector<Event>{numbered(n), numbered(n), numbered(n)}).value();
    kept.push_back(writer.checkpoint().value());
  }
  const std::string proof = prove_consistency(log(), 3, options()).value();
  const Verdict verdict = check_consistency(proof, kept[0].note, writer.key()).value();
  EXPECT_TRUE(verdict.holds) << verdict.reason;
  EXPECT_EQ(verdict.old_size, 3U);
  EXPECT_EQ(verdict.size, 12U);
  EXPECT_EQ(verdict.checkpoint, kept[3].note);
  // The same proof says nothing to who knows another tree.
  EXPECT_FALSE(check_consistency(proof, kept[1].note, writer.key()).value().holds);

  const std::string between = prove_consistency(log(), 6, options(9)).value();
  EXPECT_TRUE(check_consistency(between, kept[1].note, writer.key()).value().holds);
  EXPECT_EQ(prove_consistency(log(), 9, options(6)).error().code, Errc::invalid_argument);
  EXPECT_EQ(prove_consistency(log(), 4, options()).error().code, Errc::not_found);
  EXPECT_TRUE(check_inclusion(prove_inclusion(log(), 2, options(3)).value(), line(2), writer.key())
                  .value()
                  .holds);
}

TEST_F(ProofTest, a_checkpoint_that_was_changed_is_no_anchor) {
  Writer writer = open();
  writer.append(numbered(0)).value();
  std::string note = writer.checkpoint().value().note;
  const std::string proof = prove_consistency(log(), 1, options()).value();
  EXPECT_TRUE(check_consistency(proof, note, writer.key()).value().holds);
  note[note.size() - 10] = note[note.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(check_consistency(proof, note, writer.key()).value().holds);
  const auto unread = check_consistency(proof, "no note", writer.key());
  EXPECT_EQ(unread.error().code, Errc::malformed);
  EXPECT_EQ(unread.error().detail.find("old checkpoint: "), 0U);
}

TEST_F(ProofTest, nothing_is_proved_from_a_changed_log) {
  make_log(4);
  std::string lines = read(first_segment());
  lines.replace(lines.find("{\"n\":2}"), 7, "{\"n\":9}");
  write(first_segment(), lines);
  EXPECT_EQ(prove_inclusion(log(), 2, options()).error().code, Errc::corrupt);
  EXPECT_TRUE(prove_inclusion(log(), 1, options()).ok());
}

}  // namespace
}  // namespace tallystick
