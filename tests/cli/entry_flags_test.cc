// SPDX-License-Identifier: Apache-2.0
// What the flags mean on a log is tested in query_test.cc and export_test.cc.
#include "cli/entry_flags.h"

#include "cli/program.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace tally::cli {
namespace {

Result<index::Expression> parsed(const std::vector<std::string>& words) {
  const test::User user;  // who has no keys
  Console console(STDOUT_FILENO, STDERR_FILENO, [](const std::string&) { return std::nullopt; });
  Invocation call{"query",
                  {},
                  console,
                  storage::posix_file_system(),
                  system_clock(),
                  system_random(),
                  [&](const std::string& name) -> std::optional<std::string> {
                    return name == "HOME" ? std::optional(user.home()) : std::nullopt;
                  }};
  EntryFlags flags;
  OptionSet options("query", "", "");
  flags.declare(options);
  const auto taken = options.parse(words);
  if (!taken) return tl::unexpected(taken.error());
  return flags.parse(call, {}, {});
}

TEST(EntryFlags, WordsAndWindowAreOneExpression) {
  const auto expression =
      parsed({"actor:alice", "-severity:debug", "--from", "2026-01-01", "--to", "2026-01-02"});
  ASSERT_TRUE(expression) << expression.error().detail;
  ASSERT_EQ(expression->terms.size(), 3U);
  const index::Term& window = expression->terms.back();
  EXPECT_EQ(window.key, index::Key::time);
  EXPECT_TRUE(window.bound) << "beside other times, not instead of them";
  const auto range = std::get<index::Range>(window.value);
  EXPECT_EQ(range.high - range.low + 1, 86'400'000'000);
  EXPECT_TRUE(parsed({})->terms.empty());
}

TEST(EntryFlags, WhatMakesNoSenseIsRefused) {
  EXPECT_FALSE(parsed({"--from", "soon"}));
  EXPECT_FALSE(parsed({"--to", "2026-01-01", "--from", "2026-01-01"}));
  EXPECT_FALSE(parsed({"actr:alice"}));
}

TEST(EntryFlags, EveryKeyIsExplained) {
  const std::string text = expression_keys_text();
  for (const std::string_view key : index::key_names()) {
    EXPECT_NE(text.find(key), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace tally::cli
