// SPDX-License-Identifier: Apache-2.0
#include "log/prover.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

#include <span>

namespace tally::log {
namespace {

class ProverTest : public TamperedLog {
 protected:
  Reader reader() { return *Reader::open(fs_, directory_); }
  const crypto::NoteVerifier& key() { return keys_->signer.verifier(); }
};

TEST_F(ProverTest, EveryEntryHasAProofThatHoldsForItsLineOnly) {
  fill(300);
  Reader log = reader();
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  for (std::uint64_t seq = 0; seq < 300; seq += 13) {
    const auto proof = prove_inclusion(fs_, log, key(), LeafIndex{seq}, std::nullopt);
    ASSERT_TRUE(proof) << proof.error().detail;
    const auto parsed = merkle::parse_inclusion_proof(merkle::format_inclusion_proof(*proof));
    ASSERT_TRUE(parsed);
    const auto good = merkle::check_inclusion(*parsed, hasher.leaf(line_of(seq)),
                                              std::span(&key(), 1), key().name());
    ASSERT_TRUE(good);
    EXPECT_TRUE(merkle::is_match(good->verdict));
    const auto bad = merkle::check_inclusion(*parsed, hasher.leaf("another line"),
                                             std::span(&key(), 1), key().name());
    ASSERT_TRUE(bad);
    EXPECT_FALSE(merkle::is_match(bad->verdict));
  }
}

TEST_F(ProverTest, AnOlderKeptCheckpointCanBeProvedAgainst) {
  fill(100);
  fill(100);
  Reader log = reader();
  EXPECT_TRUE(prove_inclusion(fs_, log, key(), LeafIndex{50}, TreeSize{100}));
  const auto behind = prove_inclusion(fs_, log, key(), LeafIndex{150}, TreeSize{100});
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, Errc::not_found);
  const auto none = prove_inclusion(fs_, log, key(), LeafIndex{50}, TreeSize{77});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("100"), std::string::npos)
      << "names the nearest: " << none.error().detail;
}

TEST_F(ProverTest, ConsistencyHoldsBetweenKeptCheckpoints) {
  fill(100);
  const auto old = *last_signed(fs_, Layout(directory_), key());
  fill(150);
  Reader log = reader();
  const auto proof = prove_consistency(fs_, log, key(), TreeSize{100}, TreeSize{250});
  ASSERT_TRUE(proof) << proof.error().detail;
  const auto check = merkle::check_consistency(*proof, {old.size(), old.root()},
                                               std::span(&key(), 1), key().name());
  ASSERT_TRUE(check);
  EXPECT_TRUE(merkle::is_match(check->verdict));
  EXPECT_FALSE(prove_consistency(fs_, log, key(), TreeSize{250}, TreeSize{100}));
}

TEST_F(ProverTest, AnAlteredEntryGetsNoProof) {
  fill(300);
  edit_line(42, [](std::string& line) { line[20] ^= 1; });
  Reader log = reader();
  const auto proof = prove_inclusion(fs_, log, key(), LeafIndex{42}, std::nullopt);
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, Errc::corrupt);
}

TEST_F(ProverTest, AnUnsignedEntryIsToldHowToBeSigned) {
  WriterOptions options;
  options.checkpoint_interval = std::chrono::milliseconds(0);
  auto writer = open(options);
  ASSERT_TRUE(writer->append(entry(0)));
  Reader log = reader();
  const auto proof = prove_inclusion(fs_, log, key(), LeafIndex{0}, std::nullopt);
  ASSERT_FALSE(proof);
  EXPECT_NE(proof.error().detail.find("tallystick checkpoint"), std::string::npos);
}

}  // namespace
}  // namespace tally::log
