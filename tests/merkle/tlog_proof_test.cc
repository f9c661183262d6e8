// SPDX-License-Identifier: Apache-2.0
// Proof files: golden text, there and back, and no second spelling or changed byte accepted.
#include "merkle/tlog_proof.h"

#include "base/limits.h"
#include "crypto/note_vectors.h"
#include "merkle/reference_tree.h"
#include "merkle/tessera_fixture.h"

#include <gtest/gtest.h>

namespace tally::merkle {
namespace {

using crypto::HashAlgorithm;
using crypto::NoteSigner;
using crypto::NoteVerifier;

std::vector<NoteVerifier> proof_keys() {
  return {NoteVerifier::parse(crypto::kTesseraVkey).value()};
}

/// A log of Tessera's test entries with any algorithm, signed with Tessera's test key.
struct TestLog {
  explicit TestLog(HashAlgorithm chosen = HashAlgorithm::sha256) : algorithm(chosen), tree(chosen) {
    for (const char* entry : kTesseraEntries) tree.add(entry);
  }
  std::string note(std::uint64_t size) {
    const Checkpoint checkpoint{kTesseraOrigin, TreeSize{size}, tree.root(size), algorithm};
    return sign_checkpoint(checkpoint, NoteSigner::parse(crypto::kTesseraSkey).value()).value();
  }
  InclusionProofFile inclusion(std::uint64_t index, std::uint64_t size) {
    return {algorithm, std::nullopt, LeafIndex{index}, tree.path(index, size), note(size)};
  }
  ConsistencyProofFile consistency(std::uint64_t old, std::uint64_t now) {
    return {algorithm, TreeSize{old}, tree.root(old), tree.proof(old, now), note(now)};
  }
  KnownTree tree_of(std::uint64_t size) { return {TreeSize{size}, tree.root(size)}; }

  HashAlgorithm algorithm;
  ReferenceTree tree;
};

Result<ProofCheck> check(const InclusionProofFile& proof, const LeafHash& leaf) {
  return check_inclusion(proof, leaf, proof_keys(), kTesseraOrigin);
}
bool holds(const Result<ProofCheck>& check) { return check && is_match(check->verdict); }

TEST(TlogProof, WritesTheC2spText) {
  TestLog log;
  InclusionProofFile proof = log.inclusion(2, 3);
  const std::string sibling = log.tree.subtree(0, 2).to_base64();
  EXPECT_EQ(format_inclusion_proof(proof),
            "c2sp.org/tlog-proof@v1\nindex 2\n" + sibling + "\n\n" + log.note(3));
  proof.extra = "more";
  EXPECT_EQ(format_inclusion_proof(proof),
            "c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 2\n" + sibling + "\n\n" + log.note(3));
  EXPECT_EQ(format_inclusion_proof(log.inclusion(0, 1)),
            "c2sp.org/tlog-proof@v1\nindex 0\n\n" + std::string(kTesseraCheckpoints[1].note));
  EXPECT_EQ(
      format_consistency_proof(log.consistency(1, 2)),
      "tallystick/consistency-proof@v1\nold 1 0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=\n" +
          log.tree.leaf(1).to_base64() + "\n\n" + log.note(2));
}

TEST(TlogProof, OtherAlgorithmsAreNamedInTheFirstLine) {
  TestLog log(HashAlgorithm::sha3_256);
  EXPECT_TRUE(format_inclusion_proof(log.inclusion(2, 3))
                  .starts_with("tallystick/tlog-proof@v1 sha3-256\nindex 2\n"));
  EXPECT_TRUE(format_consistency_proof(log.consistency(2, 3))
                  .starts_with("tallystick/consistency-proof@v1 sha3-256\nold 2 "));
}

TEST(TlogProof, EveryProofComesBackAndHolds) {
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512,
        HashAlgorithm::sha3_256, HashAlgorithm::blake2b512}) {
    TestLog log(algorithm);
    for (std::uint64_t size = 1; size <= 15; size += 2) {
      for (std::uint64_t i = 0; i < size; ++i) {
        InclusionProofFile proof = log.inclusion(i, size);
        if (i % 2 == 0) proof.extra = "extra " + std::to_string(i);
        const auto parsed = parse_inclusion_proof(format_inclusion_proof(proof));
        ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
        ASSERT_EQ(*parsed, proof);
        const auto checked = check(*parsed, log.tree.leaf(i));
        ASSERT_TRUE(holds(checked));
        ASSERT_EQ(checked->checkpoint.size(), TreeSize{size});
        const auto wrong = check(*parsed, log.tree.leaf((i + 1) % 15));
        ASSERT_TRUE(wrong.has_value());
        ASSERT_TRUE(std::holds_alternative<RootMismatch>(wrong->verdict));
      }
      for (std::uint64_t old = 1; old <= size; ++old) {
        const ConsistencyProofFile proof = log.consistency(old, size);
        const auto parsed = parse_consistency_proof(format_consistency_proof(proof));
        ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
        ASSERT_EQ(*parsed, proof);
        ASSERT_TRUE(
            holds(check_consistency(*parsed, log.tree_of(old), proof_keys(), kTesseraOrigin)));
      }
    }
  }
}

