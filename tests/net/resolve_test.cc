// SPDX-License-Identifier: Apache-2.0
#include "net/connector.h"
#include "net/loop_fixture.h"

#include <optional>

namespace tally::net {
namespace {

class ResolveTest : public test::LoopFixture {
 protected:
  Result<std::vector<SocketAddress>> ask(const std::string& host) {
    std::optional<Result<std::vector<SocketAddress>>> answer;
    resolve(loop_, host, 80, [&](auto result) { answer = std::move(result); });
    EXPECT_FALSE(answer);  // never inside the call
    run_until([&] { return answer.has_value(); });
    return *answer;
  }
};

TEST_F(ResolveTest, LiteralsAreThemselves) {
  const auto six = ask("::1");
  ASSERT_TRUE(six);
  ASSERT_EQ(six->size(), 1U);
  EXPECT_EQ(six->front().text(), "[::1]:80");
}

TEST_F(ResolveTest, NamesGiveEveryAddressOnce) {
  const auto found = ask("localhost");
  ASSERT_TRUE(found) << found.error().detail;
  bool loopback = false;
  for (const SocketAddress& address : *found) loopback = loopback || address.host() == "127.0.0.1";
  EXPECT_TRUE(loopback);
  for (std::size_t i = 1; i < found->size(); ++i) {
    EXPECT_NE((*found)[i].text(), (*found)[i - 1].text());
  }
}

TEST_F(ResolveTest, WhatHasNoAddressIsNamed) {
  const auto nobody = ask("no-such-host.invalid");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Errc::not_found);
  EXPECT_NE(nobody.error().detail.find("no-such-host.invalid"), std::string::npos);
}

}  // namespace
}  // namespace tally::net
