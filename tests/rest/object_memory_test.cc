// SPDX-License-Identifier: Apache-2.0
#include "rest/object_memory.h"

#include "base/encoding.h"
#include "rest/samples.h"

#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using test::at;
using test::digest;

ObjectMemory::Seen seen(const std::string& text) {
  json::Document document;
  const auto root = document.parse(text);
  return {*read_object(*root, digest()), {}, text};
}

TEST(ObjectMemory, RemembersByTypeAndId) {
  ObjectMemory memory;
  memory.shown("tool", "1", seen(R"({"id":1,"a":1})"), at(1).mono);
  memory.shown("server", "1", seen(R"({"id":1,"a":2})"), at(1).mono);
  ASSERT_NE(memory.find("tool", "1"), nullptr);
  EXPECT_EQ(memory.find("tool", "1")->object.find("a")->json, "1");
  EXPECT_EQ(memory.find("server", "1")->object.find("a")->json, "2");
  EXPECT_EQ(memory.find("tool", "2"), nullptr);
  EXPECT_TRUE(memory.seen_again("tool", "1", R"({"id":1,"a":1})", at(9)));
  EXPECT_EQ(memory.find("tool", "1")->at, at(9).wall);
  EXPECT_FALSE(memory.seen_again("tool", "1", "other", at(9)));
  EXPECT_FALSE(memory.seen_again("tool", "3", "", at(9)));
}

TEST(ObjectMemory, AnAnswerOlderThanAChangeTeachesNothing) {
  ObjectMemory memory;
  memory.changed("tool", "1", seen(R"({"id":1,"a":2})"), at(4).mono, at(5));
  memory.shown("tool", "1", seen(R"({"id":1,"a":1})"), at(4).mono);
  EXPECT_EQ(memory.find("tool", "1")->object.find("a")->json, "2");
  memory.changed("tool", "1", std::nullopt, at(5).mono, at(6));
  EXPECT_EQ(memory.find("tool", "1"), nullptr);
  memory.shown("tool", "1", seen(R"({"id":1,"a":1})"), at(5).mono);
  EXPECT_EQ(memory.find("tool", "1"), nullptr);
  memory.shown("tool", "1", seen(R"({"id":1,"a":3})"), at(7).mono);
  EXPECT_EQ(memory.find("tool", "1")->object.find("a")->json, "3");
}

TEST(ObjectMemory, DoubtConcernsWhateverHasTheName) {
  ObjectMemory memory;
  memory.shown("prompt", "1", seen(R"({"id":1,"name":"a"})"), at(1).mono);
  memory.shown("prompt", "2", seen(R"({"id":2,"name":"b"})"), at(1).mono);
  memory.shown("tool", "1", seen(R"({"id":1,"name":"a"})"), at(1).mono);
  memory.doubt("prompt", "a", at(2));
  EXPECT_EQ(memory.find("prompt", "1"), nullptr);
  EXPECT_NE(memory.find("prompt", "2"), nullptr);
  EXPECT_NE(memory.find("tool", "1"), nullptr);
}

TEST(ObjectMemory, BoundedInObjectsAndBytes) {
  ObjectMemory few(3, kMiB);
  for (int i = 0; i < 10; ++i) {
    few.shown("tool", std::to_string(i), seen(R"({"id":1})"), at(1).mono);
    EXPECT_TRUE(few.seen_again("tool", "0", R"({"id":1})", at(2))) << "used, so kept";
  }
  EXPECT_EQ(few.objects(), 3U);
  EXPECT_NE(few.find("tool", "9"), nullptr);
  EXPECT_EQ(few.find("tool", "5"), nullptr);
  ObjectMemory small(1'000, 64 * kKiB);
  for (int i = 0; i < 1'000; ++i) {
    small.shown("tool", std::to_string(i),
                seen(R"({"id":1,"text":")" + std::string(2'000, 'x') + "\"}"), at(1).mono);
    ASSERT_LE(small.bytes(), 64 * kKiB);
  }
  EXPECT_GT(small.objects(), 5U);
  EXPECT_NE(small.find("tool", "999"), nullptr);
  for (int i = 0; i < 1'000; ++i)
    small.changed("tool", std::to_string(i), std::nullopt, at(2).mono, at(3));
  EXPECT_LE(small.bytes(), 64 * kKiB);
}

TEST(ObjectMemory, OfTwoChangesAtOnceNobodyKnowsTheLast) {
  ObjectMemory memory;
  memory.changed("tool", "1", seen(R"({"id":1,"a":"late"})"), at(2).mono, at(5));
  ASSERT_NE(memory.find("tool", "1"), nullptr);
  memory.changed("tool", "1", seen(R"({"id":1,"a":"early"})"), at(1).mono, at(6));
  EXPECT_EQ(memory.find("tool", "1"), nullptr);
  memory.changed("tool", "1", seen(R"({"id":1,"a":"after"})"), at(7).mono, at(8));
  EXPECT_NE(memory.find("tool", "1"), nullptr);
}

}  // namespace
}  // namespace tally::rest
