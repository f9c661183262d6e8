// SPDX-License-Identifier: Apache-2.0
#include "server/index_wait.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::server {
namespace {

class IndexWaitTest : public ::testing::Test {
 protected:
  static MonoTime at(int seconds) { return MonoTime(std::chrono::seconds(seconds)); }
  void wait(std::uint64_t seq, int until, char name) {
    waiting_.wait(seq, at(until), [this, name](bool there) {
      told_ += name;
      told_ += there ? '+' : '-';
    });
  }
  int hurried_ = 0;
  std::string told_;
  IndexWait waiting_{[this] { ++hurried_; }};
};

TEST_F(IndexWaitTest, EachIsToldOnceWhenItsEntryIsThere) {
  wait(0, 9, 'a');
  wait(5, 9, 'b');
  EXPECT_EQ(hurried_, 2);
  EXPECT_TRUE(waiting_.reached(1)) << "somebody still waits";
  EXPECT_EQ(told_, "a+");
  EXPECT_TRUE(waiting_.reached(5));
  EXPECT_EQ(told_, "a+");
  EXPECT_FALSE(waiting_.reached(6));
  EXPECT_EQ(told_, "a+b+");
  waiting_.reached(7);
  wait(6, 9, 'c');
  EXPECT_EQ(told_, "a+b+c+") << "it is there already";
  EXPECT_EQ(hurried_, 2);
}

TEST_F(IndexWaitTest, WhoseTimeIsOverIsToldSo) {
  wait(3, 2, 'a');
  wait(3, 4, 'b');
  waiting_.expire(at(1));
  EXPECT_EQ(told_, "");
  waiting_.expire(at(2));
  EXPECT_EQ(told_, "a-");
  waiting_.reached(4);
  waiting_.expire(at(9));
  EXPECT_EQ(told_, "a-b+");
}

TEST_F(IndexWaitTest, NobodyIsToldAfterTheEnd) {
  wait(3, 2, 'a');
  waiting_.close();
  wait(0, 2, 'b');
  waiting_.reached(9);
  waiting_.expire(at(9));
  EXPECT_EQ(told_, "");
}

}  // namespace
}  // namespace tally::server
