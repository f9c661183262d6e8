// SPDX-License-Identifier: Apache-2.0
#include "mcp/exchange_table.h"

#include "mcp/message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tally::mcp {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Moment at(std::chrono::nanoseconds since) {
  return {WallTime{} + std::chrono::duration_cast<std::chrono::microseconds>(since),
          MonoTime{} + since};
}

Exchange exchange(Direction direction, std::string id, Moment started = at(seconds{0})) {
  Exchange e;
  e.direction = direction;
  e.id = std::move(id);
  e.method = "tools/call";
  e.started = started;
  e.interaction_id = "i-" + e.id;
  return e;
}

constexpr auto c2s = Direction::c2s;
constexpr auto s2c = Direction::s2c;

TEST(ExchangeTable, PairsByDirectionAndRawId) {
  ExchangeTable table;
  table.open(exchange(c2s, "1"));
  table.open(exchange(c2s, "\"1\""));
  table.open(exchange(s2c, "1"));
  EXPECT_EQ(table.close(c2s, "\"1\"")->interaction_id, "i-\"1\"");
  EXPECT_EQ(table.close(s2c, "1")->direction, s2c);
  EXPECT_EQ(table.close(c2s, "1")->interaction_id, "i-1");
  EXPECT_FALSE(table.close(c2s, "1"));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.bytes(), 0U);
}

TEST(ExchangeTable, AnIdInUseTwiceIsMarkedAndAnsweredInOrder) {
  ExchangeTable table;
  const std::uint64_t first = table.open(exchange(c2s, "1")).serial;
  EXPECT_FALSE(table.find(c2s, "1")->ambiguous);
  const std::uint64_t second = table.open(exchange(c2s, "1")).serial;
  const std::uint64_t third = table.open(exchange(c2s, "1")).serial;
  for (const std::uint64_t serial : {first, second, third}) {
    const auto closed = table.close(c2s, "1");
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->serial, serial);
    EXPECT_TRUE(closed->ambiguous);
  }
  table.open(exchange(c2s, "1"));
  EXPECT_FALSE(table.close(c2s, "1")->ambiguous);
}

TEST(ExchangeTable, RemovesFromTheMiddleOfNamesakes) {
  ExchangeTable table;
  table.open(exchange(c2s, "1"));
  const std::uint64_t second = table.open(exchange(c2s, "1")).serial;
  const std::uint64_t third = table.open(exchange(c2s, "1")).serial;
  EXPECT_EQ(table.close_serial(second)->serial, second);
  EXPECT_FALSE(table.close_serial(second));
  EXPECT_EQ(table.close_serial(third)->serial, third);
  table.open(exchange(c2s, "1"));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.close(c2s, "1")->serial, 1U);
  EXPECT_EQ(table.close(c2s, "1")->serial, 4U);
}

TEST(ExchangeTable, IsBoundedInCount) {
  ExchangeTable table({.count_max = 3});
  for (int i = 0; i < 5; ++i) table.open(exchange(c2s, std::to_string(i)));
  const auto evicted = table.overflow();
  ASSERT_EQ(evicted.size(), 2U);
  EXPECT_EQ(evicted[0].id, "0");
  EXPECT_EQ(evicted[1].id, "1");
  EXPECT_EQ(table.size(), 3U);
}

struct Weight final : Attachment {
  explicit Weight(std::size_t n) : n_(n) {}
  [[nodiscard]] std::size_t bytes() const override { return n_; }
  std::size_t n_;
};