TEST(TlogProof, ConsistencyIsWithTheTreeTheCallerKnows) {
  TestLog log;
  const ConsistencyProofFile proof = log.consistency(7, 15);
  const auto verdict = [&](const KnownTree& tree) {
    return check_consistency(proof, tree, proof_keys(), kTesseraOrigin).value().verdict;
  };
  EXPECT_TRUE(is_match(verdict(log.tree_of(7))));
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(verdict(log.tree_of(8))));
  const KnownTree fork{TreeSize{7}, log.tree.root(8)};
  EXPECT_EQ(verdict(fork), (Verdict{RootMismatch{log.tree.root(8), log.tree.root(7)}}));
  // A file that lies about the old root as its reader knows it does not lead to the new root.
  ConsistencyProofFile lying = proof;
  lying.old_root = log.tree.root(8);
  EXPECT_FALSE(
      is_match(check_consistency(lying, fork, proof_keys(), kTesseraOrigin).value().verdict));
}

TEST(TlogProof, SignatureAndOriginCount) {
  TestLog log;
  const InclusionProofFile proof = log.inclusion(3, 15);
  const LeafHash leaf = log.tree.leaf(3);
  const std::vector<NoteVerifier> others{NoteVerifier::parse(crypto::kPeterVkey).value()};
  EXPECT_EQ(check_inclusion(proof, leaf, others, kTesseraOrigin).error().code, Errc::mismatch);
  EXPECT_EQ(check_inclusion(proof, leaf, proof_keys(), "example.com/other").error().code,
            Errc::mismatch);
  EXPECT_EQ(check_consistency(log.consistency(3, 15), log.tree_of(3), others, kTesseraOrigin)
                .error()
                .code,
            Errc::mismatch);
}

TEST(TlogProof, IndexBeyondTheTreeIsMalformed) {
  TestLog log;
  for (const std::uint64_t index : {15, 16, 1'000'000}) {
    InclusionProofFile proof = log.inclusion(3, 15);
    proof.index = LeafIndex{index};
    const auto parsed = parse_inclusion_proof(format_inclusion_proof(proof));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(std::holds_alternative<ProofMalformed>(check(*parsed, log.tree.leaf(3))->verdict));
  }
}

TEST(TlogProof, AlgorithmsOfFileAndCheckpointMustAgree) {
  TestLog sha256;
  TestLog sha3(HashAlgorithm::sha3_256);
  InclusionProofFile mixed = sha256.inclusion(3, 15);
  mixed.checkpoint_note = sha3.note(15);
  EXPECT_EQ(parse_inclusion_proof(format_inclusion_proof(mixed)).error().code, Errc::malformed);
  EXPECT_EQ(check(mixed, sha256.tree.leaf(3)).error().code, Errc::mismatch);
  ConsistencyProofFile other = sha256.consistency(3, 15);
  other.checkpoint_note = sha3.note(15);
  EXPECT_EQ(parse_consistency_proof(format_consistency_proof(other)).error().code, Errc::malformed);
}

