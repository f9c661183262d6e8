// SPDX-License-Identifier: Apache-2.0
// A loop that a test runs until something is so, and sockets that are connected to each other.
#pragma once

#include "net/loop.h"
#include "net/stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace tally::net::test {

/// Readiness as functions.
class Reactions final : public ReadyHandler {
 public:
  std::function<void()> readable = [] {};
  std::function<void()> writable = [] {};

 private:
  void on_readable() override { readable(); }
  void on_writable() override { writable(); }
};

class LoopFixture : public ::testing::Test, protected DeadlineHandler {
 protected:
  /// Runs the loop until `holds`, which is asked after everything that happens; fails the test when
  /// it never does.
  void run_until(const std::function<bool()>& holds) {
    Deadline limit(loop_.deadlines(), *this);
    limit.set(std::chrono::seconds(20));
    ask(holds);
    loop_.run();
    EXPECT_TRUE(holds());
  }

  /// Two ends of one connection, non-blocking.
  static std::pair<int, int> connected_pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    return {ends[0], ends[1]};
  }

  /// What can be read now.
  static std::string read_now(Stream& stream, IoResult::Kind* last = nullptr) {
    std::string out;
    char buffer[4'096];
    for (;;) {
      const IoResult result = stream.read(buffer);
      if (last != nullptr) *last = result.kind;
      if (result.kind != IoResult::Kind::done) return out;
      out.append(buffer, result.bytes);
    }
  }

  Loop loop_;

 private:
  void ask(const std::function<bool()>& holds) {
    loop_.post([this, &holds] {
      if (holds() || timed_out_) {
        loop_.stop();
      } else {
        ask(holds);
      }
    });
  }
  void on_deadline() override { timed_out_ = true; }
  bool timed_out_ = false;
};

}  // namespace tally::net::test
