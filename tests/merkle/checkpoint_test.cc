// SPDX-License-Identifier: Apache-2.0
// Checkpoints: Tessera's byte for byte, every algorithm there and back, everything else refused.
#include "merkle/checkpoint.h"

#include "base/limits.h"
#include "crypto/note_vectors.h"
#include "merkle/compact_range.h"
#include "merkle/tessera_fixture.h"

#include <gtest/gtest.h>

namespace tally::merkle {
namespace {

using crypto::HashAlgorithm;
using crypto::NoteSigner;
using crypto::NoteVerifier;

NoteSigner signer() { return NoteSigner::parse(crypto::kTesseraSkey).value(); }
std::vector<NoteVerifier> known() { return {NoteVerifier::parse(crypto::kTesseraVkey).value()}; }

TEST(Checkpoint, ReproducesTesserasTestLog) {
  TreeHasher hasher(HashAlgorithm::sha256);
  CompactRange range{TreeSize{0}};
  unsigned compared = 0;
  for (unsigned size = 0;; ++size) {
    for (const TesseraCheckpoint& published : kTesseraCheckpoints) {
      if (published.size != size) continue;
      const Checkpoint checkpoint{kTesseraOrigin, TreeSize{size}, range.root(hasher)};
      const auto note = sign_checkpoint(checkpoint, signer());
      ASSERT_TRUE(note.has_value()) << note.error().detail;
      EXPECT_EQ(*note, published.note);
      const auto verified = verify_checkpoint(published.note, known(), kTesseraOrigin);
      ASSERT_TRUE(verified.has_value()) << verified.error().detail;
      EXPECT_EQ(verified->checkpoint(), checkpoint);
      EXPECT_EQ(verified->note(), published.note);
      EXPECT_EQ(verified->signers(), known());
      ++compared;
    }
    if (size == std::size(kTesseraEntries)) break;
    range.append(hasher, as_node(hasher.leaf(kTesseraEntries[size])));
  }
  EXPECT_EQ(compared, std::size(kTesseraCheckpoints));
}

Checkpoint sample(HashAlgorithm algorithm) {
  TreeHasher hasher(algorithm);
  return Checkpoint{"example.com/log/testdata", TreeSize{123456789012},
                    as_root(as_node(hasher.leaf("hello world"))), algorithm};
}

TEST(Checkpoint, WritesTheDocumentedText) {
  EXPECT_EQ(
      format_checkpoint(sample(HashAlgorithm::sha256)),
      "example.com/log/testdata\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n");
  EXPECT_TRUE(format_checkpoint(sample(HashAlgorithm::sha3_256)).ends_with("=\nhash sha3-256\n"));
}

TEST(Checkpoint, EveryAlgorithmComesBackSigned) {
  for (const HashAlgorithm algorithm :
       {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512,
        HashAlgorithm::sha3_256, HashAlgorithm::blake2b512}) {
    const Checkpoint checkpoint = sample(algorithm);
    const auto note = sign_checkpoint(checkpoint, signer());
    ASSERT_TRUE(note.has_value());
    const auto verified = verify_checkpoint(*note, known(), checkpoint.origin);
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_EQ(verified->checkpoint(), checkpoint);
    EXPECT_EQ(read_unverified_checkpoint(*note).value(), checkpoint);
    TreeHasher hasher(algorithm);
    const Checkpoint empty{"o", TreeSize{0}, hasher.empty_root(), algorithm};
    EXPECT_EQ(parse_checkpoint(format_checkpoint(empty)).value(), empty);
  }
}

TEST(Checkpoint, AcceptsOriginsWithSpacesFromOtherLogs) {
  const auto parsed = parse_checkpoint(
      "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->origin, "go.sum database tree");
}

TEST(Checkpoint, RefusesOtherTexts) {
  const std::string root = "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=";
  const std::string text = "o\n5\n" + root + "\n";
  ASSERT_TRUE(parse_checkpoint(text).has_value());
  std::string loose_bits = root;
  ++loose_bits[loose_bits.size() - 2];
  struct Case {
    std::string text;
    Errc code;
  };
  const Case cases[] = {
      {"", Errc::malformed},
      {"o\n", Errc::malformed},
      {"o\n5\n", Errc::malformed},
      {"o\n5\n" + root, Errc::malformed},
      {"\n5\n" + root + "\n", Errc::malformed},
      {"o\r\n5\n" + root + "\n", Errc::malformed},
      {"o\t\n5\n" + root + "\n", Errc::malformed},
      {"\xFF\n5\n" + root + "\n", Errc::malformed},
      {std::string(kOriginBytesMax + 1, 'o') + "\n5\n" + root + "\n", Errc::malformed},
      {"o\n05\n" + root + "\n", Errc::malformed},
      {"o\n+5\n" + root + "\n", Errc::malformed},
      {"o\n-5\n" + root + "\n", Errc::malformed},
      {"o\n5 \n" + root + "\n", Errc::malformed},
      {"o\n\n" + root + "\n", Errc::malformed},
      {"o\n0x5\n" + root + "\n", Errc::malformed},
      {"o\n18446744073709551616\n" + root + "\n", Errc::malformed},
      {"o\n0\n" + root + "\n", Errc::malformed},
      {"o\n5\n" + root.substr(1) + "\n", Errc::malformed},
      {"o\n5\n" + root + " \n", Errc::malformed},
      {"o\n5\n" + loose_bits + "\n", Errc::malformed},
      {"o\n5\n\n", Errc::malformed},
      {text + "\n", Errc::unsupported},
      {text + "extension\n", Errc::unsupported},
      {text + "hash sha256", Errc::malformed},
      {text + "hash sha256\n", Errc::malformed},
      {text + "hash md5\n", Errc::unsupported},
      {text + "hash  sha512\n", Errc::unsupported},
      {text + "hash sha512\n", Errc::malformed},
      {text + "hash sha3-256\nmore\n", Errc::unsupported},
      {text + "hash sha3-256\n\n", Errc::unsupported}};
  for (const Case& c : cases) {
    const auto parsed = parse_checkpoint(c.text);
    ASSERT_FALSE(parsed.has_value()) << c.text;
    EXPECT_EQ(parsed.error().code, c.code) << c.text;
  }
}

TEST(Checkpoint, TheAlgorithmIsPartOfWhatIsSigned) {
  // The same size and digest length, another algorithm: not the same text.
  Checkpoint sha256 = sample(HashAlgorithm::sha256);
  Checkpoint sha3 = sha256;
  sha3.algorithm = HashAlgorithm::sha3_256;
  EXPECT_NE(format_checkpoint(sha256), format_checkpoint(sha3));
  EXPECT_NE(parse_checkpoint(format_checkpoint(sha3)).value(), sha256);
}

TEST(Checkpoint, RefusesOtherOriginsAndKeys) {
  const std::string note = kTesseraCheckpoints[4].note;
  const auto wrong_origin = verify_checkpoint(note, known(), "example.com/log/other");
  ASSERT_FALSE(wrong_origin.has_value());
  EXPECT_EQ(wrong_origin.error().code, Errc::mismatch);
  EXPECT_NE(wrong_origin.error().detail.find("example.com/log/other"), std::string::npos);
  const std::vector<NoteVerifier> others{NoteVerifier::parse(crypto::kPeterVkey).value()};
  EXPECT_EQ(verify_checkpoint(note, others, kTesseraOrigin).error().code, Errc::mismatch);
  EXPECT_EQ(verify_checkpoint(note, {}, kTesseraOrigin).error().code, Errc::mismatch);
}

TEST(Checkpoint, EveryChangedByteIsRefused) {
  const std::string note = kTesseraCheckpoints[4].note;
  const auto keys = known();
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (const int delta : {1, 4, 32, 128}) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ delta);
      ASSERT_FALSE(verify_checkpoint(changed, keys, kTesseraOrigin).has_value()) << "byte " << i;
    }
    ASSERT_FALSE(verify_checkpoint(note.substr(0, i), keys, kTesseraOrigin).has_value());
  }
  ASSERT_FALSE(verify_checkpoint(note + "\n", keys, kTesseraOrigin).has_value());
}

