// SPDX-License-Identifier: Apache-2.0
#include "follow/follower.h"

#include "log/log_fixture.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::follow {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::hours kFollowLimit{1};
constexpr milliseconds kNow{0};

class FollowerTest : public log::LogFixture {
 protected:
  void append(log::Writer& writer, int from, int to) {
    std::vector<log::EntryText> entries;
    for (int n = from; n < to; ++n) entries.push_back(log::entry(n));
    const auto done = writer.append_all(std::move(entries));
    ASSERT_TRUE(done) << done.error().detail;
  }
  Follower follower(const std::optional<Cursor>& from = {}, FollowOptions options = {},
                    Bell* bell = nullptr) {
    auto opened = Follower::open(fs_, directory_, from, options, bell);
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
  /// What there is now, in as many batches as it takes.
  std::vector<std::string> drain(Follower& from) {
    std::vector<std::string> out;
    for (;;) {
      const auto batch = from.next({}, kNow);
      EXPECT_TRUE(batch) << batch.error().detail;
      if (!batch || (*batch)->lines.empty()) return out;
      EXPECT_EQ((*batch)->after.next.value(), (*batch)->first.value() + (*batch)->lines.size());
      EXPECT_EQ(from.position(), (*batch)->after);
      out.insert(out.end(), (*batch)->lines.begin(), (*batch)->lines.end());
    }
  }
  /// Another log in the place of this one.
  void replace(int entries) {
    for (const char* name : {"head", "log.json", "key.pub", "checkpoint", "checkpoints", "lock"})
      (void)fs_.remove(directory_ + "/" + name);
    for (const std::string folder : {"/tree", "/segments"}) {
      const auto names = fs_.list(directory_ + folder);
      for (const auto& name : *names) (void)fs_.remove(directory_ + folder + "/" + name);
    }
    auto writer = open();
    append(*writer, 1'000, 1'000 + entries);
    ASSERT_TRUE(writer->close());
  }
};

TEST_F(FollowerTest, GivesEveryEntryOnceInBatchesWithinTheirLimits) {
  auto writer = open();
  append(*writer, 0, 100);
  const auto all = read_all();
  for (const std::size_t lines : {1U, 7U, 100U, 1000U}) {
    Follower f = follower({}, {.lines_max = lines});
    EXPECT_EQ(drain(f), all);
    EXPECT_EQ(*f.lag(), 0U);
  }
  FollowOptions small{.bytes_max = 150};
  Follower f = follower({}, small);
  const auto batch = f.next({}, kNow);
  EXPECT_EQ((*batch)->lines.size(), 2U);
  EXPECT_LE((*batch)->text.size(), 150U);
  EXPECT_EQ(*f.lag(), 98U);
  // A line above the limit is given all the same.
  Follower tiny = follower({}, {.bytes_max = 1});
  EXPECT_EQ(drain(tiny), all);
}

TEST_F(FollowerTest, WhatIsGivenBackIsUsedAgainAndChangesNothing) {
  auto writer = open();
  append(*writer, 0, 100);
  const auto all = read_all();
  Follower f = follower({}, {.lines_max = 7});
  std::vector<std::string> seen;
  const char* memory = nullptr;
  while (seen.size() < all.size()) {
    auto batch = f.next({}, kNow);
    ASSERT_TRUE(batch) << batch.error().detail;
    ASSERT_FALSE((*batch)->lines.empty());
    if (seen.size() > 14) {
      EXPECT_EQ((*batch)->text.data(), memory);
    }
    memory = (*batch)->text.data();
    seen.insert(seen.end(), (*batch)->lines.begin(), (*batch)->lines.end());
    f.give_back(std::move(*batch));
  }
  EXPECT_EQ(seen, all);
  // When nothing comes it is let go, and a batch is empty.
  const auto none = f.next({}, kNow);
  EXPECT_TRUE((*none)->lines.empty() && (*none)->text.empty());
  append(*writer, 100, 120);
  const auto more = read_all();
  EXPECT_EQ(drain(f), std::vector(more.begin() + 100, more.end()));
}

TEST_F(FollowerTest, ARestartAtAnyPlaceLosesAndRepeatsNothing) {
  auto writer = open();
  append(*writer, 0, 40);
  const auto all = read_all();
  for (std::size_t stop = 0; stop <= 40; ++stop) {
    CursorFile file(fs_, "/cursor", writer->info());
    std::vector<std::string> seen;
    {
      Follower f = follower({}, {.lines_max = 1});
      while (seen.size() < stop) {
        const auto batch = f.next({}, kNow);
        seen.insert(seen.end(), (*batch)->lines.begin(), (*batch)->lines.end());
      }
      ASSERT_TRUE(file.store(f.position()));
    }
    Follower f = follower(*file.load());
    for (auto& line : drain(f)) seen.push_back(line);
    EXPECT_EQ(seen, all);
  }
}

TEST_F(FollowerTest, AnotherLogInItsPlaceIsNoticedAtOpeningAndWhileFollowing) {
  auto writer = open();
  append(*writer, 0, 20);
  Follower f = follower({}, {.lines_max = 5});
  ASSERT_TRUE(f.next({}, kNow));
  const Cursor at = f.position();
  Follower ended = follower();
  drain(ended);
  ASSERT_TRUE(writer->close());
  writer.reset();
  replace(50);
  EXPECT_EQ(Follower::open(fs_, directory_, at).error().code, Errc::mismatch);
  const auto after = ended.next({}, kNow);
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, Errc::mismatch);
  EXPECT_NE(after.error().detail.find("rebuilt"), std::string::npos);
  Follower again = follower();
  EXPECT_EQ(drain(again), read_all());
}

