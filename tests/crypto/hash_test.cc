// SPDX-License-Identifier: Apache-2.0
// Hash functions against values computed with another implementation (Python's hashlib).
#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <utility>

namespace tally::crypto {
namespace {

struct Known {
  HashAlgorithm algorithm;
  const char* name;
  std::size_t bytes;
  const char* empty;
  const char* abc;
  const char* thousand_a;
};

const Known kKnown[] = {{HashAlgorithm::sha256, "sha256", 32,
                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                         "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
                        {HashAlgorithm::sha384, "sha384", 48,
                         "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
                         "274edebfe76f65fbd51ad2f14898b95b",
                         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                         "8086072ba1e7cc2358baeca134c825a7",
                         "f54480689c6b0b11d0303285d9a81b21a93bca6ba5a1b4472765dca4da45ee32"
                         "8082d469c650cd3b61b16d3266ab8ced"},
                        {HashAlgorithm::sha512, "sha512", 64,
                         "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                         "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
                         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                         "67ba5535a46e3f86dbfbed8cbbaf0125c76ed549ff8b0b9e03e0c88cf90fa634"
                         "fa7b12b47d77b694de488ace8d9a65967dc96df599727d3292a8d9d447709c97"},
                        {HashAlgorithm::sha3_256, "sha3-256", 32,
                         "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
                         "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
                         "8f3934e6f7a15698fe0f396b95d8c4440929a8fa6eae140171c068b4549fbf81"},
                        {HashAlgorithm::blake2b512, "blake2b512", 64,
                         "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
                         "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce",
                         "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                         "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
                         "d6a69459fe93fc6b9537ed4336e5099e0dcca3e97290a412500ed7a0daffb03d"
                         "80cf3650a20e0591f748e10c3c534945ee83d5f2c9722f1a68d98b8c01af23fd"}};

std::string hex_of(Hasher& hasher, std::initializer_list<Bytes> parts) {
  return hasher.hash<PlainHashTag>(parts).to_hex();
}

TEST(Hash, MatchesKnownAnswers) {
  for (const Known& known : kKnown) {
    Hasher hasher(known.algorithm);
    EXPECT_EQ(hasher.algorithm(), known.algorithm);
    EXPECT_EQ(hasher.digest_size(), known.bytes);
    EXPECT_EQ(digest_bytes(known.algorithm), known.bytes);
    EXPECT_EQ(hex_of(hasher, {}), known.empty);
    EXPECT_EQ(hex_of(hasher, {as_bytes("abc")}), known.abc);
    const std::string thousand(1000, 'a');
    EXPECT_EQ(hex_of(hasher, {as_bytes(thousand)}), known.thousand_a);
    const Bytes bytes = as_bytes(thousand);
    EXPECT_EQ(hex_of(hasher, {bytes.first(1), bytes.subspan(1, 0), bytes.subspan(1, 130),
                              bytes.subspan(131)}),
              known.thousand_a);
  }
}

TEST(Hash, NamesComeBack) {
  for (const Known& known : kKnown) {
    EXPECT_EQ(hash_name(known.algorithm), known.name);
    const auto parsed = parse_hash_name(known.name);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, known.algorithm);
  }
  for (const char* bad : {"", "SHA256", "sha-256", "sha256 ", "sha3", "blake2b", "md5", "sha1"}) {
    const auto parsed = parse_hash_name(bad);
    ASSERT_FALSE(parsed.has_value()) << bad;
    EXPECT_EQ(parsed.error().code, Errc::unsupported);
    EXPECT_NE(parsed.error().detail.find("sha3-256"), std::string::npos) << "names what would do";
  }
}

// transparency-dev/merkle, rfc6962/rfc6962_test.go: a node of two four-byte children.
TEST(Hash, MatchesRfc6962NodeVector) {
  Hasher hasher(HashAlgorithm::sha256);
  EXPECT_EQ(hex_of(hasher, {as_bytes("\x01"), as_bytes("N123"), as_bytes("N456")}),
            "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
}

TEST(Hash, UnfinishedMessagesAreForgotten) {
  Hasher hasher(HashAlgorithm::sha256);
  hasher.begin();
  hasher.update(as_bytes("something else"));
  EXPECT_EQ(hex_of(hasher, {as_bytes("abc")}), kKnown[0].abc);
}

TEST(Hash, MovesWithItsState) {
  Hasher first(HashAlgorithm::sha256);
  first.begin();
  first.update(as_bytes("ab"));
  Hasher second = std::move(first);
  second.update(as_bytes("c"));
  EXPECT_EQ(second.finish_as<PlainHashTag>().to_hex(), kKnown[0].abc);
}

TEST(Hash, OneShotSha256) { EXPECT_EQ(sha256(as_bytes("abc")).to_hex(), kKnown[0].abc); }

}  // namespace
}  // namespace tally::crypto
