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

TEST(FieldList, IsWrittenAsItIsSent) {
  FieldList fields = sample();
  fields.add_line("X-Line: a: b\r\n", 6);
  EXPECT_EQ((fields[4]), (Field{"X-Line", "a: b"}));
  EXPECT_EQ(fields.find("x-line"), "a: b");
  fields.set_value(1, "one");
  EXPECT_EQ(fields.remove("ACCEPT"), 2U);
  EXPECT_FALSE(fields.has("accept"));
  const std::string expected = "X-One: one\r\nEmpty: \r\nX-Line: a: b\r\n";
  std::string out = "first\r\n";
  fields.append_to(out);
  EXPECT_EQ(out, "first\r\n" + expected);
  EXPECT_EQ(fields.wire_bytes(), expected.size());
}

TEST(FieldList, CopiesWithRoomAreEqualAndApart) {
  const FieldList fields = sample();
  FieldList copy(fields, 2, 100);
  EXPECT_EQ(copy, fields);
  copy.add("More", copy[0].value);
  EXPECT_EQ(copy.find("more"), "a, b");
  EXPECT_FALSE(fields.has("more"));
  copy.clear();
  EXPECT_FALSE(copy.has("accept"));
}

/// Names of one length with the same first, middle and last letter are told apart all the same.
TEST(FieldList, TellsNamesApartThatLookAlike) {
  FieldList fields;
  fields.add("X-Abc-Id", "1");
  EXPECT_FALSE(fields.has("x-axc-id"));
  EXPECT_FALSE(fields.has("X-AbC_Id"));
  EXPECT_TRUE(fields.has("x-ABC-id"));
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

TEST(FieldList, TakesWholeLinesThatStandAsTheyAreSent) {
  const std::string lines = "Host: a\r\nX: \r\nA: b\tc \x80\r\n";
  for (const char* rest : {"", "\r\n", "\r\nbody: x\r\n", "B:c\r\n", "B:  c\r\n", "B: c \r\n",
                           "B: c\n", "B: c\rd\r\n", "B: \x7f\r\n", "B : c\r\n", " c\r\n", ": c\r\n",
                           "B", "B:", "B: ", "B: c", "B: c\r", "B: c\r\rd: e\r\n"}) {
    FieldList fields;
    EXPECT_EQ(fields.add_lines(lines + rest, 256), lines.size()) << rest;
    std::string out;
    fields.append_to(out);
    EXPECT_EQ(out, lines);
    EXPECT_EQ(fields.find("a"), "b\tc \x80");
    EXPECT_EQ(fields.find("x"), "");
  }
  FieldList few;
  few.add("First", "1");
  EXPECT_EQ(few.add_lines(lines, 2), 9U);
  EXPECT_EQ(few.add_lines(lines, 2), 0U);
  EXPECT_EQ(few.find(KnownName::host), "a");
}

TEST(FieldList, KnowsWhichNamesItHas) {
  FieldList fields;
  EXPECT_EQ(fields.known(), 0U);
  fields.add("HOST", "a");
  fields.add("Connection", "close");
  fields.add("connection", "x");
  EXPECT_EQ(fields.known(0), KnownName::host);
  EXPECT_EQ(fields.known(), name_set(KnownName::host, KnownName::connection));
  EXPECT_EQ(fields.known_repeated(), name_set(KnownName::connection));
  EXPECT_EQ(fields.find(KnownName::connection), "close");
  EXPECT_EQ(fields.find(KnownName::te), std::nullopt);
  std::string out;
  fields.append_without(name_set(KnownName::connection), out);
  EXPECT_EQ(out, "HOST: a\r\n");
  fields.remove_at(1);
  EXPECT_EQ(fields.known_repeated(), 0U);
  EXPECT_EQ(fields.remove("Connection"), 1U);
  EXPECT_FALSE(fields.has(KnownName::connection));
  const FieldList copy(fields, 1, 1);
  EXPECT_TRUE(copy.has(KnownName::host));
  fields.clear();
  EXPECT_FALSE(fields.has(KnownName::host));
}

}  // namespace
}  // namespace tally::http
