// SPDX-License-Identifier: Apache-2.0
#include "rest/path_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using testing::HasSubstr;

/// What a pattern captures in a path: "no", else id|secret.
std::string captured(std::string_view pattern, std::string_view path) {
  const auto made = PathPattern::parse(pattern);
  EXPECT_TRUE(made) << pattern;
  const auto found = made->match(path);
  return found ? std::string(found->id) + '|' + std::string(found->secret) : "no";
}

TEST(PathPattern, Matches) {
  struct Case {
    const char *pattern, *path, *captured;
  };
  const Case cases[] = {
      {"/tools", "/tools", "|"},
      {"/tools", "/TOOLS", "|"},
      {"/Tools", "/tools", "|"},
      {"/tools", "/tools2", "no"},
      {"/tools", "/tool", "no"},
      {"/tools/{id}", "/tools/7", "7|"},
      {"/tools/{id}", "/tools/AbC", "AbC|"},
      {"/tools/{id}", "/tools/", "no"},
      {"/tools/{id}", "/tools/7/x", "no"},
      {"/tools/{id}/state", "/tools/7/State", "7|"},
      {"/tools/{id}/state", "/tools/state", "no"},
      {"/resources/{id*}", "/resources/file:/a/b", "file:/a/b|"},
      {"/resources/{id*}/state", "/resources/a/state", "a|"},
      {"/resources/{id*}/state", "/resources/a/state/state", "a/state|"},
      {"/resources/{id*}/state", "/resources/state", "no"},
      {"/resources/{id*}/state", "/resources//state", "no"},
      {"/api/*", "/api/", "|"},
      {"/api/*", "/api/a/b", "|"},
      {"/api/*", "/api", "no"},
      {"/api/", "/api/x", "|"},
      {"/*", "/", "|"},
      {"/*/x/*/y", "/a/x/x/b/y", "|"},
      {"/*/x/*/y", "/a/x/y", "no"},
      {"/*ab", "/aab", "|"},
      {"/reset/{secret}", "/reset/S3", "|S3"},
      {"/teams/{id}/invite/{secret}", "/teams/4/invite/S3", "4|S3"},
      {"/*/tools/{id}/x", "/tools/tools/a/y/tools/b/x", "b|"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(captured(c.pattern, c.path), c.captured) << c.pattern << ' ' << c.path;
  }
}

TEST(PathPattern, MistakesAreTold) {
  const std::pair<const char*, const char*> cases[] = {
      {"tools", "must be a path"},
      {"", "must be a path"},
      {"/a?x", "without query"},
      {"/a%20b", "decoded"},
      {"/a;b", "decoded"},
      {"/a//b", "empty"},
      {"/a/../b", "segments"},
      {"/a/.", "segments"},
      {"/a/{name}", "write {id}"},
      {"/a/{id", "write {id}"},
      {"/a/}", "without {"},
      {"/a/{id}/{id}", "twice"},
      {"/a/{id}/{id*}", "twice"},
      {"/a/x{id}", "segment of its own"},
      {"/a/{id}x", "segment of its own"},
      {"/*/a*/b*/c*/d*", "wildcards"},
  };
  for (const auto& [text, says] : cases) {
    const auto made = PathPattern::parse(text);
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().detail, HasSubstr(says)) << text;
  }
  EXPECT_FALSE(PathPattern::parse("/" + std::string(600, 'a')));
}

TEST(PathPattern, MoreSpecificRanksHigher) {
  const char* order[] = {"/tools/{id}/state", "/tools/{id}", "/tools/*/b", "/tools/*", "/*"};
  for (std::size_t i = 0; i + 1 < std::size(order); ++i) {
    EXPECT_GT(PathPattern::parse(order[i])->rank(), PathPattern::parse(order[i + 1])->rank())
        << order[i];
  }
  EXPECT_EQ(PathPattern::parse("/tools/{id}")->first_segment(), "tools");
  EXPECT_EQ(PathPattern::parse("/tools*")->first_segment(), "");
  EXPECT_EQ(PathPattern::parse("/*/x")->first_segment(), "");
  EXPECT_TRUE(PathPattern::parse("/tools/{id}")->has_id());
}

TEST(PathPattern, LongPathsEndSoonAndStillMatch) {
  const auto pattern = PathPattern::parse("/*a*b*c/{id}");
  ASSERT_TRUE(pattern);
  std::string path = "/";
  for (int i = 0; i < 20'000; ++i) path += "ab";
  EXPECT_FALSE(pattern->match(path));
  EXPECT_TRUE(pattern->match(path + "c/7"));
}

}  // namespace
}  // namespace tally::rest
