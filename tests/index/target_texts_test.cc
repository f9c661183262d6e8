// SPDX-License-Identifier: Apache-2.0
#include "index/target_texts.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::index {
namespace {

constexpr TargetTexts kTool{"tool", "@scope/files/read", "read", "Files"};

TEST(TargetTexts, APatternWithoutWildcardsMatchesExactlyTheTexts) {
  const TargetTexts all[] = {kTool,
                             {"resource", "git/a/b", "a/b", ""},
                             {"server", "x/y", "z", ""},
                             {"", "", "", ""},
                             {"prompt", "/p", "", "s/t"}};
  std::set<std::string> words{"", "tool", "resource", "prompt", "server", "other"};
  for (const TargetTexts& texts : all) {
    const auto note = [&](std::string_view text) { words.insert(fold(text)); };
    each_server_text(texts, note);
    each_target_text(texts, note);
    for (const char* type : {"tool", "resource", "prompt"}) each_named_text(texts, type, note);
  }
  for (const TargetTexts& texts : all) {
    std::set<std::string> named, servers, targets;
    each_named_text(texts, "tool", [&](std::string_view text) { named.insert(fold(text)); });
    each_server_text(texts, [&](std::string_view text) { servers.insert(fold(text)); });
    each_target_text(texts, [&](std::string_view text) { targets.insert(fold(text)); });
    for (const std::string& word : words) {
      EXPECT_EQ(matches_named(texts, "tool", {{word}}), named.contains(word)) << word;
      EXPECT_EQ(matches_server(texts, {{word}}), servers.contains(word)) << word;
      EXPECT_EQ(matches_target(texts, {{word}}), targets.contains(word)) << word;
    }
  }
}

TEST(TargetTexts, Names) {
  EXPECT_TRUE(matches_named(kTool, "tool", {{"", ""}}));
  EXPECT_FALSE(matches_named(kTool, "prompt", {{"", ""}}));
  EXPECT_TRUE(matches_named(kTool, "prompt", {{""}}));
  EXPECT_EQ(listed_name(kTool, "tool"), "read");
  EXPECT_EQ(listed_name(kTool, "prompt"), "");
  EXPECT_EQ(listed_name({"tool", "a/b/c", "", ""}, "tool"), "b/c");
  EXPECT_EQ(owning_server(kTool), "@scope/files");
  EXPECT_EQ(owning_server({"tool", "a/b/c", "x", ""}), "a");
}

}  // namespace
}  // namespace tally::index
