// SPDX-License-Identifier: Apache-2.0
#include "rest/object_memory.h"

#include "base/encoding.h"
#include "rest/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>
#include <vector>

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

/// 10,000 requests about objects that are not there, as a client sends them that wants the memory
/// of others gone: whatever came of them, what was seen stays, and nothing grows.
TEST(ObjectMemory, AFloodLeavesOthersAlone) {
  ObjectMemory memory(100, kMiB);
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    memory.shown("tool", id, seen(R"({"id":)" + id + R"(,"name":"t)" + id + "\"}"), at(1).mono);
  }
  const std::size_t bytes = memory.bytes();
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "none-" + std::to_string(i);
    memory.changed("tool", id, std::nullopt, at(2).mono, at(3));
    memory.doubt("tool", id, at(3));
  }
  EXPECT_EQ(memory.objects(), 100U);
  EXPECT_EQ(memory.bytes(), bytes);
  for (int i = 0; i < 100; ++i) EXPECT_NE(memory.find("tool", std::to_string(i)), nullptr) << i;
  // What was asked before the flood may be older than any of these changes; what comes now is not.
  memory.shown("tool", "none-1", seen(R"({"id":"none-1"})"), at(2).mono);
  EXPECT_EQ(memory.find("tool", "none-1"), nullptr);
  memory.shown("tool", "none-1", seen(R"({"id":"none-1"})"), at(4).mono);
  EXPECT_NE(memory.find("tool", "none-1"), nullptr);
}

/// Each costs the same with 10 objects as with 10,000: no call looks at all of them.
TEST(ObjectMemory, DoubtDoesNotLookAtEverything) {
  const auto time_of = [](int objects) {
    ObjectMemory memory(20'000, 64 * kMiB);
    for (int i = 0; i < objects; ++i) {
      const std::string id = std::to_string(i);
      memory.shown("tool", id, seen(R"({"id":)" + id + "}"), at(1).mono);
    }
    auto best = std::chrono::nanoseconds::max();
    for (int round = 0; round < 5; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < 2'000; ++i) memory.doubt("tool", "none-" + std::to_string(i), at(3));
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
    }
    return best;
  };
  // A scan of ten thousand costs a hundred times as much as this, not ten.
  EXPECT_LT(time_of(10'000), 10 * time_of(10));
}

TEST(ObjectMemory, AResponseOlderThanADoubtTeachesNothing) {
  ObjectMemory memory;
  memory.doubt("prompt", "a", at(5));
  memory.shown("prompt", "1", seen(R"({"id":1,"name":"a"})"), at(4).mono);
  EXPECT_EQ(memory.find("prompt", "1"), nullptr) << "it may be what was changed as \"a\"";
  memory.shown("prompt", "2", seen(R"({"id":2,"name":"b"})"), at(4).mono);
  EXPECT_NE(memory.find("prompt", "2"), nullptr);
  memory.shown("prompt", "1", seen(R"({"id":1,"name":"a"})"), at(6).mono);
  EXPECT_NE(memory.find("prompt", "1"), nullptr);
  // Renamed by its own id, then asked for by the new name alone.
  memory.changed("prompt", "1", seen(R"({"id":1,"name":"c"})"), at(7).mono, at(8));
  memory.doubt("prompt", "a", at(9));
  EXPECT_NE(memory.find("prompt", "1"), nullptr) << "nothing is called that any more";
  memory.doubt("prompt", "c", at(9));
  EXPECT_EQ(memory.find("prompt", "1"), nullptr);
}

/// Against the plain reading of the rules: everything in one list, looked at as a whole.
TEST(ObjectMemory, AgreesWithAPlainOne) {
  struct Plain {
    struct Known {
      std::string id, name;
      MonoTime at{};
    };
    std::vector<Known> known;
    std::vector<std::pair<std::string, MonoTime>> changes;
    [[nodiscard]] MonoTime last(const std::string& id, const std::string& name) const {
      MonoTime out{};
      for (const auto& [what, when] : changes) {
        if (what == id || what == name) out = std::max(out, when);
      }
      return out;
    }
    void forget(const std::string& what, MonoTime when) {
      for (const Known& each : known) {
        if (each.id == what || each.name == what) changes.emplace_back(each.id, when);
      }
      std::erase_if(known, [&](const Known& k) { return k.id == what || k.name == what; });
      changes.emplace_back(what, when);
    }
  };
  std::mt19937 random(7);
  ObjectMemory memory;
  Plain plain;
  for (int step = 10; step < 5'000; ++step) {
    const std::string id = std::to_string(random() % 20);
    const std::string name = "n" + std::to_string(random() % 20);
    const auto asked = at(step - static_cast<int>(random() % 8)).mono;
    switch (random() % 3) {
      case 0: {
        memory.shown("tool", id, seen(R"({"id":)" + id + R"(,"name":")" + name + "\"}"), asked);
        if (asked < plain.last(id, name)) break;
        std::erase_if(plain.known, [&](const auto& k) { return k.id == id; });
        plain.known.push_back({id, name, asked});
        break;
      }
      case 1:
        memory.doubt("tool", name, at(step));
        plain.forget(name, at(step).mono);
        break;
      default:
        memory.changed("tool", id, std::nullopt, asked, at(step));
        std::erase_if(plain.known, [&](const auto& k) { return k.id == id; });
        plain.changes.emplace_back(id, at(step).mono);
    }
    ASSERT_EQ(memory.objects(), plain.known.size()) << step;
    for (const auto& each : plain.known) {
      const auto* found = memory.find("tool", each.id);
      ASSERT_NE(found, nullptr) << step;
      EXPECT_EQ(found->object.name("name"), each.name) << step;
    }
  }
}

}  // namespace
}  // namespace tally::rest
