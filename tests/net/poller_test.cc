// SPDX-License-Identifier: Apache-2.0
// What the loop relies on: each wish is told once, nothing that is there is missed, and nobody is
// told after its end.
#include "net/poller.h"

#include "net/loop_fixture.h"

#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace tally::net {
namespace {

class PollerTest : public test::LoopFixture {
 protected:
  PollerTest() {
    std::tie(mine_, theirs_) = connected_pair();
    registration_.reset(new Registration(poller_, mine_));
    reactions_.readable = [this] { ++readable_; };
    reactions_.writable = [this] { ++writable_; };
    registration_->handler = &reactions_;
  }
  ~PollerTest() override {
    registration_.reset();
    if (theirs_ >= 0) ::close(theirs_);
  }
  void say(std::string_view bytes) const {
    ASSERT_EQ(::write(theirs_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void poll() {
    static_cast<void>(poller_.wait(0));
    poller_.tell();
  }
  void take_all() {
    char buffer[64];
    while (::read(mine_, buffer, sizeof buffer) > 0) {
    }
    registration_->read_all();
  }

  Poller poller_;
  test::Reactions reactions_;
  OwnRegistration registration_;
  int mine_ = -1, theirs_ = -1;
  int readable_ = 0, writable_ = 0;
};

TEST_F(PollerTest, WaitingSaysWhetherThereIsSomethingAndTellsNobody) {
  EXPECT_TRUE(poller_.wait(0));  // can be written, which nobody wished
  poller_.tell();
  EXPECT_FALSE(poller_.wait(0));
  registration_->want_read();
  say("x");
  EXPECT_TRUE(poller_.wait(0));
  EXPECT_EQ(readable_, 0);
  poller_.tell();
  EXPECT_EQ(readable_, 1);
  poller_.tell();  // nothing was waited for since
  EXPECT_EQ(readable_, 1);
}

TEST_F(PollerTest, TellsOfWhatIsStillUnread) {
  say("ab");
  for (int i = 1; i <= 3; ++i) {
    registration_->want_read();
    poll();
    EXPECT_EQ(readable_, i);
    poll();
    EXPECT_EQ(readable_, i);  // one wish, one call
  }
}

TEST_F(PollerTest, SilentIsWhatTheKernelHadNothingToTellOf) {
  EXPECT_FALSE(registration_->was_silent());  // nobody has read
  take_all();
  EXPECT_FALSE(registration_->was_silent());  // nor asked since
  poll();
  EXPECT_TRUE(registration_->was_silent());
  say("x");
  EXPECT_TRUE(registration_->was_silent());  // it was
  poll();
  EXPECT_FALSE(registration_->was_silent());
  take_all();
  poll();
  EXPECT_TRUE(registration_->was_silent());
  ::close(std::exchange(theirs_, -1));
  poll();
  EXPECT_FALSE(registration_->was_silent());
  take_all();
  poll();
  EXPECT_FALSE(registration_->was_silent());  // ended is for good
}

TEST_F(PollerTest, WhoIsToldFirstKnowsOfTheOthersThatTheyAreNotSilent) {
  const auto [other, their_other] = connected_pair();
  OwnRegistration second(new Registration(poller_, other));
  take_all();
  second->read_all();
  poll();
  ASSERT_TRUE(registration_->was_silent() && second->was_silent());
  int told = 0;
  test::Reactions reactions;
  const auto look = [&] {
    ++told;
    EXPECT_FALSE(registration_->was_silent());
    EXPECT_FALSE(second->was_silent());
  };
  reactions_.readable = look;
  reactions.readable = look;
  second->handler = &reactions;
  registration_->want_read();
  second->want_read();
  say("x");
  ASSERT_EQ(::write(their_other, "x", 1), 1);
  poll();
  EXPECT_EQ(told, 2);
  second.reset();
  ::close(their_other);
}

TEST_F(PollerTest, NothingCountsAsSilentWhileTheKernelHasMoreToTell) {
  take_all();
  poll();
  ASSERT_TRUE(registration_->was_silent());
  struct Pair {
    OwnRegistration ours;
    int theirs;
  };
  std::vector<Pair> many;  // more than one poll takes
  for (int i = 0; i < 200; ++i) {
    const auto [ours, theirs] = connected_pair();
    many.push_back({OwnRegistration(new Registration(poller_, ours)), theirs});
  }
  poll();
  poll();  // of all that can be written
  ASSERT_TRUE(registration_->was_silent());
  for (const Pair& pair : many) ASSERT_EQ(::write(pair.theirs, "x", 1), 1);
  poll();
  EXPECT_FALSE(registration_->was_silent()) << "what it would say may be behind these";
  poll();
  EXPECT_TRUE(registration_->was_silent());
  for (const Pair& pair : many) ::close(pair.theirs);
}

TEST_F(PollerTest, AWishThatNobodyWasThereToHearCanBeMadeAgain) {
  registration_->want_read();
  registration_->handler = nullptr;
  say("ab");
  poll();
  registration_->handler = &reactions_;
  registration_->want_read();
  poll();
  EXPECT_EQ(readable_, 1);
}

TEST_F(PollerTest, TellsOfWhatComesAfterAllWasRead) {
  for (int i = 1; i <= 3; ++i) {
    registration_->want_read();
    poll();
    EXPECT_EQ(readable_, i - 1);
    say("x");
    poll();
    EXPECT_EQ(readable_, i);
    take_all();
  }
}

TEST_F(PollerTest, TellsOfWhatCameWhenNobodyWished) {
  registration_->want_read();
  say("a");
  poll();
  take_all();
  say("b");
  poll();  // nobody wishes
  EXPECT_EQ(readable_, 1);
  registration_->want_read();
  poll();
  EXPECT_EQ(readable_, 2);
}

TEST_F(PollerTest, TheEndStaysReadable) {
  registration_->want_read();
  say("last");
  ::shutdown(theirs_, SHUT_WR);
  poll();
  EXPECT_EQ(readable_, 1);
  char buffer[64];
  EXPECT_EQ(::read(mine_, buffer, sizeof buffer), 4);
  registration_->read_all();  // less than asked for, and yet there is more: the end
  registration_->want_read();
  poll();
  EXPECT_EQ(readable_, 2);
  EXPECT_EQ(::read(mine_, buffer, sizeof buffer), 0);
}

TEST_F(PollerTest, TellsWhenThereIsRoomToWrite) {
  registration_->want_write();
  poll();
  EXPECT_EQ(writable_, 1);
  const std::string block(65'536, 'x');
  while (::write(mine_, block.data(), block.size()) > 0) {
  }
  registration_->want_write();
  poll();
  EXPECT_EQ(writable_, 1);
  std::string taken(block.size(), '\0');
  while (::read(theirs_, taken.data(), taken.size()) > 0) {
  }
  poll();
  EXPECT_EQ(writable_, 2);
}

TEST_F(PollerTest, WhoWasBuriedByAnEventOfTheSameTurnIsNotTold) {
  auto [other_mine, other_theirs] = connected_pair();
  OwnRegistration other(new Registration(poller_, other_mine));
  test::Reactions other_reactions;
  int told = 0;
  reactions_.readable = [&] {
    ++told;
    other.reset();
  };
  other_reactions.readable = [&] {
    ++told;
    registration_.reset();
  };
  other->handler = &other_reactions;
  registration_->want_read();
  other->want_read();
  say("a");
  ASSERT_EQ(::write(other_theirs, "a", 1), 1);
  poll();
  EXPECT_EQ(told, 1);
  ::close(other_theirs);
}

TEST_F(PollerTest, ADuplicateDoesNotBringItBack) {
  const int duplicate = ::fcntl(mine_, F_DUPFD_CLOEXEC, 0);
  registration_->want_read();
  registration_.reset();
  say("a");
  poll();
  EXPECT_EQ(readable_, 0);
  ::close(duplicate);
}

}  // namespace
}  // namespace tally::net
