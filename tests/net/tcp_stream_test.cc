// SPDX-License-Identifier: Apache-2.0
#include "net/loop_fixture.h"
#include "net/stream.h"

#include <array>
#include <unistd.h>

namespace tally::net {
namespace {

using Kind = IoResult::Kind;

class TcpStreamTest : public test::LoopFixture {
 protected:
  TcpStreamTest() {
    const auto [a, b] = connected_pair();
    mine_ = make_tcp_stream(loop_, a);
    theirs_ = make_tcp_stream(loop_, b);
  }
  std::unique_ptr<Stream> mine_;
  std::unique_ptr<Stream> theirs_;
};

TEST_F(TcpStreamTest, PiecesArriveInOrder) {
  const std::array<std::string_view, 4> pieces{"one ", "", "two ", "three"};
  const IoResult written = mine_->write(pieces);
  EXPECT_EQ(written.kind, Kind::done);
  EXPECT_EQ(written.bytes, 13U);
  EXPECT_EQ(read_now(*theirs_), "one two three");
}

TEST_F(TcpStreamTest, NothingThereIsNoEnd) {
  Kind last{};
  EXPECT_EQ(read_now(*mine_, &last), "");
  EXPECT_EQ(last, Kind::would_block);
  theirs_->finish();
  EXPECT_EQ(read_now(*mine_, &last), "");
  EXPECT_EQ(last, Kind::end);
}

TEST_F(TcpStreamTest, AFullConnectionSaysSo) {
  const std::string block(1 << 20, 'x');
  std::size_t sent = 0;
  for (;;) {
    const IoResult result = mine_->write(block);
    if (result.kind == Kind::would_block) break;
    ASSERT_EQ(result.kind, Kind::done);
    sent += result.bytes;
  }
  test::Reactions reactions;
  bool writable = false;
  reactions.writable = [&] { writable = true; };
  mine_->set_handler(&reactions);
  mine_->want_write();
  EXPECT_EQ(read_now(*theirs_).size(), sent);
  run_until([&] { return writable; });
}

TEST_F(TcpStreamTest, WritingToSomebodyWhoLeftFailsWithoutASignal) {
  theirs_.reset();
  static_cast<void>(mine_->write("a"));
  const IoResult result = mine_->write("b");
  EXPECT_EQ(result.kind, Kind::failed);
  EXPECT_NE(mine_->error(), "");
}

TEST_F(TcpStreamTest, QuietMeansFitForAnotherRequest) {
  EXPECT_TRUE(mine_->is_quiet());
  EXPECT_FALSE(mine_->peer_closed());
  static_cast<void>(theirs_->write("x"));
  EXPECT_FALSE(mine_->is_quiet());
  EXPECT_FALSE(mine_->peer_closed());
  theirs_->finish();
  EXPECT_TRUE(mine_->peer_closed());  // though a byte is still unread
  EXPECT_EQ(read_now(*mine_), "x");
  EXPECT_FALSE(mine_->is_quiet());
}

}  // namespace
}  // namespace tally::net
