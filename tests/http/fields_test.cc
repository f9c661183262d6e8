// SPDX-License-Identifier: Apache-2.0
#include "http/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const FieldList& fields) {
  std::vector<std::string> out;
  for (const Field field : fields) out.emplace_back(field.name);
  return out;
}

FieldList sample() {
  FieldList fields;
  fields.add("Accept", "a, b");
  fields.add("X-One", "1");
  fields.add("accept", "c");
  fields.add("Empty", "");
  return fields;
}

TEST(FieldList, FindsWithoutCaseAndKeepsEveryLine) {
  const FieldList fields = sample();
  EXPECT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields.find("ACCEPT"), "a, b");
  EXPECT_EQ(fields.find("empty"), "");
  EXPECT_EQ(fields.find("none"), std::nullopt);
  EXPECT_EQ(fields.index_of("accept"), 0U);
  EXPECT_TRUE(fields.has("x-one"));
  EXPECT_EQ(fields.count("Accept"), 2U);
  EXPECT_THAT(fields.all("accept"), ElementsAre("a, b", "c"));
  EXPECT_THAT(fields.list("accept"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names(fields), ElementsAre("Accept", "X-One", "accept", "Empty"));
  EXPECT_EQ((fields[2]), (Field{"accept", "c"}));
}

TEST(FieldList, SplitsLists) {
  EXPECT_THAT(split_list(""), IsEmpty());
  EXPECT_THAT(split_list(" , ,\t,"), IsEmpty());
  EXPECT_THAT(split_list("a,,b , \tc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list("a=\"x,y\", b"), ElementsAre("a=\"x,y\"", "b"));
  EXPECT_THAT(split_list("\"a\\\",b\",c"), ElementsAre("\"a\\\",b\"", "c"));
  EXPECT_THAT(split_list("\"open,a"), ElementsAre("\"open,a"));
  EXPECT_THAT(split_list("\"a\\"), ElementsAre("\"a\\"));
}

TEST(FieldList, FindsTokens) {
  FieldList fields;
  fields.add("Connection", "keep-alive, Upgrade");
  fields.add("connection", "x");
  EXPECT_TRUE(fields.has_token("connection", "upgrade"));
  EXPECT_TRUE(fields.has_token("connection", "X"));
  EXPECT_FALSE(fields.has_token("connection", "keep"));
  EXPECT_FALSE(fields.has_token("upgrade", "x"));
}

TEST(FieldList, ChangesInPlace) {
  FieldList fields = sample();
  fields.set_value(1, "a much longer value than the one before, so that it moves");
  EXPECT_EQ(fields[1].name, "X-One");
  EXPECT_EQ(fields[1].value, "a much longer value than the one before, so that it moves");
  EXPECT_EQ(fields[2].value, "c");
  EXPECT_EQ(fields.remove("ACCEPT"), 2U);
  EXPECT_THAT(names(fields), ElementsAre("X-One", "Empty"));
  fields.remove_at(0);
  EXPECT_THAT(names(fields), ElementsAre("Empty"));
  EXPECT_EQ(fields.remove_if([](const Field& field) { return field.value.empty(); }), 1U);
  EXPECT_TRUE(fields.empty());
}

TEST(FieldList, TakesTextOfItsOwn) {
  FieldList fields;
  fields.add("Name-0", "value");
  for (std::size_t i = 0; i < 300; ++i) {  // through several growths of the buffer
    fields.add(fields[i].name, fields[i].value);
    fields.set_value(i, fields[0].value);
  }
  for (const Field field : fields) {
    EXPECT_EQ(field.name, "Name-0");
    EXPECT_EQ(field.value, "value");
  }
}

TEST(FieldList, IsAValue) {
  FieldList one = sample();
  FieldList two = one;
  EXPECT_EQ(one, two);
  two.set_value(0, "z");
  EXPECT_NE(one, two);
  EXPECT_EQ(one.find("accept"), "a, b");
  const FieldList moved = std::move(one);
  EXPECT_EQ(moved, sample());
  two.clear();
  EXPECT_EQ(two, FieldList());
  FieldList renamed = sample();
  renamed.remove_at(3);
  renamed.add("EMPTY", "");
  EXPECT_NE(renamed, sample());  // case counts
}

}  // namespace
}  // namespace tally::http
