// SPDX-License-Identifier: Apache-2.0
#include "record/members.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

TEST(Members, OfEachKind) {
  Members m;
  EXPECT_TRUE(m.empty());
  EXPECT_EQ(m.object(), "{}");
  m.string("s", "a\"b\n");
  m.raw("r", "[1]");
  m.number("n", 18'446'744'073'709'551'615U);
  m.boolean("t", true);
  EXPECT_EQ(m.text(), R"("s":"a\"b\n","r":[1],"n":18446744073709551615,"t":true)");
  EXPECT_EQ(m.object(), '{' + std::string(m.text()) + '}');
}

TEST(Members, ObjectsInObjects) {
  Members m;
  m.open("a");
  m.close();
  m.open("b");
  m.number("x", 1);
  m.open("c");
  m.string("y", "{");
  m.close();
  m.number("z", 2);
  m.close();
  m.object("d", {"\"e\":1", "", "\"f\":2"});
  m.object("none", {"", ""});
  EXPECT_EQ(m.text(), R"("a":{},"b":{"x":1,"c":{"y":"{"},"z":2},"d":{"e":1,"f":2})");
}

TEST(Members, JoinedAndTaken) {
  Members m, other;
  m.join("");
  m.join(R"("a":1)");
  other.raw("b", "2");
  m.join(other.text());
  const Members copy = m;
  EXPECT_EQ(m.take(), R"("a":1,"b":2)");
  EXPECT_TRUE(m.empty());
  EXPECT_EQ(copy.text(), R"("a":1,"b":2)");
  m.raw("c", "3");
  EXPECT_EQ(m.take_object(), R"({"c":3})");
  EXPECT_TRUE(m.empty());
  EXPECT_EQ(m.take_object(), "{}");
  Members began(std::string(R"("d":4)"));
  began.raw("e", "5");
  const Members moved = std::move(began);
  EXPECT_EQ(moved.text(), R"("d":4,"e":5)");
  EXPECT_TRUE(began.empty());  // NOLINT(bugprone-use-after-move): that is promised
  began.raw("f", "6");
  EXPECT_EQ(began.take(), R"("f":6)");
}

TEST(Members, GrowAsFarAsNeeded) {
  for (std::size_t length = 0; length < 700; length += 7) {
    Members m;
    std::string expected;
    for (int i = 0; i < 3; ++i) {
      const std::string text(length, static_cast<char>('a' + i));
      m.string("k", text);
      expected += std::string(expected.empty() ? "" : ",") + "\"k\":\"" + text + '"';
    }
    EXPECT_EQ(m.text(), expected);
    EXPECT_EQ(m.take_object(), '{' + expected + '}');
  }
}

}  // namespace
}  // namespace tally::record
