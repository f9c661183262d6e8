// SPDX-License-Identifier: Apache-2.0
#include "server/spare_texts.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

std::vector<log::EntryText> texts_of(std::size_t count, std::size_t bytes) {
  std::vector<log::EntryText> out;
  for (std::size_t i = 0; i < count; ++i) {
    auto made = log::EntryText::from_object(R"({"a":")" + std::string(bytes, 'x') + R"("})");
    EXPECT_TRUE(made);
    out.push_back(std::move(*made));
  }
  return out;
}

TEST(SpareTexts, MemoryComesBack) {
  SpareTexts spares;
  EXPECT_TRUE(spares.take().empty());
  auto entries = texts_of(3, 700);
  const char* const memory = entries[0].object().data();
  spares.give(entries);
  const auto taken = spares.take();
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(taken[0].data(), memory);
  EXPECT_TRUE(spares.take().empty());
}

TEST(SpareTexts, LargeOnesAndThoseBeyondTheLimitAreFreed) {
  SpareTexts spares;
  auto large = texts_of(2, 40 * kKiB);
  spares.give(large);
  EXPECT_TRUE(spares.take().empty());

  for (int i = 0; i < 100; ++i) {
    auto entries = texts_of(100, 1'000);
    spares.give(entries);
  }
  std::size_t bytes = 0;
  for (auto taken = spares.take(); !taken.empty(); taken = spares.take()) {
    for (const std::string& text : taken) bytes += text.capacity();
  }
  EXPECT_GT(bytes, 3 * kMiB);
  EXPECT_LE(bytes, 4 * kMiB);
  auto again = texts_of(1, 100);
  spares.give(again);
  EXPECT_EQ(spares.take().size(), 1U) << "what was taken counts no more";
}

}  // namespace
}  // namespace tally::server
