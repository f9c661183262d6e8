// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA256 against RFC 4231, and comparison.
#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tally::crypto {
namespace {

std::string hmac_hex(const std::string& key, const std::string& message) {
  return to_hex(hmac_sha256(as_bytes(key), as_bytes(message)));
}

// RFC 4231 sections 4.2, 4.3, 4.4, 4.7.
TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(hmac_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_hex(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(
      hmac_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AnEmptyKeyIsAKeyOfItsOwn) {
  const std::string before = hmac_hex("", "message");
  const std::string other = hmac_hex("key", "message");
  EXPECT_NE(before, other);
  EXPECT_EQ(hmac_hex("", "message"), before) << "not the key of the call before";
  EXPECT_EQ(to_hex(hmac_sha256({}, as_bytes("message"))), before) << "no bytes, no pointer";
  EXPECT_EQ(hmac_hex("", ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacKey, SaysTheSameForEveryMessage) {
  for (const std::size_t key_bytes : {0U, 1U, 32U, 63U, 64U, 65U, 200U}) {
    const std::string key(key_bytes, 'k');
    const HmacKey ready(as_bytes(key));
    for (const std::size_t bytes : {0U, 1U, 55U, 56U, 63U, 64U, 65U, 1000U, 0U}) {
      const std::string message(bytes, 'm');
      EXPECT_EQ(ready(as_bytes(message)), hmac_sha256(as_bytes(key), as_bytes(message)))
          << key_bytes << ' ' << bytes;
    }
  }
}

TEST(HmacSha256, InPartsAsAtOnce) {
  const std::string message = "a message that is cut at every place";
  for (const std::size_t key_bytes : {0U, 1U, 32U, 63U, 64U, 65U, 200U}) {
    const std::string key(key_bytes, 'k');
    const auto whole = hmac_sha256(as_bytes(key), as_bytes(message));
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
      HmacSha256 mac(as_bytes(key));
      mac.update(as_bytes(std::string_view(message).substr(0, cut)));
      mac.update(as_bytes(std::string_view(message).substr(cut)));
      EXPECT_EQ(mac.finish(), whole) << key_bytes << ' ' << cut;
    }
  }
}

TEST(ConstantTimeEqual, ComparesLengthAndBytes) {
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_TRUE(constant_time_equal(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sane")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("same ")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), {}));
}

TEST(Cleanse, Overwrites) {
  std::string secret = "a secret of some length";
  cleanse(std::as_writable_bytes(std::span(secret)));
  EXPECT_TRUE(std::ranges::all_of(secret, [](char c) { return c == '\0'; }));
}

}  // namespace
}  // namespace tally::crypto
