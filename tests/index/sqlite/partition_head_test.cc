// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/partition_head.h"

#include "index/sqlite/byte_code.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

TEST(PartitionHead, IsReadBackAndNothingElseIs) {
  PartitionHead head;
  head.log_id = "0123456789abcdef";
  head.first = 131'072;
  head.rows = 131'072;
  head.root = std::string(32, '\xff');
  head.time_min = INT64_MIN;
  head.time_max = 5;
  head.times = {{1, 2}, {3, 4}};
  head.seqs = {9};
  head.recorded = {10, 11};
  head.durations = {12};
  head.terms = {{UINT64_MAX, 77}};
  head.postings = {{0, 5}};
  head.texts[4] = {300};
  head.absent = {1, 2, 3, kNoPosting, 5, 6};
  head.unreadable = kSinglePosition | 7;
  const std::string bytes = encode_head(head);
  const auto read = decode_head(bytes);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(encode_head(*read), bytes);
  EXPECT_EQ(read->first, head.first);
  EXPECT_EQ(read->time_min, head.time_min);
  EXPECT_EQ(read->texts[4], head.texts[4]);
  EXPECT_EQ(read->absent, head.absent);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(decode_head(std::string_view(bytes).substr(0, n))) << n;
  }
  EXPECT_FALSE(decode_head(bytes + "x"));
  EXPECT_FALSE(decode_head(char{kStoredVersion + 1} + bytes.substr(1)));
}

TEST(ByteCode, NumbersAreReadBack) {
  std::string out;
  const std::int64_t numbers[] = {0, 1, -1, 127, 128, INT64_MAX, INT64_MIN};
  for (const std::int64_t n : numbers) put_varint(out, zigzag(n));
  put_sized(out, "text");
  put_fixed(out, std::uint32_t{7});
  ByteReader in(out);
  for (const std::int64_t n : numbers) EXPECT_EQ(in.signed_varint(), n);
  EXPECT_EQ(in.sized(), "text");
  EXPECT_EQ(in.fixed<std::uint32_t>(), 7U);
  EXPECT_TRUE(in.ok() && in.at_end());
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_FALSE(in.ok());
  ByteReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
  EXPECT_EQ(endless.varint(), 0U);
  EXPECT_FALSE(endless.ok());
}

}  // namespace
}  // namespace tally::index::sqlite
