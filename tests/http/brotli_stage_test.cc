// SPDX-License-Identifier: Apache-2.0
#include "http/coded_samples.h"
#include "http/content_stage.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

TEST(BrotliStage, ReadsOneStreamAndKnowsItsEnd) {
  const auto stage = make_brotli_stage();
  EXPECT_TRUE(stage->complete());
  std::string text;
  const auto keep = [&](std::string_view piece) {
    text += piece;
    return true;
  };
  const std::string bytes = sample_brotli();
  EXPECT_EQ(stage->feed(bytes.substr(0, 10), keep), DecodeState::good);
  EXPECT_FALSE(stage->complete());
  EXPECT_EQ(stage->feed(bytes.substr(10), keep), DecodeState::good);
  EXPECT_TRUE(stage->complete());
  EXPECT_FALSE(stage->several_members());
  EXPECT_EQ(text, sample_text());
  EXPECT_EQ(stage->feed("x", keep), DecodeState::trailing);
}

TEST(BrotliStage, StopsWhenTold) {
  const auto stage = make_brotli_stage();
  std::size_t calls = 0;
  const std::string bomb = sample_brotli_bomb();
  stage->feed(bomb, [&](std::string_view text) {
    EXPECT_LE(text.size(), kDecodeWindowBytes);
    return ++calls < 3;
  });
  EXPECT_EQ(calls, 3U);
}

TEST(BrotliStage, RefusesGarbage) {
  const auto stage = make_brotli_stage();
  EXPECT_EQ(stage->feed(std::string(100, '\xff'), [](std::string_view) { return true; }),
            DecodeState::garbage);
}

}  // namespace
}  // namespace tally::http
