// SPDX-License-Identifier: Apache-2.0
#include "wrap/client_relay.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "wrap/relay_fixture.h"

#include <fcntl.h>
#include <optional>
#include <sys/resource.h>
#include <thread>

namespace tally::wrap {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

class client_relay : public test::RelayFixture {
 protected:
  void start() {
    // As the supervisor makes them: our end does not block.
    ::fcntl(to_server_.write.get(), F_SETFL, O_NONBLOCK);
    relay_.emplace(state_, from_client_.read.get(), std::move(to_server_.write));
    thread_ = std::thread([this] { relay_->run(); });
  }
  void send(std::string_view bytes) {
    EXPECT_TRUE(test::write_all(from_client_.write.get(), bytes));
  }
  std::string received() { return test::read_to_end(to_server_.read.get()); }
  void finish() {
    from_client_.write.reset();
    thread_.join();
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    state_.abandon.set();
    state_.stop_client.set();
    auditor_.stop_holding();
    thread_.join();
  }

  std::optional<ClientRelay> relay_;
  std::thread thread_;
};

TEST_F(client_relay, shows_each_line_before_any_byte_of_it_is_sent) {
  start();
  send("one\nHOLD two\nthree\n");
  EXPECT_EQ(test::read_line(to_server_.read.get()), "one\n");
  ASSERT_TRUE(auditor_.wait_for_line("c2s 9 HOLD two"));
  EXPECT_TRUE(test::is_quiet(to_server_.read.get()));
  EXPECT_EQ(auditor_.count("c2s"), 2U) << "the next line is shown only after this one went";
  EXPECT_EQ(auditor_.forwarded(), 1);
  auditor_.release();
  EXPECT_EQ(test::read_line(to_server_.read.get()), "HOLD two\n");
  EXPECT_EQ(test::read_line(to_server_.read.get()), "three\n");
  finish();
  EXPECT_EQ(auditor_.lines().back(), "client_closed eof");
  EXPECT_EQ(auditor_.forwarded(), 3);
  EXPECT_EQ(received(), "");
}

TEST_F(client_relay, a_line_is_held_back_until_it_is_complete) {
  start();
  send("first\nbegin ");
  EXPECT_EQ(test::read_line(to_server_.read.get()), "first\n");
  EXPECT_TRUE(test::is_quiet(to_server_.read.get()));
  send("end\r\n\n");
  EXPECT_EQ(test::read_exactly(to_server_.read.get(), 12), "begin end\r\n\n");
  finish();
  EXPECT_THAT(auditor_.lines(),
              ElementsAre("c2s 6 first", "c2s 11 begin end", "c2s 1 ", "client_closed eof"));
}

TEST_F(client_relay, a_refused_line_is_answered_and_not_sent) {
  start();
  send("REFUSE 1\nDROP 2\nkept\n");
  EXPECT_EQ(test::read_line(to_client_.read.get()), "{\"refused\":\"REFUSE 1\"}\n");
  finish();
  EXPECT_EQ(received(), "kept\n");
  EXPECT_TRUE(test::is_quiet(to_client_.read.get()));
  EXPECT_EQ(auditor_.count("lost"), 0U);
  EXPECT_EQ(auditor_.forwarded(), 1);
}

TEST_F(client_relay, a_last_line_without_end_is_shown_and_sent) {
  start();
  send("whole\nthe rest");
  finish();
  EXPECT_EQ(received(), "whole\nthe rest");
  EXPECT_THAT(auditor_.lines(), Contains("c2s 8 cut the rest"));
}

TEST_F(client_relay, a_last_line_without_end_can_be_refused) {
  start();
  send("whole\nDROP the rest");
  finish();
  EXPECT_EQ(received(), "whole\n");
}

TEST_F(client_relay, a_line_held_while_the_client_left_is_lost) {
  start();
  send("HOLD\n");
  ASSERT_TRUE(auditor_.wait_for_line("c2s"));
  // Nobody told the relay; it looks for itself before it forwards.
  to_client_.read.reset();
  auditor_.release();
  thread_.join();
  EXPECT_EQ(received(), "");
  EXPECT_THAT(auditor_.lines(),
              ElementsAre("c2s 5 HOLD", "lost client_gone 5 HOLD", "client_closed vanished"));
}

TEST_F(client_relay, what_was_read_of_a_client_that_left_is_shown_and_lost) {
  start();
  send("HOLD\nsecond\nthi");
  ASSERT_TRUE(auditor_.wait_for_line("c2s"));
  client_leaves();
  thread_.join();
  EXPECT_EQ(received(), "");
  EXPECT_THAT(auditor_.lines(),
              ElementsAre("c2s 5 HOLD", "stop_holding", "c2s 7 second", "lost client_gone 7 second",
                          "c2s 3 cut thi", "lost client_gone 3 cut thi", "client_closed vanished"));
}

TEST_F(client_relay, lines_for_a_server_that_closed_its_input_are_lost) {
  start();
  send("HOLD\nmore\n");
  ASSERT_TRUE(auditor_.wait_for_line("c2s"));
  to_server_.read.reset();
  auditor_.release();
  thread_.join();
  EXPECT_THAT(auditor_.lines(),
              ElementsAre("c2s 5 HOLD", "lost server_gone 5 HOLD", "c2s 5 more",
                          "lost server_gone 5 more", "client_closed server_gone"));
}

TEST_F(client_relay, sees_without_a_line_that_the_server_closed_its_input) {
  start();
  to_server_.read.reset();
  thread_.join();
  EXPECT_THAT(auditor_.lines(), ElementsAre("client_closed server_gone"));
}

TEST_F(client_relay, a_line_on_its_way_is_finished_although_the_client_left) {
  start();
  const std::string line = std::string(300'000, 'x') + "\n";
  send(line);
  // A part of it has arrived, so the rest must follow.
  std::string got = test::read_exactly(to_server_.read.get(), 1000);
  client_leaves();
  got += received();
  EXPECT_TRUE(got == line);
  thread_.join();
  EXPECT_EQ(auditor_.count("lost"), 0U);
}

TEST_F(client_relay, a_line_that_waits_for_room_is_lost_when_the_client_leaves) {
  const std::size_t full = test::fill(to_server_.write.get());
  start();
  send("waits\n");
  ASSERT_TRUE(auditor_.wait_for_line("c2s"));
  client_leaves();
  thread_.join();
  EXPECT_EQ(received().size(), full);
  EXPECT_THAT(auditor_.lines(), Contains("lost client_gone 6 waits"));
  EXPECT_EQ(auditor_.forwarded(), 0);
}

TEST_F(client_relay, a_line_that_is_too_long_streams_through) {
  start();
  std::string line(kMessageBytesMax + 300'000, 'x');
  line += "\n";
  std::string got;
  std::thread server([&] { got = test::read_exactly(to_server_.read.get(), line.size() + 6); });
  send(line);
  send("after\n");
  server.join();
  EXPECT_TRUE(got == line + "after\n");
  finish();
  const std::string digest = crypto::sha256(as_bytes(line)).to_hex();
  EXPECT_EQ(auditor_.count("c2s_oversize"), 1U);
  EXPECT_THAT(auditor_.lines(), Contains("oversize_end c2s " + std::to_string(line.size()) + " " +
                                         digest + " ended forwarded"));
  EXPECT_THAT(auditor_.lines(), Contains("c2s 6 after"));
}

TEST_F(client_relay, a_line_that_is_too_long_can_be_refused_as_a_whole) {
  start();
  const std::string line = "REFUSE" + std::string(kMessageBytesMax, 'x') + "\n";
  send(line);
  send("after\n");
  EXPECT_THAT(test::read_line(to_client_.read.get()), StartsWith("{\"refused\":\"REFUSExxx"));
  finish();
  EXPECT_EQ(received(), "after\n");
  EXPECT_THAT(auditor_.lines(), Contains("oversize_end c2s " + std::to_string(line.size()) + " " +
                                         crypto::sha256(as_bytes(line)).to_hex() + " ended kept"));
}

TEST_F(client_relay, a_line_that_is_too_long_and_cut_off_says_so) {
  start();
  const std::string line(kMessageBytesMax + 1, 'x');
  std::string got;
  std::thread server([&] { got = received(); });
  send(line);
  finish();
  server.join();
  EXPECT_TRUE(got == line);
  EXPECT_THAT(auditor_.lines(),
              Contains("oversize_end c2s " + std::to_string(line.size()) + " " +
                       crypto::sha256(as_bytes(line)).to_hex() + " cut forwarded"));
}

TEST_F(client_relay, shows_nothing_while_the_server_thread_has_frames_to_show) {
  start();
  state_.sent_frames.begin();
  send("an answer\n");
  // The relay reads and then waits: its input runs empty, and nothing is shown.
  while (!test::is_quiet(from_client_.read.get())) std::this_thread::yield();
  EXPECT_EQ(auditor_.count("c2s"), 0U);
  state_.sent_frames.end();
  EXPECT_TRUE(auditor_.wait_for_line("c2s 10 an answer"));
  finish();
}

TEST_F(client_relay, stops_when_the_session_is_over) {
  start();
  state_.stop_client.set();
  thread_.join();
  EXPECT_THAT(auditor_.lines(), ElementsAre("client_closed server_gone"));
  EXPECT_TRUE(state_.client_done.is_set());
}

}  // namespace
}  // namespace tally::wrap
