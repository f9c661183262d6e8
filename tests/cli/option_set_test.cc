// SPDX-License-Identifier: Apache-2.0
#include "cli/option_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OptionSetTest : public ::testing::Test {
 protected:
  OptionSetTest() {
    options_.flag("-f,--follow", follow_, "go on");
    options_.flag("--json", json_, "as JSON");
    options_.text("--log", log_, "DIR", "where");
    options_.texts("--against", against_, "FILE", "what");
    options_.number("-n,--lines", lines_, "N", "how many");
    options_.words(words_, 3);
  }
  std::string error(const std::vector<std::string>& arguments) {
    const auto parsed = options_.parse(arguments);
    if (parsed) return {};
    EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
    return parsed.error().detail;
  }

  OptionSet options_{"tail", "[FLAGS] WORD", "What it does."};
  bool follow_ = false;
  bool json_ = false;
  std::string log_;
  std::vector<std::string> against_;
  std::optional<std::uint64_t> lines_;
  std::vector<std::string> words_;
};

TEST_F(OptionSetTest, EverySpellingOfAFlagWithAValue) {
  for (const std::vector<std::string>& spelling : std::vector<std::vector<std::string>>{
           {"--lines", "7"}, {"--lines=7"}, {"-n", "7"}, {"-n7"}}) {
    OptionSet options("x", "", "");
    std::optional<std::uint64_t> lines;
    options.number("-n,--lines", lines, "N", "");
    ASSERT_TRUE(options.parse(spelling)) << spelling.front();
    EXPECT_EQ(lines, 7U) << spelling.front();
  }
}

TEST_F(OptionSetTest, WordsAndFlagsMix) {
  EXPECT_EQ(error({"a", "--json", "b", "-f", "-", "--log", "/x"}), "");
  EXPECT_THAT(words_, ElementsAre("a", "b", "-"));
  EXPECT_TRUE(json_);
  EXPECT_TRUE(follow_);
  EXPECT_EQ(log_, "/x");
}

TEST_F(OptionSetTest, ShortFlagsJoin) {
  EXPECT_EQ(error({"-fn5"}), "");
  EXPECT_TRUE(follow_);
  EXPECT_EQ(lines_, 5U);
}

TEST_F(OptionSetTest, TwoHyphensEndTheFlags) {
  EXPECT_EQ(error({"--", "--json", "--", "-x"}), "");
  EXPECT_THAT(words_, ElementsAre("--json", "--", "-x"));
  EXPECT_FALSE(json_);
}

TEST_F(OptionSetTest, AValueMayBeginWithAHyphenOrHoldAnything) {
  EXPECT_EQ(error({"--log", "-1h", "--against", "[a,b]", "--against=c=d"}), "");
  EXPECT_EQ(log_, "-1h");
  EXPECT_THAT(against_, ElementsAre("[a,b]", "c=d"));
}

TEST_F(OptionSetTest, AForgottenValueIsNotTheNextFlag) {
  EXPECT_THAT(error({"--log", "--json"}), HasSubstr("--log: needs a value"));
}

TEST_F(OptionSetTest, MissingAndEmptyValuesAreErrors) {
  EXPECT_THAT(error({"--log"}), HasSubstr("--log: needs a value"));
  EXPECT_THAT(error({"-n"}), HasSubstr("--lines: needs a value"));
  EXPECT_THAT(error({"--log="}), HasSubstr("--log: the value is empty"));
}

TEST_F(OptionSetTest, AnEmptyValueAsAWordOfItsOwnIsAnErrorToo) {
  EXPECT_THAT(error({"--log", ""}), HasSubstr("--log: the value is empty"));
}

TEST_F(OptionSetTest, OneValueCannotBeGivenTwice) {
  EXPECT_THAT(error({"--log", "a", "--log", "a"}), HasSubstr("--log: given twice"));
}

TEST_F(OptionSetTest, AFlagTakesNoValueAndMayBeRepeated) {
  EXPECT_THAT(error({"--json=yes"}), HasSubstr("--json: takes no value"));
  EXPECT_EQ(error({"--json", "--json"}), "");
}

TEST_F(OptionSetTest, UnknownFlagsNameTheNearest) {
  EXPECT_THAT(error({"--lgo"}), HasSubstr("--lgo: no such flag; did you mean --log?"));
  EXPECT_THAT(error({"--agianst=x"}),
              HasSubstr("--agianst: no such flag; did you mean --against?"));
  EXPECT_THAT(error({"-log"}), HasSubstr("did you mean --log?"));
  EXPECT_THAT(error({"-fx"}), HasSubstr("-x: no such flag"));
  EXPECT_THAT(error({"--zzz"}), HasSubstr("--zzz: no such flag; See tallystick tail --help"));
}

TEST_F(OptionSetTest, NumbersAreDecimalAndFit) {
  for (const char* bad : {"x", "-1", "+1", "1.5", "0x10", "18446744073709551616", " 1", "007"}) {
    OptionSet fresh("x", "", "");
    fresh.number("-n,--lines", lines_, "N", "");
    const auto parsed = fresh.parse({"-n", bad});
    ASSERT_FALSE(parsed) << bad;
    EXPECT_THAT(parsed.error().detail, HasSubstr("is not a number from 0 on")) << bad;
  }
}

TEST_F(OptionSetTest, TheLargestNumberFits) {
  EXPECT_EQ(error({"-n", "18446744073709551615"}), "");
  EXPECT_EQ(lines_, 18446744073709551615U);
}

TEST_F(OptionSetTest, TooManyWordsAreAnError) {
  EXPECT_THAT(error({"a", "b", "c", "d"}), HasSubstr("\"d\": unexpected"));
}

TEST_F(OptionSetTest, WordsThatOnlyLookLikeFlags) {
  options_.words_too([](std::string_view word) { return word.starts_with("-severity:"); });
  EXPECT_EQ(error({"-severity:debug", "-f"}), "");
  EXPECT_THAT(words_, ElementsAre("-severity:debug"));
  EXPECT_TRUE(follow_);
}

TEST_F(OptionSetTest, HelpWinsAndNamesEverything) {
  const auto parsed = options_.parse({"--json", "-h"});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(*parsed);
  options_.footer("An example.");
  const std::string help = options_.help();
  for (const char* part :
       {"Usage: tallystick tail [FLAGS] WORD\n", "What it does.", "  -f, --follow ",
        "      --against FILE ", "  -n, --lines N ", "  -h, --help ", "An example.\n"}) {
    EXPECT_THAT(help, HasSubstr(part));
  }
}

TEST_F(OptionSetTest, HelpBehindTwoHyphensIsAWord) {
  EXPECT_EQ(error({"--", "--help"}), "");
  EXPECT_THAT(words_, ElementsAre("--help"));
}

TEST_F(OptionSetTest, HelpBreaksLinesAtTheColumn) {
  OptionSet options("x", "", "D.");
  std::string text;
  options.text("--a-rather-long-name", text, "VALUE", "first\nsecond");
  EXPECT_THAT(options.help(),
              HasSubstr("      --a-rather-long-name VALUE\n" + std::string(26, ' ') + "first\n" +
                        std::string(26, ' ') + "second\n"));
}

}  // namespace
}  // namespace tally::cli
