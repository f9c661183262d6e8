// SPDX-License-Identifier: Apache-2.0
#include "proxy/outbox.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::proxy {
namespace {

/// Takes as many bytes of each write as it is told.
class Trickle final : public net::Stream {
 public:
  net::IoResult read(std::span<char>) override { return {}; }
  net::IoResult write(std::span<const std::string_view> pieces) override {
    if (broken) return {net::IoResult::Kind::failed, 0};
    std::size_t taken = 0;
    for (const std::string_view piece : pieces) {
      const std::size_t size = std::min(piece.size(), room - taken);
      seen.append(piece.substr(0, size));
      taken += size;
    }
    room -= taken;
    if (taken == 0) return {net::IoResult::Kind::would_block, 0};
    return {net::IoResult::Kind::done, taken};
  }
  void set_handler(net::ReadyHandler*) override {}
  void want_read() override {}
  void want_write() override {}
  void finish() override {}
  bool is_quiet() override { return true; }
  std::string error() const override { return {}; }
  bool is_tls() const override { return false; }
  int descriptor() const override { return -1; }

  std::string seen;
  std::size_t room = 0;
  bool broken = false;
};

TEST(Outbox, WhateverIsTakenAtOnceTheOrderStays) {
  std::mt19937 random(3);
  Outbox outbox;
  Trickle stream;
  std::string all;
  for (int i = 0; i < 2'000; ++i) {
    const std::string piece(random() % 3'000, static_cast<char>('a' + i % 26));
    all += piece;
    if (i % 3 == 0) {
      outbox.add_block(piece);
    } else {
      outbox.add(piece);
    }
    stream.room = random() % 4'000;
    EXPECT_NE(outbox.flush(stream), Outbox::Flush::failed);
    EXPECT_EQ(outbox.size() + stream.seen.size(), all.size());
  }
  stream.room = all.size();
  EXPECT_EQ(outbox.flush(stream), Outbox::Flush::empty);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(stream.seen, all);
  EXPECT_EQ(outbox.written(), all.size());
}

TEST(Outbox, SaysWhatToDo) {
  Outbox outbox;
  Trickle stream;
  EXPECT_EQ(outbox.flush(stream), Outbox::Flush::empty);
  outbox.add("abc");
  EXPECT_EQ(outbox.flush(stream), Outbox::Flush::blocked);
  stream.broken = true;
  EXPECT_EQ(outbox.flush(stream), Outbox::Flush::failed);
  outbox.clear();
  EXPECT_EQ(outbox.flush(stream), Outbox::Flush::empty);
  EXPECT_EQ(outbox.written(), 0U);
}

}  // namespace
}  // namespace tally::proxy
