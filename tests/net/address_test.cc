// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <gtest/gtest.h>

namespace tally::net {
namespace {

TEST(SocketAddress, LiteralsReadAndPrinted) {
  const auto four = SocketAddress::parse("127.0.0.1", 80);
  ASSERT_TRUE(four);
  EXPECT_EQ(four->text(), "127.0.0.1:80");
  EXPECT_TRUE(four->is_loopback());
  const auto six = SocketAddress::parse("2001:db8::1", 443);
  ASSERT_TRUE(six);
  EXPECT_EQ(six->text(), "[2001:db8::1]:443");
  EXPECT_EQ(six->host(), "2001:db8::1");
  EXPECT_FALSE(six->is_loopback());
  EXPECT_TRUE(SocketAddress::parse("::1", 0)->is_loopback());
  for (const char* other : {"localhost", "", "127.1", "[::1]", "1.2.3.4:5"}) {
    EXPECT_FALSE(SocketAddress::parse(other, 80)) << other;
  }
}

TEST(SocketAddress, AnIpv4AddressInsideIpv6ReadsAsIpv4) {
  const auto mapped = SocketAddress::parse("::ffff:127.0.0.1", 9);
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->host(), "127.0.0.1");
  EXPECT_TRUE(mapped->is_loopback());
}

TEST(SocketAddress, ThePortCanBeSet) {
  auto address = *SocketAddress::parse("::1", 1);
  address.set_port(2);
  EXPECT_EQ(address.port(), 2);
  EXPECT_EQ(SocketAddress().port(), 0);
  EXPECT_EQ(SocketAddress().host(), "");
}

}  // namespace
}  // namespace tally::net
