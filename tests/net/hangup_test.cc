// SPDX-License-Identifier: Apache-2.0
#include "net/hangup.h"

#include "net/loop_fixture.h"
#include "net/stream.h"

#include <optional>
#include <sys/resource.h>

namespace tally::net {
namespace {

class HangupTest : public test::LoopFixture, public HangupHandler {
 protected:
  HangupTest() {
    const auto [a, b] = connected_pair();
    mine_ = make_tcp_stream(loop_, a);
    theirs_ = make_tcp_stream(loop_, b);
  }
  void on_hangup() override {
    ++calls_;
    watch_.reset();
    loop_.stop();
  }
  std::unique_ptr<Stream> mine_;
  std::unique_ptr<Stream> theirs_;
  std::optional<HangupWatch> watch_;
  int calls_ = 0;
};

TEST_F(HangupTest, IsToldBehindUnreadBytes) {
  watch_.emplace(loop_, mine_->descriptor(), *this);
  EXPECT_EQ(theirs_->write("unread").bytes, 6U);
  theirs_->finish();
  loop_.run();
  EXPECT_EQ(calls_, 1);
  EXPECT_EQ(read_now(*mine_), "unread");
}

TEST_F(HangupTest, IsToldWhenItHappenedBefore) {
  theirs_.reset();
  while (!mine_->peer_closed()) {
  }
  watch_.emplace(loop_, mine_->descriptor(), *this);
  loop_.run();
  EXPECT_EQ(calls_, 1);
}

TEST_F(HangupTest, NeedsNoDescriptorOfItsOwnWhenThereIsNoneLeft) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  watch_.emplace(loop_, mine_->descriptor(), *this);
  ::setrlimit(RLIMIT_NOFILE, &before);  // sanitizers need descriptors to look at memory
  theirs_->finish();
  loop_.run();
  EXPECT_EQ(calls_, 1);
}

TEST_F(HangupTest, BytesAloneAreNone) {
  watch_.emplace(loop_, mine_->descriptor(), *this);
  EXPECT_EQ(theirs_->write("more").bytes, 4U);
  loop_.post([this] { loop_.post([this] { loop_.stop(); }); });
  loop_.run();
  EXPECT_EQ(calls_, 0);
}

TEST_F(HangupTest, ADestroyedWatchIsNotTold) {
  watch_.emplace(loop_, mine_->descriptor(), *this);
  theirs_->finish();
  while (!mine_->peer_closed()) {
  }
  watch_.reset();
  loop_.post([this] { loop_.post([this] { loop_.stop(); }); });
  loop_.run();
  EXPECT_EQ(calls_, 0);
}

/// Each destroys the watches of all: only one may be told.
TEST_F(HangupTest, OneMayDestroyTheOthers) {
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::unique_ptr<HangupWatch>> watches;
  struct Destroyer final : HangupHandler {
    std::vector<std::unique_ptr<HangupWatch>>* all = nullptr;
    Loop* loop = nullptr;
    int calls = 0;
    void on_hangup() override {
      ++calls;
      all->clear();
      loop->stop();
    }
  } destroyer;
  destroyer.all = &watches;
  destroyer.loop = &loop_;
  for (int i = 0; i < 5; ++i) {
    const auto [a, b] = connected_pair();
    streams.push_back(make_tcp_stream(loop_, a));
    watches.push_back(std::make_unique<HangupWatch>(loop_, a, destroyer));
    make_tcp_stream(loop_, b)->finish();  // closed at once
  }
  loop_.run();
  EXPECT_EQ(destroyer.calls, 1);
}

}  // namespace
}  // namespace tally::net
