// SPDX-License-Identifier: Apache-2.0
#include "log/entry.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

Errc refusal(std::string object) {
  const auto made = EntryText::from_object(std::move(object));
  EXPECT_FALSE(made);
  return made ? Errc::closed : made.error().code;
}

TEST(EntryTextTest, TakesAnObjectAsItIs) {
  const auto made = EntryText::from_object(R"({"a":1})");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->object(), R"({"a":1})");
}

TEST(EntryTextTest, RefusesWhatIsNoObjectOnOneLine) {
  for (const char* bad : {"", "{}", "{\"a\"", "[\"a\"]", "{a:1}", " {\"a\":1}", "{\"a\":1} ",
                          "{\"a\":\n1}", "{\"a\":\r1}", "{\"a\":1}\n"}) {
    EXPECT_EQ(refusal(bad), Errc::malformed) << bad;
  }
}

TEST(EntryTextTest, RefusesANumberOfItsOwn) {
  EXPECT_EQ(refusal(R"({"seq":7,"a":1})"), Errc::malformed);
}

TEST(EntryTextTest, TheLongestEntryFitsWithTheLongestNumber) {
  const std::size_t frame = std::string_view(R"({"a":""})").size();
  const std::size_t longest =
      kEntryBytesMax - std::string_view(R"({"seq":18446744073709551615)").size();
  const auto of = [&](std::size_t bytes) {
    return R"({"a":")" + std::string(bytes - frame, 'x') + "\"}";
  };
  const auto made = EntryText::from_object(of(longest));
  ASSERT_TRUE(made) << made.error().detail;
  std::string line;
  append_line(line, LeafIndex{18446744073709551615U}, made->object());
  EXPECT_EQ(line.size(), kEntryBytesMax);
  EXPECT_EQ(refusal(of(longest + 1)), Errc::too_large);
}

TEST(AppendLineTest, PutsTheNumberFirst) {
  std::string out = "before\n";
  append_line(out, LeafIndex{0}, R"({"a":1})");
  EXPECT_EQ(out, "before\n{\"seq\":0,\"a\":1}");
}

TEST(SeqOfLineTest, GivesBackEveryNumber) {
  for (const std::uint64_t n :
       {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{10}, ~std::uint64_t{0}}) {
    std::string line;
    append_line(line, LeafIndex{n}, R"({"a":1})");
    EXPECT_EQ(seq_of_line(line), LeafIndex{n});
  }
  EXPECT_EQ(seq_of_line(R"({"seq":3})"), LeafIndex{3});
}

TEST(SeqOfLineTest, RefusesEveryOtherForm) {
  for (const char* bad : {"", "{", R"({"seq":)", R"({"seq":1)", R"({"seq":,)",
                          R"({"seq":01,"a":1})", R"({"seq":-1,"a":1})", R"({"seq":1.0,"a":1})",
                          R"({"seq": 1,"a":1})", R"({"seq":"1","a":1})", R"({ "seq":1,"a":1})",
                          R"({"a":1,"seq":1})", R"({"seq":18446744073709551616,"a":1})",
                          R"({"seq":000000000000000000001,"a":1})", R"({"seq":1]"a":1})"}) {
    EXPECT_EQ(seq_of_line(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace tally::log
