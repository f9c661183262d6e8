// SPDX-License-Identifier: Apache-2.0
#include "identity/forwarded.h"

#include "identity/tokens.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

struct ForwardedCase {
  const char* plain;     // X-Forwarded-For; null: absent
  const char* standard;  // Forwarded
  const char* client;    // "": the peer itself
};

TEST(Forwarded, ReadsFromTheNearEnd) {
  const std::vector<Network> trusted{*Network::parse("10.0.0.0/8"), *Network::parse("fd00::/8")};
  const ForwardedCase cases[] = {
      {nullptr, nullptr, ""},
      {"203.0.113.9", nullptr, "203.0.113.9"},
      // What stands left of the first hop that is not ours is anybody's word.
      {"1.2.3.4, 203.0.113.9", nullptr, "203.0.113.9"},
      {"203.0.113.9, 10.1.1.1, 10.2.2.2", nullptr, "203.0.113.9"},
      {"10.1.1.1, 10.2.2.2", nullptr, "10.1.1.1"},
      {"203.0.113.9:4711", nullptr, "203.0.113.9"},
      {"[2001:db8::7]:443", nullptr, "2001:db8::7"},
      {"2001:db8::7, fd00::1", nullptr, "2001:db8::7"},
      {"unknown", nullptr, ""},
      {"203.0.113.9, unknown", nullptr, ""},
      {"unknown, 10.1.1.1", nullptr, "10.1.1.1"},
      {"", nullptr, ""},
      {nullptr, "for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"},
      {nullptr, R"(For="[2001:db8:cafe::17]:4711")", "2001:db8:cafe::17"},
      {nullptr, "for=1.2.3.4, for=203.0.113.9, for=10.0.0.2", "203.0.113.9"},
      {nullptr, R"(proto="a,b;for=1.2.3.4";for=203.0.113.9)", "203.0.113.9"},
      {nullptr, "for=_hidden", ""},
      {nullptr, "proto=https", ""},
      // Two headers that disagree: one of them the client wrote.
      {"203.0.113.9", "for=203.0.113.9", "203.0.113.9"},
      {"203.0.113.9", "for=1.2.3.4", ""},
      {"203.0.113.9", "for=unknown", ""},
  };
  for (const ForwardedCase& c : cases) {
    http::FieldList list;
    if (c.plain != nullptr) list.add("X-Forwarded-For", c.plain);
    if (c.standard != nullptr) list.add("forwarded", c.standard);
    const auto client = forwarded_client(list, trusted);
    EXPECT_EQ(client ? client->text() : "", c.client)
        << (c.plain ? c.plain : "-") << " | " << (c.standard ? c.standard : "-");
  }
}

TEST(Forwarded, SeveralLinesAreOneList) {
  const std::vector<Network> trusted{*Network::parse("10.0.0.0/8")};
  const auto client = forwarded_client(
      fields({{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-For", "203.0.113.9, 10.0.0.1"}}),
      trusted);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->text(), "203.0.113.9");
}

TEST(Forwarded, LongListsEnd) {
  std::string hops = "203.0.113.9";
  for (int i = 0; i < 5'000; ++i) hops += ", 10.0.0.1";
  const auto client = forwarded_client(fields({{"X-Forwarded-For", hops}}),
                                       std::vector{*Network::parse("10.0.0.1")});
  ASSERT_TRUE(client);
  EXPECT_EQ(client->text(), "10.0.0.1");
}

}  // namespace
}  // namespace tally::identity
