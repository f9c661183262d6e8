// SPDX-License-Identifier: Apache-2.0
#include "wrap/client_output.h"

#include "base/limits.h"
#include "wrap/pipes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <sstream>
#include <thread>

namespace tally::wrap {
namespace {

using State = ByteSink::State;

class client_output : public ::testing::Test {
 protected:
  /// Everything of `bytes`, as the server thread does it.
  void put_server(std::string_view bytes) {
    while (!bytes.empty()) {
      const ByteSink::Step step = output_.put_server(bytes);
      ASSERT_NE(step.state, State::broken);
      bytes.remove_prefix(step.bytes);
      if (step.state == State::blocked) {
        ASSERT_EQ(output_.wait_writable(stop_), Wait::ready);
      }
    }
    while (output_.put_waiting_replies() == State::blocked) {
      ASSERT_EQ(output_.wait_writable(stop_), Wait::ready);
    }
  }
  std::string seen() { return test::read_now(pipe_.read.get()); }

  test::Ends pipe_ = test::make_pipe();
  ClientOutput output_{pipe_.write.get()};
  StopEvent stop_;
};

TEST_F(client_output, a_reply_between_two_lines_goes_out_at_once) {
  output_.put_reply("reply 1\n", stop_);
  EXPECT_EQ(seen(), "reply 1\n");
  put_server("a line\n");
  output_.put_reply("reply 2\n", stop_);
  EXPECT_EQ(seen(), "a line\nreply 2\n");
}

TEST_F(client_output, a_reply_inside_a_line_waits_for_its_end) {
  put_server("begin");
  output_.put_reply("reply 1\n", stop_);
  output_.put_reply("reply 2\n", stop_);
  put_server(" middle");
  EXPECT_EQ(seen(), "begin middle");
  put_server(" end\nnext\nlast");
  EXPECT_EQ(seen(), " end\nreply 1\nreply 2\nnext\nlast");
}

TEST_F(client_output, a_reply_after_the_end_of_a_chunk_needs_no_further_chunk) {
  put_server("begin");
  output_.put_reply("reply\n", stop_);
  put_server(" end\n");
  EXPECT_EQ(seen(), "begin end\nreply\n");
}

TEST_F(client_output, replies_of_a_server_that_ended_inside_a_line_are_given_up) {
  put_server("half a line");
  output_.put_reply("reply\n", stop_);
  output_.close();
  output_.put_reply("another\n", stop_);
  EXPECT_EQ(seen(), "half a line");
  EXPECT_EQ(output_.put_server("more").state, State::broken);
  EXPECT_FALSE(output_.reader_gone());
}

TEST_F(client_output, too_many_waiting_replies_hold_the_client_until_the_line_ends) {
  put_server("begin");
  const std::string reply = std::string(kRepliesBytesMax / 2 - 1, 'r') + "\n";
  output_.put_reply(reply, stop_);
  output_.put_reply(reply, stop_);
  std::atomic<bool> third = false;
  std::thread client([&] {
    output_.put_reply("third\n", stop_);
    third = true;
  });
  std::string got;
  std::thread reader([&] {
    while (!got.ends_with("third\n")) {
      const std::string line = test::read_line(pipe_.read.get());
      if (line.empty()) break;
      got += line;
    }
  });
  EXPECT_FALSE(third);
  put_server(" end\n");
  client.join();
  // The third may have come in time for the server's flush or be written by its own thread.
  put_server("x\n");
  reader.join();
  const std::string before = "begin end\n" + reply + reply;
  EXPECT_TRUE(got == before + "third\n" || got == before + "x\nthird\n");
}

TEST_F(client_output, closing_releases_a_client_that_waits) {
  put_server("begin");
  output_.put_reply(std::string(kRepliesBytesMax, 'r'), stop_);
  std::thread client([&] { output_.put_reply("waits\n", stop_); });
  output_.close();
  client.join();
  EXPECT_EQ(seen(), "begin");
}

TEST_F(client_output, a_reader_that_leaves_is_seen) {
  EXPECT_FALSE(output_.reader_gone());
  pipe_.read.reset();
  EXPECT_TRUE(output_.reader_gone());
  EXPECT_EQ(output_.put_server("x\n").state, State::broken);
  output_.put_reply("nobody\n", stop_);
}

TEST_F(client_output, from_two_threads_every_line_stays_whole) {
  constexpr int kReplies = 2000;
  const std::string server_bytes = [] {
    std::string text;
    for (int i = 0; i < 3000; ++i) {
      text += "server " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 700), '.');
      text += "\n";
    }
    return text;
  }();
  std::thread server([&] {
    std::string_view rest = server_bytes;
    for (std::size_t size = 1; !rest.empty(); size = size * 7 % 4099 + 1) {
      put_server(rest.substr(0, size));
      rest.remove_prefix(std::min(size, rest.size()));
    }
  });
  std::thread client([&] {
    for (int i = 0; i < kReplies; ++i) {
      output_.put_reply("reply " + std::to_string(i) + "\n", stop_);
    }
  });
  std::size_t reply_bytes = 0;
  for (int i = 0; i < kReplies; ++i) reply_bytes += 7 + std::to_string(i).size();
  const std::string got = test::read_exactly(pipe_.read.get(), server_bytes.size() + reply_bytes);
  server.join();
  client.join();

  std::istringstream lines(got);
  std::string from_server;
  int replies = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("reply ")) {
      ASSERT_EQ(line, "reply " + std::to_string(replies++));
    } else {
      from_server += line + "\n";
    }
  }
  EXPECT_EQ(replies, kReplies);
  EXPECT_TRUE(from_server == server_bytes);
}

}  // namespace
}  // namespace tally::wrap
