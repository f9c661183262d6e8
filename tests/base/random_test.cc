// SPDX-License-Identifier: Apache-2.0
// Event ids: the layout of RFC 9562 UUIDv7, strictly rising within a source, whatever the clock and
// threads do.
#include "base/random.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace tally {
namespace {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return time; }
  [[nodiscard]] MonoTime mono() const override { return {}; }
  WallTime time{};
};

/// 0, 1, 2, ... so that the random part of an id is known.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) b = std::byte{next_++};
    ++calls;
  }
  int calls = 0;

 private:
  std::uint8_t next_ = 0;
};

WallTime at_micros(std::int64_t micros) { return WallTime(std::chrono::microseconds(micros)); }

TEST(UuidSource, KnownAnswer) {
  // RFC 9562 appendix A.6: 2022-02-22T19:22:22Z is 017f22e2-79b0-7...
  FixedClock clock;
  clock.time = *parse_time("2022-02-22T19:22:22Z");
  CountingRandom random;
  UuidSource source(clock, random);
  EXPECT_EQ(source.next(), "017f22e2-79b0-7000-8001-020304050607");
  // Half a millisecond is 2048/4096 (method 3 of section 6.2).
  EXPECT_EQ(source.next(clock.time + std::chrono::microseconds(500)),
            "017f22e2-79b0-7800-8809-0a0b0c0d0e0f");
  EXPECT_EQ(random.calls, 1);
}

TEST(UuidSource, EveryIdHasVersionSevenAndTheVariant) {
  UuidSource source(system_clock(), system_random());
  for (int i = 0; i < 2'000; ++i) {
    const std::string id = source.next();
    ASSERT_TRUE(is_uuid(id)) << id;
    ASSERT_EQ(id[14], '7') << id;
    ASSERT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos) << id;
  }
}

TEST(UuidSource, CarriesTheTime) {
  FixedClock clock;
  clock.time = at_micros(0x0123'4567'89ABLL * 1000 + 999);
  UuidSource source(clock, system_random());
  const std::string id = source.next();
  EXPECT_EQ(id.substr(0, 8) + id.substr(9, 4), "0123456789ab");
  EXPECT_EQ(id.substr(15, 3), "ffb");  // 999 * 4096 / 1000 = 4091
}

TEST(UuidSource, RisesWhenTheClockStandsStillOrGoesBack) {
  FixedClock clock;
  clock.time = at_micros(1'700'000'000'000'000);
  UuidSource source(clock, system_random());
  std::string last = source.next();
  for (int i = 0; i < 20'000; ++i) {
    if (i % 3 == 0) clock.time -= std::chrono::milliseconds(1);
    const std::string id = source.next();
    ASSERT_LT(last, id);
    last = id;
  }
  clock.time = at_micros(-5);
  EXPECT_LT(last, source.next());
}

TEST(UuidSource, ThreadsShareOneRisingSequence) {
  UuidSource source(system_clock(), system_random());
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kIds = 5'000;
  std::vector<std::vector<std::string>> ids(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : ids) {
      threads.emplace_back([&source, &mine] {
        for (std::size_t i = 0; i < kIds; ++i) mine.push_back(source.next());
      });
    }
  }
  std::set<std::string> all;
  for (const auto& mine : ids) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), kThreads * kIds);
}

TEST(SystemRandom, FillsAllOfItDifferentlyEachTime) {
  for (const std::size_t size : {0U, 1U, 255U, 256U, 257U, 4096U}) {
    std::vector<std::byte> a(size), b(size);
    system_random().fill(a);
    system_random().fill(b);
    if (size < 255) continue;
    EXPECT_NE(a, b);
    // A run of eight zero bytes at the end would mean that the tail was not filled; chance 2^-64.
    EXPECT_FALSE(std::all_of(a.end() - 8, a.end(), [](std::byte x) { return x == std::byte{0}; }));
  }
}

TEST(IsUuid, OnlyTheCanonicalForm) {
  EXPECT_TRUE(is_uuid("017f22e2-79b0-7000-8001-020304050607"));
  EXPECT_TRUE(is_uuid("00000000-0000-0000-0000-000000000000"));
  for (const char* text :
       {"", "017F22E2-79B0-7000-8001-020304050607", "017f22e279b0700080010203040506070000",
        "017f22e2-79b0-7000-8001-02030405060", "017f22e2-79b0-7000-8001-0203040506077",
        "{17f22e2-79b0-7000-8001-02030405060}", "017f22e2-79b0-7000-8001_020304050607",
        "017f22e2-79b0-70-00-8001020304050607", "g17f22e2-79b0-7000-8001-020304050607"}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace tally
