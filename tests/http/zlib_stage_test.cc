// SPDX-License-Identifier: Apache-2.0
#include "http/coded_samples.h"
#include "http/content_stage.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

std::string all(ContentDecoder::Stage& stage, std::string_view bytes, DecodeState expected) {
  std::string out;
  EXPECT_EQ(stage.feed(bytes,
                       [&](std::string_view text) {
                         out += text;
                         return true;
                       }),
            expected);
  return out;
}

TEST(ZlibStage, ReadsOneMemberAndKnowsItsEnd) {
  const auto stage = make_zlib_stage(ContentCoding::gzip);
  EXPECT_TRUE(stage->complete());
  const std::string bytes = sample_gzip();
  std::string text = all(*stage, bytes.substr(0, 20), DecodeState::good);
  EXPECT_FALSE(stage->complete());
  text += all(*stage, bytes.substr(20), DecodeState::good);
  EXPECT_TRUE(stage->complete());
  EXPECT_FALSE(stage->several_members());
  EXPECT_EQ(text, sample_text());
  all(*stage, std::string_view("\0", 1), DecodeState::trailing);
}

TEST(ZlibStage, GivesMoreThanOneWindow) {
  const std::string zeros(10 * kDecodeWindowBytes + 1, '\0');
  const auto stage = make_zlib_stage(ContentCoding::gzip);
  EXPECT_EQ(all(*stage, gzip(zeros), DecodeState::good), zeros);
}

TEST(ZlibStage, StopsWhenTold) {
  const auto stage = make_zlib_stage(ContentCoding::gzip);
  std::size_t calls = 0;
  const std::string bytes = gzip(std::string(10 * kDecodeWindowBytes, 'a'));
  stage->feed(bytes, [&](std::string_view text) {
    EXPECT_LE(text.size(), kDecodeWindowBytes);
    return ++calls < 3;
  });
  EXPECT_EQ(calls, 3U);
}

TEST(ZlibStage, ChoosesBetweenZlibAndRawDeflate) {
  for (const std::string& bytes : {sample_zlib(), sample_raw_deflate()}) {
    const auto stage = make_zlib_stage(ContentCoding::deflate);
    EXPECT_EQ(all(*stage, bytes, DecodeState::good), sample_text());
    EXPECT_TRUE(stage->complete());
    all(*stage, "\x1f", DecodeState::trailing);  // members are for gzip only
  }
}

}  // namespace
}  // namespace tally::http
