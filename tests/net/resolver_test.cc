// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.h"

#include "net/loop_fixture.h"

namespace tally::net {
namespace {

using ResolverTest = test::LoopFixture;

TEST_F(ResolverTest, AnswersInTheOrderOfTheQuestions) {
  Resolver resolver(loop_);
  std::vector<std::string> answers;
  for (const std::string host : {"127.0.0.1", "::1", "127.0.0.2"}) {
    resolver.ask(host, 80, [&](Result<std::vector<SocketAddress>> found) {
      ASSERT_TRUE(found) << found.error().detail;
      ASSERT_EQ(found->size(), 1U);
      answers.push_back(found->front().text());
    });
  }
  run_until([&] { return answers.size() == 3; });
  EXPECT_EQ(answers, (std::vector<std::string>{"127.0.0.1:80", "[::1]:80", "127.0.0.2:80"}));
}

TEST_F(ResolverTest, WhoeverAsksTheSameIsToldOnce) {
  Resolver resolver(loop_);
  int told = 0;
  for (int i = 0; i < 200; ++i) {
    resolver.ask(i % 3 == 0 ? "127.0.0.1" : "127.0.0.2", 80, [&](auto found) {
      ++told;
      EXPECT_TRUE(found);
    });
  }
  run_until([&] { return told == 200; });
}

TEST_F(ResolverTest, ANameThatCannotBeSaysSo) {
  const auto found = addresses_of("no such name", 80);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::not_found);
  EXPECT_EQ(found.error().detail.rfind("no such name: no address", 0), 0U);
}

TEST_F(ResolverTest, MayEndWithQuestionsOpen) {
  int told = 0;
  {
    Resolver resolver(loop_);
    for (int i = 0; i < 10; ++i) resolver.ask("127.0.0.1", 80, [&](auto) { ++told; });
  }
  EXPECT_EQ(told, 0);  // the loop did not run
}

}  // namespace
}  // namespace tally::net
