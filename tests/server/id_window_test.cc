// SPDX-License-Identifier: Apache-2.0
#include "server/id_window.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using Claim = IdWindow::Claim;

std::string id(std::uint64_t n) {
  std::string digits = std::to_string(n);
  return "019aa7c2-5b1e-7c3a-9f00-" + std::string(12 - digits.size(), '0') + digits;
}

TEST(IdWindow, AnIdIsFreshThenInFlightThenKnown) {
  IdWindow window(42);
  EXPECT_EQ(window.claim(id(1)).claim, Claim::fresh);
  EXPECT_EQ(window.claim(id(1)).claim, Claim::in_flight);
  window.confirm(id(1), 77);
  const auto answer = window.claim(id(1));
  EXPECT_EQ(answer.claim, Claim::known);
  EXPECT_EQ(answer.seq, 77U);
  EXPECT_EQ(window.claim(id(2)).claim, Claim::fresh);
  window.release(id(2));
  EXPECT_EQ(window.claim(id(2)).claim, Claim::fresh) << "it did not get into the log";
  window.take_over(id(1));
  EXPECT_EQ(window.claim(id(1)).claim, Claim::in_flight);
}

TEST(IdWindow, ManyAtOnceAreTheSameAsOneAfterTheOther) {
  IdWindow one(3);
  IdWindow many(3);
  std::uint64_t state = 17;
  const auto below = [&](std::uint64_t n) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % n;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts(below(1500));  // more than one turn of the lock
    for (std::string& text : texts) text = id(below(20'000));
    const std::vector<std::string_view> ids(texts.begin(), texts.end());
    const auto answers = many.claim_all(ids);
    ASSERT_EQ(answers.size(), ids.size());
    std::vector<IdWindow::Place> places;
    std::vector<std::string_view> lost, kept;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto single = one.claim(ids[i]);
      ASSERT_EQ(answers[i].claim, single.claim) << i;
      ASSERT_EQ(answers[i].seq, single.seq) << i;
      if (single.claim != Claim::fresh) continue;
      if (below(4) == 0) {
        lost.push_back(ids[i]);
      } else {
        places.push_back({answers[i].spot, state});
        kept.push_back(ids[i]);
      }
    }
    many.confirm_all(places);
    for (const std::string_view text : lost) {
      one.release(text);
      many.release(text);
    }
    for (std::size_t i = 0; i < kept.size(); ++i) one.confirm(kept[i], places[i].seq);
  }
}

TEST(IdWindow, RemembersTheLastMillionAndNotMuchMore) {
  IdWindow window(7);
  const std::uint64_t count = 2 * kIdWindowEvents;
  for (std::uint64_t n = 0; n < count; ++n) window.put(id(n), n);
  for (std::uint64_t n = count - kIdWindowEvents; n < count; n += 997) {
    const auto answer = window.claim(id(n));
    ASSERT_EQ(answer.claim, Claim::known) << n;
    ASSERT_EQ(answer.seq, n);
  }
  std::uint64_t old = 0;
  for (std::uint64_t n = 0; n < kIdWindowEvents / 2; n += 997) {
    old += window.claim(id(n)).claim == Claim::known ? 1 : 0;
  }
  EXPECT_EQ(old, 0U);
}

TEST(IdWindow, WhatWasForgottenWhileItWasWrittenIsKnownAfterwards) {
  IdWindow window(7);
  const std::string late = id(0);
  const auto claimed = window.claim_all(std::vector<std::string_view>{late});
  // Its table is emptied, and perhaps filled anew.
  for (std::uint64_t n = 1; n <= 2 * kIdWindowEvents; ++n) window.put(id(n), n);
  EXPECT_EQ(window.claim(id(1)).claim, Claim::fresh) << "the slot may still say this";
  const IdWindow::Place place{claimed[0].spot, 5};
  window.confirm_all(std::span(&place, 1));
  const auto answer = window.claim(late);
  EXPECT_EQ(answer.claim, Claim::known);
  EXPECT_EQ(answer.seq, 5U);
  for (std::uint64_t n = kIdWindowEvents + 1; n <= 2 * kIdWindowEvents; n += 991) {
    ASSERT_EQ(window.claim(id(n)).seq, n) << "of another";
  }
}

TEST(IdWindow, WhatDidNotGetIntoTheLogPushesOutHardlyAnything) {
  IdWindow window(7);
  window.put(id(0), 5);
  for (std::uint64_t n = 1; n <= 2 * kIdWindowEvents; ++n) {
    ASSERT_EQ(window.claim(id(n)).claim, Claim::fresh);
    window.release(id(n));
  }
  EXPECT_EQ(window.claim(id(0)).seq, 5U);
}

TEST(IdWindow, WhatIsClaimedAnewIsAsNewAsTheLast) {
  IdWindow window(7);
  // So many at once that places are taken up for good by some of them.
  constexpr std::uint64_t kAgain = kIdWindowEvents / 4;
  std::uint64_t n = 0;
  for (; n < kAgain; ++n) static_cast<void>(window.claim(id(n)));
  for (std::uint64_t i = 0; i < kAgain; ++i) window.release(id(i));
  for (; n < kIdWindowEvents; ++n) window.put(id(n), n);
  for (std::uint64_t i = 0; i < kAgain; ++i) {
    ASSERT_EQ(window.claim(id(i)).claim, Claim::fresh) << i;
    window.confirm(id(i), i);
  }
  for (const std::uint64_t end = n + kIdWindowEvents - kAgain; n < end; ++n) window.put(id(n), n);
  for (std::uint64_t i = 0; i < kAgain; ++i) {
    ASSERT_EQ(window.claim(id(i)).claim, Claim::known) << i;
  }
}

TEST(IdWindow, ManyThatArePutAreKnown) {
  IdWindow window(7);
  std::vector<std::string> texts;
  for (std::uint64_t n = 0; n < 2'000; ++n) texts.push_back(id(n));  // several turns of the lock
  window.put(texts[7], 1);
  std::vector<IdWindow::Known> known;
  for (std::uint64_t n = 0; n < texts.size(); ++n) known.push_back({texts[n], 100 + n});
  window.put_all(known);
  for (std::uint64_t n = 0; n < texts.size(); ++n) {
    const auto answer = window.claim(texts[n]);
    ASSERT_EQ(answer.claim, Claim::known);
    ASSERT_EQ(answer.seq, 100 + n);
  }
}

TEST(IdWindow, IdsOfOneMomentDoNotCollide) {
  IdWindow window(1);
  UuidSource uuids(system_clock(), system_random());
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    ASSERT_EQ(window.claim(uuids.next()).claim, Claim::fresh) << n;
  }
}

}  // namespace
}  // namespace tally::server