/// Whether this text, read as a proof, proves what it should not have survived to prove.
template <class Holds>
void refuse_changed(const std::string& text, Holds still_holds) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int delta : {1, 2, 4, 32, 128}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ delta);
      ASSERT_FALSE(still_holds(changed)) << "byte " << i << " xor " << delta;
    }
    for (const char c : {'\n', ' ', 'A', '0', '='}) {
      std::string inserted = text;
      inserted.insert(i, 1, c);
      ASSERT_FALSE(still_holds(inserted)) << "insertion at " << i;
    }
    ASSERT_FALSE(still_holds(text.substr(0, i))) << "cut at " << i;
    std::string missing = text;
    missing.erase(i, 1);
    ASSERT_FALSE(still_holds(missing)) << "without byte " << i;
  }
  for (const char* tail : {"\n", " ", "A", "\r\n", "\xE2\x80\x94"})
    ASSERT_FALSE(still_holds(text + tail));
  for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    const std::size_t length = text.find('\n', begin) + 1 - begin;
    std::string dropped = text;
    dropped.erase(begin, length);
    ASSERT_FALSE(still_holds(dropped)) << "without the line at " << begin;
    std::string doubled = text;
    doubled.insert(begin, text.substr(begin, length));
    const bool is_signature = text.substr(begin).starts_with("\xE2\x80\x94");
    // A signature line may stand twice; every other line may not.
    ASSERT_EQ(still_holds(doubled), is_signature) << "with the line at " << begin << " twice";
  }
}

TEST(TlogProof, EveryChangedByteOrLineOfAnInclusionProofIsRefused) {
  TestLog log;
  const LeafHash leaf = log.tree.leaf(9);
  refuse_changed(format_inclusion_proof(log.inclusion(9, 15)), [&](const std::string& text) {
    const auto parsed = parse_inclusion_proof(text);
    return parsed && holds(check(*parsed, leaf));
  });
}

TEST(TlogProof, EveryChangedByteOrLineOfAConsistencyProofIsRefused) {
  TestLog log;
  const KnownTree old = log.tree_of(6);
  refuse_changed(format_consistency_proof(log.consistency(6, 15)), [&](const std::string& text) {
    const auto parsed = parse_consistency_proof(text);
    return parsed && holds(check_consistency(*parsed, old, proof_keys(), kTesseraOrigin));
  });
}