TEST_F(FollowerTest, ALogThatLostEntriesIsNoticed) {
  auto writer = open();
  append(*writer, 0, 20);
  Cursor at = follower().position();
  at.next = TreeSize{21};
  EXPECT_EQ(Follower::open(fs_, directory_, at).error().code, Errc::mismatch);
  at.next = TreeSize{20};
  EXPECT_EQ(Follower::open(fs_, directory_, at).error().code, Errc::mismatch);
}

TEST_F(FollowerTest, ACursorWithAnotherHashDoesNotFit) {
  auto writer = open();
  log::LogInfo other = writer->info();
  other.hash = crypto::HashAlgorithm::sha512;
  EXPECT_EQ(Follower::open(fs_, directory_, start_of(other)).error().code, Errc::mismatch);
}

TEST_F(FollowerTest, TheBellEndsTheWait) {
  auto writer = open();
  Bell bell;
  Follower f = follower({}, {.poll_interval = kFollowLimit}, &bell);
  std::size_t lines = 0;
  std::jthread waiting([&] { lines = (*f.next({}, kFollowLimit))->lines.size(); });
  append(*writer, 0, 3);
  bell.ring();
  waiting.join();
  EXPECT_EQ(lines, 3U);
}

TEST_F(FollowerTest, PollingFindsWhatOthersWrote) {
  auto writer = open();
  Follower f = follower({}, {.poll_interval = milliseconds(1)});
  std::size_t lines = 0;
  std::jthread waiting([&] { lines = (*f.next({}, kFollowLimit))->lines.size(); });
  append(*writer, 0, 3);
  waiting.join();
  EXPECT_GT(lines, 0U);
}

TEST_F(FollowerTest, RestsAfterALookUnlessTheBellRings) {
  auto writer = open();
  append(*writer, 0, 100);
  Bell bell;
  Follower f = follower({}, {.lines_max = 30, .rest = kFollowLimit}, &bell);
  EXPECT_EQ(drain(f).size(), 100U) << "no rest between the batches of one look";
  append(*writer, 100, 101);
  EXPECT_TRUE((*f.next({}, kNow))->lines.empty());
  EXPECT_TRUE((*f.next({}, milliseconds(5)))->lines.empty());
  bell.ring();
  EXPECT_EQ((*f.next({}, kNow))->lines.size(), 1U);
  append(*writer, 101, 102);
  EXPECT_TRUE((*f.next({}, kNow))->lines.empty());
  std::jthread ringing([&] { bell.ring(); });
  EXPECT_EQ((*f.next({}, kFollowLimit))->lines.size(), 1U) << "also in the middle of the rest";
  std::stop_source stop;
  std::jthread stopping([&] { stop.request_stop(); });
  EXPECT_TRUE((*f.next(stop.get_token(), kFollowLimit))->lines.empty());
}

TEST_F(FollowerTest, LooksWhenTheRestIsOver) {
  auto writer = open();
  Follower f = follower({}, {.poll_interval = kFollowLimit, .rest = milliseconds(2)});
  append(*writer, 0, 1);
  EXPECT_EQ((*f.next({}, kFollowLimit))->lines.size(), 1U);
  append(*writer, 1, 2);
  EXPECT_EQ((*f.next({}, kFollowLimit))->lines.size(), 1U);
}

TEST_F(FollowerTest, StopAndTimeEndTheWaitWithAnEmptyBatch) {
  auto writer = open();
  Follower f = follower();
  EXPECT_TRUE((*f.next({}, milliseconds(1)))->lines.empty());
  std::stop_source stop;
  std::jthread waiting([&] {
    const auto batch = f.next(stop.get_token(), kFollowLimit);
    EXPECT_TRUE(batch && (*batch)->lines.empty());
  });
  stop.request_stop();
  waiting.join();
  append(*writer, 0, 1);
  EXPECT_TRUE((*f.next(stop.get_token(), kFollowLimit))->lines.empty());
  EXPECT_EQ((*f.next({}, kFollowLimit))->lines.size(), 1U);
}

TEST_F(FollowerTest, FollowsALogThatGrowsMeanwhile) {
  log::WriterOptions options;
  options.segment_bytes = 4'000;
  auto writer = open(options);
  constexpr int kEntries = 2'000;
  Bell bell;
  std::jthread writing([&] {
    for (int n = 0; n < kEntries; n += 10) {
      append(*writer, n, n + 10);
      bell.ring();
    }
  });
  Follower f = follower({}, {.lines_max = 64, .poll_interval = milliseconds(1)}, &bell);
  std::vector<std::string> seen;
  while (seen.size() < kEntries) {
    const auto batch = f.next({}, kFollowLimit);
    ASSERT_TRUE(batch) << batch.error().detail;
    seen.insert(seen.end(), (*batch)->lines.begin(), (*batch)->lines.end());
  }
  writing.join();
  EXPECT_EQ(seen, read_all());
}

TEST_F(FollowerTest, NoLogIsAnError) {
  EXPECT_EQ(Follower::open(fs_, "/nowhere", {}).error().code, Errc::not_found);
}

}  // namespace
}  // namespace tally::follow
