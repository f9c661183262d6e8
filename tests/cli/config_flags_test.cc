// SPDX-License-Identifier: Apache-2.0
#include "cli/config_flags.h"

#include "config/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ConfigFlags, GiveWhatStoodOnTheCommandLine) {
  ConfigFlags flags;
  OptionSet options("serve", "", "");
  flags.declare(options);
  ASSERT_TRUE(options.parse(
      {"--config", "c.yaml", "--proxy", "a", "--proxy=b", "--listen", "l", "--single-writer"}));
  EXPECT_EQ(flags.file, "c.yaml");
  const config::FlagValues values = flags.values();
  EXPECT_EQ(values.size(), 3U);
  EXPECT_THAT(values.at("--proxy"), ElementsAre("a", "b"));
  EXPECT_THAT(values.at("--listen"), ElementsAre("l"));
  EXPECT_THAT(values.at("--single-writer"), ElementsAre("true"));
}

TEST(ConfigFlags, EveryFlagOfTheTablesIsThere) {
  ConfigFlags flags;
  OptionSet options("serve", "", "");
  flags.declare(options);
  for (const auto& row : config::serve_settings()) {
    EXPECT_THAT(options.help(), HasSubstr(std::string(row.flag)));
  }
  for (const auto& row : config::proxy_settings()) {
    EXPECT_THAT(options.help(), HasSubstr(std::string(row.flag)));
  }
  EXPECT_THAT(flags.values(), IsEmpty());
}

TEST(ConfigFlags, HelpIsBrokenBetweenWords) {
  EXPECT_EQ(help_lines("short"), "short");
  const std::string word(30, 'x');
  EXPECT_EQ(help_lines(word + ' ' + word + ' ' + word), word + ' ' + word + '\n' + word);
  EXPECT_EQ(help_lines(std::string(100, 'y') + " z"), std::string(100, 'y') + "\nz");
}

TEST(ConfigFlags, VariablesAreNamedWithoutTheirValues) {
  ASSERT_EQ(::setenv("TALLY_TEST_VARIABLE", "secret", 1), 0);
  EXPECT_THAT(variable_names(), Contains("TALLY_TEST_VARIABLE"));
  ::unsetenv("TALLY_TEST_VARIABLE");
}

}  // namespace
}  // namespace tally::cli