TEST(TlogProof, MalformedFilesAreRefused) {
  TestLog log;
  const std::string note = log.note(1);
  const std::string header = "c2sp.org/tlog-proof@v1\n";
  ASSERT_TRUE(parse_inclusion_proof(header + "index 0\n\n" + note).has_value());
  const std::string hash32 = to_base64(as_bytes(std::string(32, 'h')));
  const std::string hash64 = to_base64(as_bytes(std::string(64, 'h')));
  struct Case {
    std::string text;
    Errc code;
  };
  const Case cases[] = {
      {"", Errc::malformed},
      {header, Errc::malformed},
      {"wrong-header\nindex 0\n\n" + note, Errc::malformed},
      {"c2sp.org/tlog-proof@v1 sha512\nindex 0\n\n" + note, Errc::malformed},
      {"tallystick/tlog-proof@v1\nindex 0\n\n" + note, Errc::malformed},
      {"tallystick/tlog-proof@v1 sha256\nindex 0\n\n" + note, Errc::malformed},
      {"tallystick/tlog-proof@v1 md5\nindex 0\n\n" + note, Errc::unsupported},
      {header + "extra !!\nindex 0\n\n" + note, Errc::malformed},
      {header + "extra \nindex 0\n\n" + note, Errc::malformed},
      {header + "extra bW9yZQ\nindex 0\n\n" + note, Errc::malformed},
      {header + "extra bW9yZQ==\nextra bW9yZQ==\nindex 0\n\n" + note, Errc::malformed},
      {header + "index 0\nextra bW9yZQ==\n\n" + note, Errc::malformed},
      {header + "\n" + note, Errc::malformed},
      {header + "index -0\n\n" + note, Errc::malformed},
      {header + "index 00\n\n" + note, Errc::malformed},
      {header + "index  0\n\n" + note, Errc::malformed},
      {header + "Index 0\n\n" + note, Errc::malformed},
      {header + "index 18446744073709551616\n\n" + note, Errc::malformed},
      {header + "index 0\n!!\n\n" + note, Errc::malformed},
      {header + "index 0\n" + hash64 + "\n\n" + note, Errc::malformed},
      {header + "index 0\n" + hash32 + " \n\n" + note, Errc::malformed},
      {header + "index 0\n" + hash32 + "\n" + note, Errc::malformed},
      {header + "index 0\n\n", Errc::malformed},
      {header + "index 0\n\ncheckpoint\n", Errc::malformed},
      {header + "index 0\n\n\n" + note, Errc::malformed},
      {format_consistency_proof(log.consistency(1, 2)), Errc::malformed}};
  for (const Case& c : cases) {
    const auto parsed = parse_inclusion_proof(c.text);
    ASSERT_FALSE(parsed.has_value()) << c.text;
    EXPECT_EQ(parsed.error().code, c.code) << c.text;
  }
  const std::string consistency = "tallystick/consistency-proof@v1\n";
  for (const std::string& old :
       {std::string("old 1\n"), std::string("old 1 \n"), "old  " + hash32 + "\n",
        "old 01 " + hash32 + "\n", "old 1 " + hash64 + "\n", "old 1 " + hash32 + " \n",
        "new 1 " + hash32 + "\n", std::string("\n")}) {
    EXPECT_EQ(parse_consistency_proof(consistency + old + "\n" + note).error().code,
              Errc::malformed)
        << old;
  }
  EXPECT_EQ(parse_consistency_proof(header + "index 0\n\n" + note).error().code, Errc::malformed);
}

TEST(TlogProof, HashesAndSizeAreBounded) {
  TestLog log;
  InclusionProofFile proof = log.inclusion(0, 15);
  const NodeHash hash = proof.hashes[0];
  proof.hashes.assign(kProofHashesMax, hash);
  const auto longest = parse_inclusion_proof(format_inclusion_proof(proof));
  ASSERT_TRUE(longest.has_value());
  EXPECT_TRUE(std::holds_alternative<ProofMalformed>(check(*longest, log.tree.leaf(0))->verdict));
  proof.hashes.push_back(hash);
  EXPECT_EQ(parse_inclusion_proof(format_inclusion_proof(proof)).error().code, Errc::too_large);
  proof.hashes.clear();
  proof.extra = std::string(kEntryBytesMax, 'e');
  EXPECT_TRUE(parse_inclusion_proof(format_inclusion_proof(proof)).has_value());
  proof.extra = std::string(kProofFileBytesMax, 'e');
  EXPECT_EQ(parse_inclusion_proof(format_inclusion_proof(proof)).error().code, Errc::too_large);
}

TEST(TlogProof, TheFirstLineTellsTheKind) {
  TestLog log;
  EXPECT_TRUE(is_consistency_proof(format_consistency_proof(log.consistency(1, 2))));
  EXPECT_FALSE(is_consistency_proof(format_inclusion_proof(log.inclusion(1, 2))));
  EXPECT_FALSE(is_consistency_proof(""));
  EXPECT_FALSE(is_consistency_proof("tallystick/consistency-proof@v1"));
}

}  // namespace
}  // namespace tally::merkle