TEST(Checkpoint, DoesNotSignWhatNobodyCouldRead) {
  TreeHasher sha256(HashAlgorithm::sha256);
  const RootHash root = as_root(as_node(sha256.leaf("a")));
  const auto refused = [&](Checkpoint checkpoint) {
    const auto note = sign_checkpoint(checkpoint, signer());
    return !note && note.error().code == Errc::invalid_argument;
  };
  EXPECT_TRUE(refused({"", TreeSize{1}, root}));
  EXPECT_TRUE(refused({"evil\n999", TreeSize{1}, root}));
  EXPECT_TRUE(refused({std::string(kOriginBytesMax + 1, 'o'), TreeSize{1}, root}));
  EXPECT_TRUE(refused({"o", TreeSize{0}, root}));
  EXPECT_TRUE(refused({"o", TreeSize{1}, root, HashAlgorithm::sha512}));
  EXPECT_FALSE(refused({"o", TreeSize{1}, root, HashAlgorithm::sha3_256})) << "same length";
}

TEST(Checkpoint, OriginsObeyTheRules) {
  EXPECT_TRUE(check_origin("example.com/log").has_value());
  EXPECT_TRUE(check_origin("go.sum database tree").has_value());
  for (const std::string& bad : {std::string(), std::string("a\nb"), std::string("a\x7F"),
                                 std::string("\xC0\x80"), std::string(kOriginBytesMax + 1, 'o')}) {
    EXPECT_EQ(check_origin(bad).error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace tally::merkle
