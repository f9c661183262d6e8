// SPDX-License-Identifier: Apache-2.0
#include "record/http_sessions.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

identity::Principal principal(const std::string& id) {
  identity::Principal out;
  out.id = id;
  out.key = "user\n\n" + id;
  return out;
}

std::shared_ptr<Session> session(bool legacy = false) {
  auto out = std::make_shared<Session>();
  out->legacy = legacy;
  return out;
}

TEST(Session, ReportsEachFurtherPrincipalOnce) {
  Session s;
  EXPECT_FALSE(s.used_by(principal("ann")));
  EXPECT_FALSE(s.used_by(principal("ann")));
  EXPECT_TRUE(s.used_by(principal("bob")));
  EXPECT_FALSE(s.used_by(principal("bob")));
  EXPECT_FALSE(s.used_by(principal("ann")));
  EXPECT_EQ(s.first_actor, "ann");
  for (int i = 0; i < 100; ++i) (void)s.used_by(principal(std::to_string(i)));
  EXPECT_EQ(s.principals.size(), kSessionPrincipalsMax);
}

TEST(Session, ReportsEachFurtherAddressOnce) {
  Session s;
  EXPECT_FALSE(s.used_from(""));
  EXPECT_FALSE(s.used_from("198.51.100.7"));
  EXPECT_TRUE(s.used_from("2001:db8::1"));
  EXPECT_FALSE(s.used_from("2001:db8::1"));
  EXPECT_FALSE(s.used_from(""));
  for (int i = 0; i < 100; ++i) (void)s.used_from("10.0.0." + std::to_string(i));
  EXPECT_EQ(s.addresses.size(), kSessionPrincipalsMax);
}

TEST(Session, OtherSettingsOfIdentityBeginAnew) {
  Session s;
  identity::Identity who;
  who.principal = std::make_shared<const identity::Principal>(principal("ann"));
  who.address = "198.51.100.7";
  s.begun_by(who, 3);
  EXPECT_TRUE(s.comparable(3));
  EXPECT_FALSE(s.comparable(2)) << "a request from before";
  EXPECT_EQ(s.principals.size(), 1U);
  EXPECT_TRUE(s.comparable(4));
  EXPECT_FALSE(s.used_by(principal("ann@example.com")));
  EXPECT_FALSE(s.used_from("203.0.113.1"));
  EXPECT_EQ(s.first_actor, "ann@example.com");
  EXPECT_TRUE(s.used_by(principal("bob")));
  EXPECT_FALSE(s.comparable(3));
}

TEST(SessionTable, ForgetsTheLeastRecentlyUsed) {
  SessionTable table(2);
  const auto a = session();
  EXPECT_EQ(table.add("a", a), nullptr);
  EXPECT_EQ(table.add("b", session()), nullptr);
  EXPECT_EQ(table.find("a"), a);
  const auto b = table.find("b");
  EXPECT_EQ(table.find("a"), a);
  EXPECT_EQ(table.add("c", session()), b);
  EXPECT_EQ(b->key, "");
  EXPECT_EQ(table.find("b"), nullptr);
  EXPECT_EQ(table.size(), 2U);
}

TEST(SessionTable, RemovesOnlyWhatItHolds) {
  SessionTable table(4);
  const auto old = session(true);
  (void)table.add("a", old);
  EXPECT_TRUE(table.has_legacy());
  const auto fresh = session();
  EXPECT_EQ(table.add("a", fresh), old);
  EXPECT_FALSE(table.has_legacy());
  table.remove(*old);
  EXPECT_EQ(table.find("a"), fresh);
  table.remove(*fresh);
  EXPECT_EQ(table.size(), 0U);
  table.remove(*fresh);
}

TEST(ReplayTable, RemembersSoMany) {
  ReplayTable table(3);
  EXPECT_FALSE(table.seen_before("hmac:k:1"));
  EXPECT_TRUE(table.seen_before("hmac:k:1"));
  EXPECT_FALSE(table.seen_before("hmac:k:2"));
  EXPECT_FALSE(table.seen_before("hmac:k:3"));
  EXPECT_FALSE(table.seen_before("hmac:k:4"));
  EXPECT_FALSE(table.seen_before("hmac:k:1"));
  EXPECT_TRUE(table.seen_before("hmac:k:4"));
}

}  // namespace
}  // namespace tally::record
