// SPDX-License-Identifier: Apache-2.0
// Ed25519 against RFC 8032 section 7.1, and refusal of everything else.
#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tally::crypto {
namespace {

struct Vector {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

// TEST 1, TEST 2 and TEST 3 of RFC 8032: published test keys, used nowhere else.
const Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}};

std::string unhex(const char* hex) { return from_hex(hex).value(); }

SigningKey signing_key(const std::string& seed) {
  return SigningKey::from_seed(Ed25519Bytes(as_bytes(seed)));
}

TEST(Ed25519, MatchesRfc8032) {
  for (const Vector& v : kVectors) {
    const SigningKey key = signing_key(unhex(v.seed));
    const VerifyingKey verifying = key.verifying_key();
    EXPECT_EQ(to_hex(verifying.bytes()), v.public_key);
    const std::string message = unhex(v.message);
    const Ed25519Signature signature = key.sign(as_bytes(message));
    EXPECT_EQ(to_hex(signature), v.signature);
    EXPECT_TRUE(verifying.verify(as_bytes(message), signature));
    const std::string public_bytes = unhex(v.public_key);
    EXPECT_EQ(VerifyingKey::from_bytes(Ed25519Bytes(as_bytes(public_bytes))), verifying);
  }
}

TEST(Ed25519, RefusesEveryChangedBit) {
  const SigningKey key = signing_key(unhex(kVectors[0].seed));
  const VerifyingKey verifying = key.verifying_key();
  const std::string message = "a message";
  const Ed25519Signature signature = key.sign(as_bytes(message));
  for (std::size_t i = 0; i < signature.size() * 8; ++i) {
    Ed25519Signature changed = signature;
    changed[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
    ASSERT_FALSE(verifying.verify(as_bytes(message), changed)) << "bit " << i;
  }
  EXPECT_FALSE(verifying.verify(as_bytes("a massage"), signature));
  EXPECT_FALSE(verifying.verify(as_bytes(message), Bytes(signature).first(63)));
  EXPECT_FALSE(verifying.verify(as_bytes(message), {}));
  EXPECT_FALSE(
      signing_key(unhex(kVectors[1].seed)).verifying_key().verify(as_bytes(message), signature));
}

TEST(Ed25519, BytesThatAreNoKeyVerifyNothing) {
  const Ed25519Signature signature = signing_key(unhex(kVectors[0].seed)).sign(as_bytes("m"));
  const std::string ones(32, '\xff');
  EXPECT_FALSE(
      VerifyingKey::from_bytes(Ed25519Bytes(as_bytes(ones))).verify(as_bytes("m"), signature));
}

/// Counts up, so that a test knows what was drawn.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) b = static_cast<std::byte>(next_++);
  }

 private:
  unsigned next_ = 0;
};

TEST(Ed25519, GeneratesFromTheGivenSource) {
  CountingRandom random;
  const SigningKey first = SigningKey::generate(random);
  const SigningKey second = SigningKey::generate(random);
  EXPECT_EQ(to_hex(first.seed()),
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  EXPECT_NE(first.verifying_key(), second.verifying_key());
}

TEST(Ed25519, MovedKeysSignAndLeaveNothingBehind) {
  SigningKey first = signing_key(unhex(kVectors[0].seed));
  SigningKey second = std::move(first);
  EXPECT_EQ(to_hex(second.seed()), kVectors[0].seed);
  EXPECT_EQ(to_hex(first.seed()),
            std::string(64, '0'));  // NOLINT(bugprone-use-after-move): the point
  SigningKey third = signing_key(unhex(kVectors[1].seed));
  third = std::move(second);
  EXPECT_EQ(to_hex(third.sign({})), kVectors[0].signature);
}

}  // namespace
}  // namespace tally::crypto
