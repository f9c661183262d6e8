// SPDX-License-Identifier: Apache-2.0
#include "wrap/server_relay.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "wrap/relay_fixture.h"

#include <fcntl.h>
#include <optional>
#include <thread>

namespace tally::wrap {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class server_relay : public test::RelayFixture {
 protected:
  void start() {
    ::fcntl(from_server_.read.get(), F_SETFL, O_NONBLOCK);
    relay_.emplace(state_, std::move(from_server_.read));
    thread_ = std::thread([this] { relay_->run(); });
  }
  void say(std::string_view bytes) {
    EXPECT_TRUE(test::write_all(from_server_.write.get(), bytes));
  }
  void finish() {
    from_server_.write.reset();
    thread_.join();
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    state_.abandon.set();
    thread_.join();
  }

  std::optional<ServerRelay> relay_;
  std::thread thread_;
};

TEST_F(server_relay, bytes_go_out_before_their_line_is_complete) {
  start();
  say("half ");
  EXPECT_EQ(test::read_exactly(to_client_.read.get(), 5), "half ");
  EXPECT_EQ(auditor_.count("s2c"), 0U);
  say("a line\nand");
  EXPECT_EQ(test::read_exactly(to_client_.read.get(), 10), "a line\nand");
  EXPECT_TRUE(auditor_.wait_for_line("s2c 12 half a line"));
  finish();
  EXPECT_THAT(auditor_.lines(),
              ElementsAre("s2c 12 half a line", "s2c 3 cut and", "server_closed eof"));
}

TEST_F(server_relay, a_reply_comes_between_two_lines_of_one_stream) {
  start();
  say("begin ");
  EXPECT_EQ(test::read_exactly(to_client_.read.get(), 6), "begin ");
  state_.output.put_reply("REPLY\n", state_.abandon);
  EXPECT_TRUE(test::is_quiet(to_client_.read.get()));
  say("end\nnext\n");
  EXPECT_EQ(test::read_exactly(to_client_.read.get(), 15), "end\nREPLY\nnext\n");
  finish();
}

TEST_F(server_relay, waits_for_a_slow_client_without_holding_frames_back) {
  start();
  const std::string line = std::string(400'000, 'x') + "\n";
  std::thread server([&] { say("short\n" + line); });
  // The client reads nothing. The short line has gone out, so it is shown although more waits.
  EXPECT_TRUE(auditor_.wait_for_line("s2c 6 short"));
  state_.sent_frames.wait_shown();
  EXPECT_EQ(auditor_.count("s2c"), 1U);
  EXPECT_TRUE(test::read_exactly(to_client_.read.get(), 6 + line.size()) == "short\n" + line);
  server.join();
  finish();
  EXPECT_EQ(auditor_.count("s2c"), 2U);
}

TEST_F(server_relay, what_a_server_says_without_a_client_is_shown_as_undelivered) {
  start();
  say("heard\n");
  EXPECT_EQ(test::read_line(to_client_.read.get()), "heard\n");
  to_client_.read.reset();
  say("unheard\n");
  EXPECT_TRUE(auditor_.wait_for_line("undelivered 8 unheard"));
  EXPECT_TRUE(state_.output_broken.is_set());
  say("also\n");
  finish();
  EXPECT_THAT(auditor_.lines(), ElementsAre("s2c 6 heard", "undelivered 8 unheard",
                                            "undelivered 5 also", "server_closed eof"));
}

TEST_F(server_relay, does_not_listen_for_ever_to_a_server_without_a_client) {
  start();
  to_client_.read.reset();
  const std::string line(1000, 'x');
  std::size_t said = 0;
  while (test::write_all(from_server_.write.get(), line)) said += line.size();
  thread_.join();
  EXPECT_GT(said, kUndeliveredBytesMax);
  EXPECT_LT(said, kUndeliveredBytesMax + 4 * kRelayChunkBytes);
  EXPECT_EQ(auditor_.lines().back(), "server_closed abandoned");
}

TEST_F(server_relay, gives_up_when_told_to_while_the_client_does_not_read) {
  start();
  const std::string line = std::string(200'000, 'x') + "\n";
  std::thread server([&] { test::write_all(from_server_.write.get(), "short\n" + line); });
  ASSERT_TRUE(auditor_.wait_for_line("s2c 6 short"));
  state_.abandon.set();
  thread_.join();
  server.join();
  EXPECT_EQ(auditor_.lines().back(), "server_closed abandoned");
}

TEST_F(server_relay, a_line_that_is_too_long_streams_through) {
  start();
  const std::string line = std::string(kMessageBytesMax + 5000, 'x') + "\n";
  std::string got;
  std::thread client([&] { got = test::read_exactly(to_client_.read.get(), line.size() + 6); });
  say(line);
  say("after\n");
  client.join();
  EXPECT_TRUE(got == line + "after\n");
  finish();
  EXPECT_EQ(auditor_.count("s2c_oversize"), 1U);
  EXPECT_THAT(auditor_.lines(),
              Contains("oversize_end s2c " + std::to_string(line.size()) + " " +
                       crypto::sha256(as_bytes(line)).to_hex() + " ended forwarded"));
  EXPECT_THAT(auditor_.lines(), Contains("s2c 6 after"));
}

TEST_F(server_relay, a_large_line_of_the_other_direction_lowers_what_is_inspected) {
  ASSERT_TRUE(state_.large_line.take());
  start();
  const std::string line = std::string(kLineBytesShared + 1, 'x') + "\n";
  std::string got;
  std::thread client([&] { got = test::read_exactly(to_client_.read.get(), line.size()); });
  say(line);
  client.join();
  EXPECT_TRUE(got == line);
  finish();
  EXPECT_EQ(auditor_.count("s2c_oversize"), 1U);
}

}  // namespace
}  // namespace tally::wrap
