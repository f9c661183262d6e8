// SPDX-License-Identifier: Apache-2.0
#include "wrap/oversize_line.h"

#include <gtest/gtest.h>

namespace tally::wrap {
namespace {

TEST(oversize_line, size_and_digest_are_of_all_parts_and_of_one_line_only) {
  OversizeLine line;
  line.begin();
  for (const char* part : {"a", "", "bc"}) line.add(part);
  const OversizeEnd end = line.end();
  EXPECT_EQ(end.bytes, 3U);
  // FIPS 180-2, appendix B.1: SHA-256 of "abc".
  EXPECT_EQ(end.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  line.begin();
  EXPECT_EQ(line.end().sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace tally::wrap
