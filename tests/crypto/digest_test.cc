// SPDX-License-Identifier: Apache-2.0
// Digests know their length and decode strictly.
#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace tally::crypto {
namespace {

using A = Digest<struct ATag>;
using B = Digest<struct BTag>;
static_assert(!std::is_convertible_v<A, B> && !std::is_constructible_v<A, B>);
static_assert(!std::is_default_constructible_v<A>);
static_assert(std::is_trivially_copyable_v<A>);

std::string of_length(std::size_t n) {
  std::string bytes(n, '\0');
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<char>(i * 7 + 1);
  return bytes;
}

TEST(Digest, KeepsItsBytes) {
  for (const std::size_t size : {32U, 48U, 64U}) {
    const std::string bytes = of_length(size);
    const A digest = A::from_bytes(as_bytes(bytes));
    EXPECT_EQ(as_text(digest.bytes()), bytes);
    EXPECT_EQ(digest.size(), size);
    EXPECT_EQ(A::from_hex(digest.to_hex(), size), digest);
    EXPECT_EQ(A::from_base64(digest.to_base64(), size), digest);
  }
}

TEST(Digest, EqualityIsOfLengthAndAllBytes) {
  const std::string bytes = of_length(64);
  const A a = A::from_bytes(as_bytes(bytes));
  EXPECT_EQ(a, A::from_bytes(as_bytes(bytes)));
  EXPECT_NE(a, A::from_bytes(as_bytes(bytes).first(32)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(a, A::from_bytes(as_bytes(changed)));
  }
}

TEST(Digest, DecodesOnlyTheCanonicalForm) {
  const A digest = A::from_bytes(as_bytes(of_length(32)));
  const std::string hex = digest.to_hex();
  const std::string base64 = digest.to_base64();
  std::string upper = hex;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& bad :
       {upper, hex + "00", hex.substr(2), hex + " ", "0x" + hex.substr(2), std::string()}) {
    EXPECT_FALSE(A::from_hex(bad, 32)) << bad;
  }
  EXPECT_FALSE(A::from_hex(hex, 48));
  const std::string no_padding = base64.substr(0, base64.size() - 1);
  // 32 bytes leave two bits that must be zero; the next letter of the alphabet sets one of them.
  std::string loose_bits = base64;
  ++loose_bits[loose_bits.size() - 2];
  for (const std::string& bad :
       {no_padding, loose_bits, base64 + "\n", " " + base64, base64 + "AAAA", std::string()}) {
    EXPECT_FALSE(A::from_base64(bad, 32)) << bad;
  }
}

TEST(DigestDeathTest, OtherLengthsAreOurBug) {
  EXPECT_DEATH((void)A::from_bytes(as_bytes(of_length(31))), "size");
  EXPECT_DEATH((void)A::from_bytes(as_bytes(of_length(65))), "size");
}

}  // namespace
}  // namespace tally::crypto
