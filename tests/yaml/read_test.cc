// SPDX-License-Identifier: Apache-2.0
#include "yaml/read.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class YamlRead : public ::testing::Test {
 protected:
  const Node& root(std::string_view text) {
    auto node = parse(text, "f");
    EXPECT_TRUE(node) << node.error().detail;
    root_ = node ? std::move(*node) : Node();
    return root_;
  }
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const Problem& problem : problems_.take()) out.push_back(format("f", problem));
    return out;
  }
  Node root_;
  Problems problems_;
};

TEST_F(YamlRead, UnknownKeysGetTheNearestKnownOne) {
  MapReader reader(root("levle: full\nname: x\n"), "rules[0]", problems_);
  EXPECT_EQ(reader.take("level"), nullptr);
  ASSERT_NE(reader.take("name"), nullptr);
  reader.finish();
  EXPECT_THAT(told(), ElementsAre("f:1:1: rules[0]: no such key: \"levle\"; did you mean level?"));
}

TEST_F(YamlRead, UnknownKeysWithoutANearOneGetTheList) {
  MapReader reader(root("colour: red\n"), "", problems_);
  EXPECT_EQ(reader.take("name"), nullptr);
  EXPECT_EQ(reader.take("level"), nullptr);
  reader.finish();
  EXPECT_THAT(told(), ElementsAre("f:1:1: no such key: \"colour\"; known are name, level"));
}

TEST_F(YamlRead, AMapIsNoListAndNothingIsAnEmptyMap) {
  MapReader list(root("- 1\n"), "x", problems_);
  EXPECT_EQ(list.take("a"), nullptr);
  list.finish();
  EXPECT_THAT(told(), ElementsAre("f:1:1: x: must be a map (KEY: VALUE), not a list"));
  MapReader empty(root(""), "x", problems_);
  EXPECT_EQ(empty.take("a"), nullptr);
  EXPECT_THAT(empty.take_all(), IsEmpty());
  empty.finish();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(YamlRead, BooleansAreTrueOrFalseWithoutQuotes) {
  EXPECT_EQ(read_bool(root("true"), "x", problems_), true);
  EXPECT_EQ(read_bool(root("false"), "x", problems_), false);
  EXPECT_THAT(told(), IsEmpty());
  for (const auto* bad : {"yes", "\"true\"", "1", "[true]", "True"}) {
    EXPECT_EQ(read_bool(root(bad), "x", problems_), std::nullopt) << bad;
    EXPECT_THAT(told(), ElementsAre(HasSubstr("true or false"))) << bad;
  }
}

TEST_F(YamlRead, OneValueIsAListOfOne) {
  EXPECT_THAT(read_texts(root("a"), "x", 2, problems_), ElementsAre("a"));
  EXPECT_THAT(read_texts(root("[a, b]"), "x", 2, problems_), ElementsAre("a", "b"));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(read_texts(root("[a, b, c]"), "x", 2, problems_), IsEmpty());
  EXPECT_THAT(read_texts(root("[a, \"\"]"), "x", 2, problems_), ElementsAre("a"));
  EXPECT_THAT(read_texts(root("{a: b}"), "x", 2, problems_), IsEmpty());
  EXPECT_THAT(read_texts(root("[[a]]"), "x", 2, problems_), IsEmpty());
  EXPECT_THAT(told(), SizeIs(4));
}

TEST_F(YamlRead, AChoiceSuggestsTheNearest) {
  const std::vector<std::string> names{"block", "allow", "drop"};
  EXPECT_EQ(read_choice(root("allow"), "x", names, problems_), 1U);
  EXPECT_EQ(read_choice(root("alow"), "x", names, problems_), std::nullopt);
  EXPECT_THAT(told(), ElementsAre("f:1:1: x: must be block, allow or drop, not \"alow\"; did you "
                                  "mean allow?"));
}

TEST_F(YamlRead, ListsAndTexts) {
  EXPECT_THAT(read_list(root("[1, 2]"), "x", problems_), SizeIs(2));
  EXPECT_EQ(read_text(root("1"), "x", problems_), "1");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(read_list(root("a"), "x", problems_), IsEmpty());
  EXPECT_EQ(read_text(root("[1]"), "x", problems_), std::nullopt);
  EXPECT_THAT(told(), SizeIs(2));
}

TEST_F(YamlRead, ProblemsComeInTheOrderOfTheFileAndAreBounded) {
  problems_.error({9, 1}, "later");
  problems_.warning({2, 3}, "earlier");
  EXPECT_TRUE(problems_.any_error());
  const auto list = problems_.take();
  ASSERT_THAT(list, SizeIs(2));
  EXPECT_EQ(format("f", list[0]), "f:2:3: warning: earlier");
  const auto error = as_error("f", list);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->detail, "f:9:1: later");
  EXPECT_FALSE(as_error("f", std::span(list).first(1)));
  for (std::size_t i = 0; i < 2 * kProblemsMax; ++i) problems_.error({1, 1}, "again");
  EXPECT_THAT(problems_.take(), SizeIs(kProblemsMax));
}

}  // namespace
}  // namespace tally::yaml
