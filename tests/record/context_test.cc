// SPDX-License-Identifier: Apache-2.0
#include "record/context.h"

#include "record/harness.h"
#include "record/payload.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class ContextTest : public testing::Test {
 protected:
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids{clock, random};
  redact::KeyedDigest digest{as_bytes("key")};
  Context context{Harness::default_options(), uuids, digest};
  mcp::Moment now = mcp::moment_of(clock);
};

TEST_F(ContextTest, EventsFollowTheirResult) {
  const auto& entry = catalog_entry("mcp-ping");
  const event::Event fine = context.event(entry, event::EventResult::success, now);
  EXPECT_EQ(fine.severity, event::Severity::debug);
  EXPECT_EQ(fine.status, event::Status::succeeded);
  EXPECT_EQ(fine.event_name, "mcp-ping");
  EXPECT_EQ(fine.instance, "instance-1");
  EXPECT_EQ(fine.source, "wrap");
  const event::Event denied = context.event(entry, event::EventResult::denied, now);
  EXPECT_EQ(denied.severity, event::Severity::warning);
  EXPECT_EQ(denied.status, event::Status::failed);
  EXPECT_NE(fine.event_id, denied.event_id);
}

TEST_F(ContextTest, SessionsAreNotPretended) {
  event::Event e;
  context.set_actor(e, mcp::Direction::c2s, true);
  EXPECT_FALSE(e.session_id);
  context.set_actor(e, mcp::Direction::c2s, false);
  EXPECT_EQ(e.session_id, "hmac:k:session");
}

TEST_F(ContextTest, TheHeading) {
  context.set_server({"srv", "1"});
  context.set_client({"cli", ""});
  Members members;
  context.write_heading(members, {.direction = mcp::Direction::s2c,
                                  .method = "a",
                                  .id = "\"x\"",
                                  .version = "2025-06-18",
                                  .client = context.client_json()});
  EXPECT_EQ(members.object(),
            R"({"transport":"stdio","direction":"s2c","method":"a","jsonrpc_id":"x",)"
            R"("protocol_version":"2025-06-18","server":{"name":"srv","version":"1"},)"
            R"("client":{"name":"cli"}})");
  EXPECT_EQ(context.server_name(), "srv");
  EXPECT_EQ(context.client_name(), "cli");
}

TEST_F(ContextTest, RedactionsAreBounded) {
  event::Event e;
  std::vector<event::Redaction> many(500, {"p", "r", "mask"});
  finish(e, Members(), many);
  EXPECT_EQ(e.details, "{}");
  EXPECT_EQ(e.redactions.size(), kRedactionsMax);
  EXPECT_EQ(e.redactions.back().action, "437 more");
}

}  // namespace
}  // namespace tally::record
