// SPDX-License-Identifier: Apache-2.0
#include "base/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace tally {
namespace {

constexpr SipKey kPaperKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// Appendix A of the paper, and vectors.h of the authors' implementation.
TEST(SipHash, KnownAnswers) {
  std::string bytes;
  for (char c = 0; c < 15; ++c) bytes += c;
  EXPECT_EQ(siphash(kPaperKey, bytes), 0xa129ca6149be45e5U);
  EXPECT_EQ(siphash(kPaperKey, ""), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(siphash(kPaperKey, bytes.substr(0, 8)), 0x93f5f5799a932462U);
}

TEST(SipHash, EachTableHasItsOwnKey) {
  const SipKey one = random_sip_key(system_random());
  const SipKey other = random_sip_key(system_random());
  EXPECT_NE(one, other);
  EXPECT_NE(siphash(one, "jane"), siphash(other, "jane"));
}

}  // namespace
}  // namespace tally
