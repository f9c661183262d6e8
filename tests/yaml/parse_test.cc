// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "yaml/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::yaml {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Node parsed(std::string_view text) {
  auto node = parse(text, "a.yaml");
  EXPECT_TRUE(node) << node.error().detail;
  return node ? *node : Node();
}

std::string refusal(std::string_view text) {
  const auto node = parse(text, "a.yaml");
  EXPECT_FALSE(node) << text;
  return node ? "" : node.error().detail;
}

TEST(YamlParse, KeepsPlacesAndOrder) {
  const Node root = parsed("b: 1\na:\n  - x\n  - \"true\"\n  - ~\nc:\n");
  ASSERT_EQ(root.kind, Kind::map);
  ASSERT_EQ(root.members.size(), 3U);
  EXPECT_EQ(root.members[0].key, "b");
  const Node* list = root.find("a");
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->items.size(), 3U);
  EXPECT_EQ(list->items[0].text, "x");
  EXPECT_EQ(list->items[0].mark, (Mark{3, 5}));
  EXPECT_FALSE(list->items[0].quoted);
  EXPECT_TRUE(list->items[1].quoted);
  EXPECT_EQ(list->items[2].kind, Kind::null);
  EXPECT_EQ(root.find("c")->kind, Kind::null);
  EXPECT_EQ(root.members[2].key_mark, (Mark{6, 1}));
  EXPECT_EQ(root.find("d"), nullptr);
}

TEST(YamlParse, ReadsFlowStyleCommentsAndBlocks) {
  const Node root = parsed("# first\na: {x: [1, 2], y: 'z'} # last\nb: |\n  two\n  lines\n");
  EXPECT_EQ(root.find("a")->find("x")->items[1].text, "2");
  EXPECT_EQ(root.find("a")->find("y")->text, "z");
  EXPECT_EQ(root.find("b")->text, "two\nlines\n");
}

TEST(YamlParse, AnEmptyFileIsNull) {
  for (const auto* empty : {"", "\n", "# nothing\n", "---\n", "~"}) {
    EXPECT_EQ(parsed(empty).kind, Kind::null) << empty;
  }
}

TEST(YamlParse, RefusesWhatCouldBeReadInTwoWays) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"),
            "a.yaml:3:1: \"a\" is given twice, first in line 1; remove one");
  EXPECT_THAT(refusal("x: {a: 1, \"a\": 2}"), StartsWith("a.yaml:1:11: "));
  EXPECT_THAT(refusal("a: &x [1]\n"), HasSubstr("anchors"));
  EXPECT_THAT(refusal("a: *x\n"), StartsWith("a.yaml:1:4: "));
  EXPECT_THAT(refusal("a: !!int 1\n"), HasSubstr("tags"));
  EXPECT_THAT(refusal("a: !x [1]\n"), HasSubstr("tags"));
  EXPECT_THAT(refusal("[1]: 2\n"), HasSubstr("cannot be a key"));
  EXPECT_THAT(refusal("? {a: 1}\n: 2\n"), HasSubstr("cannot be a key"));
  EXPECT_THAT(refusal("~: 2\n"), HasSubstr("key is missing"));
  EXPECT_THAT(refusal("\"\": 2\n"), HasSubstr("key is empty"));
  EXPECT_THAT(refusal("a: 1\n---\nb: 2\n"), HasSubstr("more than one document"));
}

TEST(YamlParse, SaysWhatIsMostOftenWrong) {
  EXPECT_THAT(refusal("a:\n\t- b: 1\n"), HasSubstr("begins with a tab"));
  EXPECT_THAT(refusal("a:\n  - b: 1\n   c: 2\n"), HasSubstr("look at the indentation"));
}

TEST(YamlParse, NamesThePlaceOfWhatIsNoYaml) {
  EXPECT_THAT(refusal("a: 1\n\tb: 2\n"), StartsWith("a.yaml:2:"));
  EXPECT_THAT(refusal("a: [1, 2\n"), StartsWith("a.yaml:"));
  for (const auto* open : {"a: 'x\nb: 2\n", "a: \"x\\\"\nb: 2\n", "a: 'it''s\nb: 2\n", "'a: 1\n"}) {
    EXPECT_THAT(refusal(open), HasSubstr("is not closed")) << open;
  }
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "ä: 'it''s'\nb: \"a\\\"b\"\n")
                .find("b")
                ->text,
            "a\"b");
  EXPECT_THAT(refusal("a: b: c\n"), StartsWith("a.yaml:1:"));
  EXPECT_EQ(refusal("a: 1\nb: \x80\n"), "a.yaml:2:1: not UTF-8; save the file as UTF-8");
  EXPECT_EQ(refusal("a: 1\nb: \x1b[0m\n"), "a.yaml:2:4: a control character; remove it");
  EXPECT_THAT(refusal(std::string("a: \0b", 5)), HasSubstr("control character"));
}

TEST(YamlParse, IsBounded) {
  EXPECT_THAT(refusal(std::string(kYamlDepthMax + 1, '[') + std::string(kYamlDepthMax + 1, ']')),
              HasSubstr("deep"));
  EXPECT_TRUE(parse(std::string(kYamlDepthMax, '[') + std::string(kYamlDepthMax, ']'), "a"));
  std::string many = "[";
  for (std::size_t i = 0; i <= kYamlNodesMax; ++i) many += "1,";
  EXPECT_THAT(refusal(many + "]"), HasSubstr("more than 20000 values"));
  EXPECT_THAT(refusal(std::string(kConfigFileBytesMax + 1, ' ')), HasSubstr("larger than"));
}

TEST(YamlParse, ABombOfAnchorsIsRefusedAtItsFirst) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string("*") + static_cast<char>(c - 1) + ',';
    bomb += "]\n";
  }
  EXPECT_THAT(refusal(bomb), StartsWith("a.yaml:1:"));
}

}  // namespace
}  // namespace tally::yaml