TEST(ExchangeTable, IsBoundedInBytes) {
  ExchangeTable table({.bytes_max = 100'000});
  for (int i = 0; i < 4; ++i) {
    Exchange e = exchange(c2s, std::to_string(i));
    e.attachment = std::make_unique<Weight>(40'000);
    table.open(std::move(e));
  }
  EXPECT_EQ(table.overflow().size(), 2U);
  EXPECT_LE(table.bytes(), 100'000U);
  Exchange e = exchange(c2s, "huge");
  e.attachment = std::make_unique<Weight>(1'000'000);
  table.open(std::move(e));
  EXPECT_EQ(table.overflow().size(), 2U);  // the newest stays, however large
  EXPECT_EQ(table.size(), 1U);
}

TEST(PairingId, TheViewSaysTheSame) {
  for (const std::string& id : {std::string("1"), std::string("\"a\""), std::string("[1,\n2]"),
                                std::string(kIdBytesMax, '7'), std::string(1000, '7')}) {
    std::string buffer;
    EXPECT_EQ(pairing_id(id, buffer), pairing_id(id)) << id;
  }
}

TEST(ExchangeTable, LongIdsCostNoMemoryAndStillPair) {
  ExchangeTable table;
  const std::string a = '"' + std::string(1'000'000, 'a') + "1\"";
  const std::string b = '"' + std::string(1'000'000, 'a') + "2\"";
  table.open(exchange(c2s, a));
  Exchange e = exchange(c2s, b);
  e.interaction_id = "b";
  table.open(std::move(e));
  EXPECT_LE(pairing_id(a).size(), kIdBytesMax);
  EXPECT_EQ(table.close(c2s, b)->interaction_id, "b");
  EXPECT_TRUE(table.close(c2s, a));
}

TEST(ExchangeTable, ExpiresByAge) {
  ExchangeTable table({.age_max = hours{24}});
  table.open(exchange(c2s, "1", at(seconds{0})));
  table.open(exchange(c2s, "2", at(hours{1})));
  EXPECT_TRUE(table.expire(at(hours{23}).mono).empty());
  const auto expired = table.expire(at(hours{24}).mono);
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired[0].id, "1");
}

TEST(ExchangeTable, ACancelledRequestMayStillBeAnsweredForAWhile) {
  ExchangeTable table({.cancel_grace = seconds{30}});
  table.open(exchange(c2s, "1"));
  table.open(exchange(c2s, "2"));
  EXPECT_TRUE(table.cancel(*table.find(c2s, "1"), at(seconds{5})));
  EXPECT_FALSE(table.cancel(*table.find(c2s, "1"), at(seconds{6})));
  table.cancel(*table.find(c2s, "2"), at(seconds{6}));
  EXPECT_TRUE(table.expire(at(seconds{34}).mono).empty());
  EXPECT_TRUE(table.close(c2s, "1")->cancelled);
  const auto expired = table.expire(at(seconds{36}).mono);
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired[0].id, "2");
}

TEST(ExchangeTable, AnIdUsedAgainIsNotTheCancelledOne) {
  ExchangeTable table({.cancel_grace = seconds{30}});
  table.open(exchange(c2s, "1"));
  table.cancel(*table.find(c2s, "1"), at(seconds{0}));
  EXPECT_TRUE(table.close(c2s, "1"));
  table.open(exchange(c2s, "1"));
  EXPECT_TRUE(table.expire(at(seconds{60}).mono).empty());
  EXPECT_EQ(table.size(), 1U);
}

TEST(ExchangeTable, ACancellationThatNeverArrivedIsTakenBack) {
  ExchangeTable table({.cancel_grace = seconds{30}});
  const std::uint64_t serial = table.open(exchange(c2s, "1")).serial;
  table.cancel(*table.find(c2s, "1"), at(seconds{0}));
  table.withdraw_cancel(serial);
  EXPECT_TRUE(table.expire(at(seconds{60}).mono).empty());
  EXPECT_FALSE(table.find(c2s, "1")->cancelled);
}

TEST(ExchangeTable, CountsProgressByToken) {
  ExchangeTable table;
  Exchange e = exchange(c2s, "1");
  e.progress_token = "\"t\"";
  table.open(std::move(e));
  EXPECT_NE(table.progress(c2s, "\"t\""), nullptr);
  EXPECT_NE(table.progress(c2s, "\"t\""), nullptr);
  EXPECT_EQ(table.progress(s2c, "\"t\""), nullptr);
  EXPECT_EQ(table.progress(c2s, "t"), nullptr);
  EXPECT_EQ(table.close(c2s, "1")->progress, 2U);
  EXPECT_EQ(table.progress(c2s, "\"t\""), nullptr);
}

TEST(ExchangeTable, ClosesOneDirectionInOrder) {
  ExchangeTable table;
  for (const char* id : {"1", "2", "3"}) table.open(exchange(c2s, id));
  table.open(exchange(s2c, "9"));
  const auto closed = table.close_all(c2s);
  ASSERT_EQ(closed.size(), 3U);
  EXPECT_EQ(closed[0].id, "1");
  EXPECT_EQ(closed[2].id, "3");
  EXPECT_EQ(table.close_all().size(), 1U);
  EXPECT_EQ(table.bytes(), 0U);
}

/// Random operations against the plainest table there is.
TEST(ExchangeTable, AgreesWithAnOracle) {
  std::mt19937 random(11);
  ExchangeTable table({.count_max = 40, .cancel_grace = seconds{3}});
  std::vector<std::pair<std::string, std::uint64_t>> oracle;  // key, serial; in order
  std::vector<std::pair<std::uint64_t, std::int64_t>> cancelled;
  const auto drop = [&](std::uint64_t serial) {
    std::erase_if(oracle, [serial](const auto& e) { return e.second == serial; });
  };
  for (std::int64_t now = 0; now < 20'000; ++now) {
    const Direction direction = random() % 2 == 0 ? c2s : s2c;
    const std::string id = std::to_string(random() % 12);
    const std::string key = std::string(direction_name(direction)) + id;
    const auto first =
        std::find_if(oracle.begin(), oracle.end(), [&](const auto& e) { return e.first == key; });
    switch (random() % 5) {
      case 0:
      case 1: {
        oracle.emplace_back(key, table.open(exchange(direction, id, at(seconds{now}))).serial);
        for (const Exchange& e : table.overflow()) drop(e.serial);
        ASSERT_LE(table.size(), 40U);
        break;
      }
      case 2: {
        const auto closed = table.close(direction, id);
        ASSERT_EQ(closed.has_value(), first != oracle.end());
        if (closed) {
          ASSERT_EQ(closed->serial, first->second);
          drop(closed->serial);
        }
        break;
      }
      case 3: {
        Exchange* found = table.find(direction, id);
        ASSERT_EQ(found != nullptr, first != oracle.end());
        if (found != nullptr && table.cancel(*found, at(seconds{now}))) {
          cancelled.emplace_back(found->serial, now + 3);
        }
        break;
      }
      case 4: {
        std::size_t due = 0;
        for (const auto& [serial, deadline] : cancelled) {
          const bool open = std::any_of(oracle.begin(), oracle.end(),
                                        [s = serial](const auto& e) { return e.second == s; });
          if (deadline <= now && open) ++due;
        }
        std::erase_if(cancelled, [now](const auto& c) { return c.second <= now; });
        const auto expired = table.expire(at(seconds{now}).mono);
        ASSERT_EQ(expired.size(), due);
        for (const Exchange& e : expired) drop(e.serial);
        break;
      }
    }
    ASSERT_EQ(table.size(), oracle.size());
  }
}

Exchange scoped(std::string id, std::uint64_t scope, std::uint64_t origin = 0) {
  Exchange e = exchange(c2s, std::move(id));
  e.scope = scope;
  e.origin = origin;
  e.progress_token = "7";
  return e;
}

TEST(ExchangeTable, IdsOfOtherScopesAreOthers) {
  ExchangeTable table;
  const std::uint64_t one = table.open(scoped("1", 1)).serial;
  const std::uint64_t two = table.open(scoped("1", 2)).serial;
  EXPECT_FALSE(table.find(c2s, "1"));
  EXPECT_EQ(table.find(c2s, "1", 2)->serial, two);
  EXPECT_EQ(table.progress(c2s, "7", 1)->serial, one);
  EXPECT_EQ(table.find_serial(two)->progress, 0U);
  EXPECT_FALSE(table.find_serial(one)->ambiguous);
  EXPECT_FALSE(table.close(c2s, "1"));
  EXPECT_EQ(table.close(c2s, "1", 1)->serial, one);
  EXPECT_EQ(table.find_serial(one), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(ExchangeTable, ResponsesGoToTheRequestOfTheirOwnOrigin) {
  ExchangeTable table;
  const std::uint64_t a = table.open(scoped("1", 5, 10)).serial;
  const std::uint64_t b = table.open(scoped("1", 5, 11)).serial;
  const std::uint64_t c = table.open(scoped("1", 5, 12)).serial;
  const auto middle = table.close(c2s, "1", 5, 11);
  EXPECT_EQ(middle->serial, b);
  EXPECT_FALSE(middle->ambiguous);
  // One that came another way gets the oldest, and that is a guess.
  const auto oldest = table.close(c2s, "1", 5, 99);
  EXPECT_EQ(oldest->serial, a);
  EXPECT_TRUE(oldest->ambiguous);
  EXPECT_EQ(table.close(c2s, "1", 5)->serial, c);
  EXPECT_FALSE(table.close(c2s, "1", 5));
}

TEST(ExchangeTable, ScopesCloseAsAWhole) {
  ExchangeTable table;
  for (const std::uint64_t scope : {1, 2, 1, 3, 1}) table.open(scoped("1", scope));
  EXPECT_EQ(table.close_scope(1).size(), 3U);
  EXPECT_EQ(table.close_scope(1).size(), 0U);
  EXPECT_EQ(table.size(), 2U);
}

TEST(ExchangeTable, LostOnesExpireAfterTheirGrace) {
  ExchangeTable table(ExchangeLimits{.lost_grace = seconds{60}});
  const std::uint64_t serial = table.open(exchange(c2s, "1")).serial;
  table.open(exchange(c2s, "2"));
  table.lose(*table.find_serial(serial), at(seconds{10}));
  table.lose(*table.find_serial(serial), at(seconds{50}));  // the first loss counts
  EXPECT_TRUE(table.expire(at(seconds{69}).mono).empty());
  const auto gone = table.expire(at(seconds{70}).mono);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone.front().serial, serial);
  EXPECT_TRUE(gone.front().lost);
}

TEST(ExchangeTable, ChainsOfNamesakesStayWhole) {
  std::mt19937 random(7);
  ExchangeTable table;
  std::vector<std::uint64_t> open;  // in order
  for (int step = 0; step < 5'000; ++step) {
    if (open.empty() || random() % 2 == 0) {
      open.push_back(table.open(scoped("1", 1, 100 + random() % 4)).serial);
    } else if (random() % 2 == 0) {
      const auto closed = table.close(c2s, "1", 1);
      ASSERT_EQ(closed->serial, open.front());
      open.erase(open.begin());
    } else {
      const std::size_t at = random() % open.size();
      ASSERT_TRUE(table.close_serial(open[at]));
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ASSERT_EQ(table.size(), open.size());
  }
}

/// What ended ones leave behind is used again: nothing of them may show.
TEST(ExchangeTable, ExchangesInMemoryOfOthersAreTheirOwn) {
  ExchangeTable table;
  std::mt19937 random(5);
  std::vector<std::pair<std::string, std::uint64_t>> open;  // id, serial
  for (int i = 0; i < 20'000; ++i) {
    if (open.size() < 50 && random() % 2 == 0) {
      const std::string id = std::to_string(random() % 20);
      const bool used = std::ranges::any_of(open, [&](const auto& o) { return o.first == id; });
      const Exchange& made = table.open(exchange(c2s, id));
      EXPECT_EQ(made.ambiguous, used);
      EXPECT_FALSE(made.cancelled || made.lost);
      if (random() % 4 == 0) {
        EXPECT_TRUE(table.cancel(*table.find_serial(made.serial), at(seconds{0})));
      }
      open.emplace_back(id, made.serial);
    } else if (!open.empty()) {
      const std::string id = open[random() % open.size()].first;
      const auto first = std::ranges::find_if(open, [&](const auto& o) { return o.first == id; });
      const auto closed = table.close(c2s, id);
      ASSERT_TRUE(closed);
      EXPECT_EQ(closed->serial, first->second);
      EXPECT_EQ(closed->interaction_id, "i-" + id);
      EXPECT_EQ(table.find_serial(first->second), nullptr);
      open.erase(first);
    }
    ASSERT_EQ(table.size(), open.size());
  }
  for (const auto& [id, serial] : open) ASSERT_TRUE(table.close_serial(serial));
  EXPECT_EQ(table.bytes(), 0U);
}

}  // namespace
}  // namespace tally::mcp
