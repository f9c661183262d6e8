// SPDX-License-Identifier: Apache-2.0
#include "server/live_tail.h"

#include "server/live_fixture.h"

#include <semaphore>

namespace tally::server {
namespace {

using std::chrono::seconds;
using test::StreamClient;

class LiveTailTest : public test::LiveFixture {};

TEST_F(LiveTailTest, WakesWhomNewEntriesConcernAndNobodyElse) {
  start_tail();
  append(2);
  index::Filter files;
  files.servers = {"files"};
  StreamClient all(stream(2));
  StreamClient some(stream(2, files));
  EXPECT_EQ(all.read_until("id: 1\n"), "retry: 2000\nid: 1\n\n");
  EXPECT_EQ(some.read_until("id: 1\n"), "retry: 2000\nid: 1\n\n");
  append(2);
  EXPECT_EQ(seqs(all.read_until("\"n3\"")), every(2, 4));
  EXPECT_EQ(seqs(some.read_until("\"n3\"")), every(3, 4));
  // Both wait; the second one's wake-up must not come for entry 4.
  std::atomic<int> woken = 0;
  while (some.stream().next()->state != BodySource::State::wait) {
  }
  some.stream().set_wake([&] { ++woken; });
  append(1);
  EXPECT_EQ(seqs(all.read_until("\"n4\"")), every(4, 5));
  EXPECT_EQ(woken, 0);
  append(1);
  EXPECT_EQ(seqs(all.read_until("\"n5\"")), every(5, 6));
  EXPECT_EQ(woken, 1);
  some.stream().set_wake({});
}

TEST_F(LiveTailTest, WhoJoinsWhileEntriesAreComparedIsWokenForThem) {
  std::atomic<bool> hold = false;
  std::binary_semaphore reached(0);
  std::binary_semaphore go(0);
  comparing_ = [&] {
    if (!hold.exchange(false)) return;
    reached.release();
    go.acquire();
  };
  start_tail();
  append(2);
  StreamClient all(stream(2));
  append(2);
  // Only now does the tail follow the log: what came before it began is compared with nothing.
  EXPECT_EQ(seqs(all.read_until("\"n3\"")), every(2, 4));
  hold = true;
  append(2);
  const bool held = reached.try_acquire_for(seconds(60));
  if (!held) go.release();
  ASSERT_TRUE(held);
  // Nobody else wants only these, so the entries are not compared with what it wants.
  index::Filter files;
  files.servers = {"files"};
  StreamClient late(stream(4, files));
  while (late.stream().next()->state != BodySource::State::wait) {
  }
  std::atomic<int> woken = 0;
  late.stream().set_wake([&] { ++woken; });
  go.release();
  EXPECT_EQ(seqs(all.read_until("\"n5\"")), every(4, 6));
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(seqs(late.read_until("\"n5\"")), every(5, 6));
  late.stream().set_wake({});
}

TEST_F(LiveTailTest, SaysHowFarTheSlowestIsBehind) {
  start_tail();
  append(4);
  EXPECT_EQ(tail_->lag(size_).entries, 0U) << "there is none";
  StreamClient slow(stream(1));
  clock_.pass(seconds(5));
  EXPECT_EQ(tail_->lag(size_).entries, 3U);
  EXPECT_GE(tail_->lag(size_).time.count(), 5.0);
  slow.read_until("\"n3\"");
  while (slow.stream().next()->state != BodySource::State::wait) {
  }
  EXPECT_EQ(tail_->lag(size_).entries, 0U);
  EXPECT_EQ(tail_->lag(size_).time.count(), 0.0);
  // What does not concern it is nothing that it waits for.
  index::Filter files;
  files.servers = {"files"};
  StreamClient some(stream(size_, files));
  while (some.stream().next()->state != BodySource::State::wait) {
  }
  append(1);
  EXPECT_EQ(seqs(slow.read_until("\"n4\"")), every(4, 5));
  EXPECT_EQ(tail_->lag(size_).entries, 0U);
  append(1);
  EXPECT_EQ(seqs(slow.read_until("\"n5\"")), every(5, 6));
  clock_.pass(seconds(2));
  EXPECT_EQ(tail_->lag(size_).entries, 2U) << "not asked for yet";
  EXPECT_GE(tail_->lag(size_).time.count(), 2.0);
  EXPECT_LT(tail_->lag(size_).time.count(), 5.0);
}

TEST_F(LiveTailTest, ThereIsALimitOfStreams) {
  start_tail(kStreamRingBytes, 2);
  auto one = stream(0);
  auto two = stream(0);
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(tail_->full("anybody"));
  EXPECT_EQ(stream(0), nullptr);
  one.reset();
  EXPECT_FALSE(tail_->full("anybody"));
  EXPECT_NE(stream(0), nullptr);
}

TEST_F(LiveTailTest, OneTokenLeavesPlacesToOthers) {
  start_tail(kStreamRingBytes, 8);
  std::vector<std::shared_ptr<LiveStream>> held;
  for (auto next = stream(0); next != nullptr; next = stream(0)) held.push_back(next);
  EXPECT_EQ(held.size(), 6U);
  const std::string own = token_;
  EXPECT_TRUE(tail_->full(own));
  EXPECT_FALSE(tail_->full("another"));
  for (int i = 0; i < 2; ++i) {
    held.push_back(LiveStream::open(tail_, {}, "another", 0));
    EXPECT_NE(held.back(), nullptr);
  }
  EXPECT_TRUE(tail_->full("a third"));
  EXPECT_EQ(LiveStream::open(tail_, {}, "a third", 0), nullptr);
  held.erase(held.begin());
  EXPECT_FALSE(tail_->full("a third"));
  EXPECT_FALSE(tail_->full(own));
}

TEST_F(LiveTailTest, BeginsAnewAfterTheLastStreamLeft) {
  start_tail();
  for (int round = 0; round < 20; ++round) {
    const std::uint64_t first = size_;
    StreamClient client(stream(first));
    append(3);
    EXPECT_EQ(seqs(client.read_until("\"n" + std::to_string(first + 2) + '"')),
              every(first, first + 3));
  }
}

TEST_F(LiveTailTest, ARevokedTokenEndsItsStreams) {
  start_tail();
  append(4);
  StreamClient client(stream(4));
  client.piece();
  ASSERT_TRUE(access::TokenFile(fs_, home_ / "keys").revoke(token_));
  clock_.pass(seconds(1));
  const auto last = StreamClient::frames(client.read_until("ended")).back();
  EXPECT_TRUE(client.over());
  EXPECT_EQ(last.event, "ended");
  EXPECT_EQ(last.id, "3");
  EXPECT_NE(last.data.find(R"({"resume":4,"reason":"token")"), std::string::npos) << last.data;
}

TEST_F(LiveTailTest, ALogThatCannotBeWrittenIsTold) {
  start_tail();
  StreamClient client(stream(0));
  client.piece();
  broken_ = true;
  clock_.pass(seconds(1));
  EXPECT_NE(client.read_until("ended").find("\"reason\":\"log\""), std::string::npos);
  EXPECT_TRUE(client.over());
}

TEST_F(LiveTailTest, ALogThatWasReplacedIsTold) {
  start_tail();
  append(3);
  StreamClient client(stream(3));
  client.piece();
  ASSERT_TRUE(writer_->close());
  ASSERT_TRUE(fs_.rename(log_, log_ + ".old"));
  committed_->ring();
  EXPECT_NE(client.read_until("ended").find("\"reason\":\"log\""), std::string::npos);
  EXPECT_TRUE(client.over());
}

TEST_F(LiveTailTest, TheEndIsToldWithAWaitBeforeTheNextTry) {
  start_tail();
  append(1);
  StreamClient client(stream(1));
  client.piece();
  EXPECT_TRUE(client.stream().finish());
  const auto frames = StreamClient::frames(client.read_until("ended"));
  EXPECT_TRUE(client.over());
  ASSERT_GE(frames.size(), 2U);
  EXPECT_FALSE(frames[frames.size() - 2].retry.empty());
  EXPECT_NE(frames.back().data.find("\"reason\":\"stopping\""), std::string::npos);
  tail_->stop();
  EXPECT_EQ(stream(0), nullptr);
}

}  // namespace
}  // namespace tally::server
