// SPDX-License-Identifier: Apache-2.0
#include "identity/address.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

TEST(Address, CanonicalText) {
  const std::pair<const char*, const char*> cases[] = {
      {"192.0.2.1", "192.0.2.1"},        {"2001:DB8:0:0::1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},  {"fe80::1%eth0", "fe80::1"},
      {"::ffff:192.0.2.1", "192.0.2.1"}, {"::1", "::1"},
  };
  for (const auto& [text, canonical] : cases) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), canonical);
  }
}

TEST(Address, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "localhost", "192.0.2", "192.0.2.1.5", "192.0.2.256", "192.0.2.01x",
        ":::", "2001:db8::1::2", "[]", "1", "0x7f.0.0.1"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
  EXPECT_FALSE(Address::parse(std::string_view("192.0.2.1\0x", 11)));
  EXPECT_FALSE(Address::parse(std::string(100, '1')));
}

struct NetworkCase {
  const char* network;
  const char* inside;
  const char* outside;
};

TEST(Network, ContainsByPrefix) {
  const NetworkCase cases[] = {
      {"10.0.0.0/8", "10.255.1.2", "11.0.0.1"},
      {"192.0.2.128/25", "192.0.2.255", "192.0.2.127"},
      {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
      {"0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
      {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
      {"::1", "::1", "::2"},
      {"::/0", "2001:db8::1", "192.0.2.1"},
      {"::ffff:192.0.2.0/120", "192.0.2.9", "192.0.3.9"},
      {"10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1"},
  };
  for (const NetworkCase& c : cases) {
    const auto network = Network::parse(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_TRUE(network->contains(*Address::parse(c.inside))) << c.network << ' ' << c.inside;
    EXPECT_FALSE(network->contains(*Address::parse(c.outside))) << c.network << ' ' << c.outside;
  }
}

TEST(Network, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08",
                                      "::/129", "::ffff:10.0.0.0/95", "a/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

TEST(Node, WithAndWithoutPort) {
  const std::pair<const char*, const char*> cases[] = {
      {"192.0.2.1:8080", "192.0.2.1"},     {"192.0.2.1", "192.0.2.1"},
      {"[2001:db8::1]:80", "2001:db8::1"}, {"[2001:db8::1]", "2001:db8::1"},
      {"2001:db8::1", "2001:db8::1"},
  };
  for (const auto& [text, canonical] : cases) {
    const auto address = parse_node(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), canonical);
  }
  EXPECT_FALSE(parse_node("unknown"));
  EXPECT_FALSE(parse_node("_hidden"));
  EXPECT_FALSE(parse_node("[2001:db8::1"));
}

}  // namespace
}  // namespace tally::identity
