// SPDX-License-Identifier: Apache-2.0
#include "http/field_name.h"

#include "http/chars.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

TEST(FieldName, KnowsTheNamesThatHaveRules) {
  EXPECT_EQ(known_name("Content-Length"), KnownName::content_length);
  EXPECT_EQ(known_name("TRANSFER-ENCODING"), KnownName::transfer_encoding);
  EXPECT_EQ(known_name("host"), KnownName::host);
  EXPECT_EQ(known_name("Connection"), KnownName::connection);
  EXPECT_EQ(known_name("Authorization"), KnownName::authorization);
  EXPECT_EQ(known_name("Content-Type"), KnownName::content_type);
  EXPECT_EQ(known_name("Content-Encoding"), KnownName::content_encoding);
  EXPECT_EQ(known_name("Origin"), KnownName::origin);
  EXPECT_EQ(known_name("Last-Event-ID"), KnownName::last_event_id);
  EXPECT_EQ(known_name("MCP-Param-x"), KnownName::mcp);
  EXPECT_EQ(known_name("MCP-Param-x_y"), KnownName::underscored);
  EXPECT_EQ(known_name("Mcp"), KnownName::other);
  EXPECT_EQ(known_name("mcp-session-ID"), KnownName::mcp_session_id);
  EXPECT_EQ(known_name("Mcp-"), KnownName::mcp);
  EXPECT_EQ(known_name("Proxy-"), KnownName::proxy);
  EXPECT_EQ(known_name("X-Forwarded-Proto"), KnownName::x_forwarded_proto);
  EXPECT_EQ(known_name("Te"), KnownName::te);
  EXPECT_EQ(known_name("Content_Length"), KnownName::underscored);
  EXPECT_EQ(known_name("content\rlength"), KnownName::other);
  EXPECT_EQ(known_name("Hosts"), KnownName::other);
  EXPECT_EQ(known_name(""), KnownName::other);
}

TEST(FieldName, TakesNoNeighbourForAKnownName) {
  for (const std::string_view known :
       {"accept-encoding", "authorization", "content-length", "cookie", "expect", "host",
        "keep-alive", "mcp-protocol-version", "te", "transfer-encoding", "x-request-id"}) {
    const KnownName expected = known_name(known);
    EXPECT_NE(expected, KnownName::other) << known;
    for (std::size_t i = 0; i < known.size(); ++i) {
      for (int c = 0; c < 256; ++c) {
        std::string name(known);
        name[i] = static_cast<char>(c);
        EXPECT_EQ(known_name(name) == expected, to_lower(name[i]) == known[i]) << name;
      }
    }
  }
}

TEST(FieldName, KnowsWhatBelongsToOneConnection) {
  for (const char* name : {"Connection", "keep-alive", "Proxy-Authorization", "proxy-anything",
                           "Proxy-Connection", "TE", "Transfer-Encoding", "Upgrade"}) {
    EXPECT_TRUE(is_hop_by_hop(name)) << name;
  }
  for (const char* name : {"Trailer", "Content-Length", "Host", "Via", "Upgrade-Insecure-Requests",
                           "TEE", "Proxy", ""}) {
    EXPECT_FALSE(is_hop_by_hop(name)) << name;
  }
}

TEST(FieldName, KnowsWhatConnectionMayNotName) {
  for (const char* name : {"AUTHORIZATION", "Cookie", "host", "Content-Digest", "mcp-x", "Origin",
                           "Forwarded", "X-Forwarded-For"}) {
    EXPECT_TRUE(is_protected(name)) << name;
  }
  for (const char* name : {"close", "keep-alive", "X-Mine", "Content", "mcp", "Accept", "upgrade",
                           "TE", "http2-settings", "x-forwarded", ""}) {
    EXPECT_FALSE(is_protected(name)) << name;
  }
}

TEST(FieldName, KnowsNamesThatCgiWouldConfuse) {
  for (const char* name : {"Content_Length", "transfer_encoding", "MCP_Session_Id",
                           "mcp-session_id", "X_Forwarded-For"}) {
    EXPECT_TRUE(is_confusable(name)) << name;
  }
  for (const char* name : {"Content-Length", "x_api_key", "_", "my_host", "Mcp-Param-user_id"}) {
    EXPECT_FALSE(is_confusable(name)) << name;
  }
}

}  // namespace
}  // namespace tally::http
