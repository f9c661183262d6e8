// SPDX-License-Identifier: Apache-2.0
#include "record/context.h"

#include "mcp/methods.h"
#include "record/harness.h"
#include "record/payload.h"

#include <gtest/gtest.h>

#include <map>

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

/// Who may send a method in which versions, as either table says.
struct Senders {
  mcp::VersionSet c2s = 0;
  mcp::VersionSet s2c = 0;
  bool request = false;
  bool task_extension = false;
  friend bool operator==(const Senders&, const Senders&) = default;
};

Senders senders_of(const event::CatalogMethod& method) {
  constexpr std::pair<std::uint8_t, mcp::Version> kVersions[] = {
      {event::kMcp20241105, mcp::Version::v2024_11_05},
      {event::kMcp20250326, mcp::Version::v2025_03_26},
      {event::kMcp20250618, mcp::Version::v2025_06_18},
      {event::kMcp20251125, mcp::Version::v2025_11_25},
      {event::kMcp20260728, mcp::Version::v2026_07_28},
      {event::kTasksExtension, mcp::Version::v2026_07_28}};
  mcp::VersionSet versions = 0;
  for (const auto& [bit, version] : kVersions) {
    if ((method.versions & bit) != 0) versions |= mcp::version_bit(version);
  }
  return {method.client_to_server ? versions : mcp::VersionSet{0},
          method.server_to_client ? versions : mcp::VersionSet{0},
          method.kind == event::MessageKind::request,
          (method.versions & event::kTasksExtension) != 0};
}

TEST(Tables, CatalogueAndProtocolAgreeOnWhoSendsWhatInWhichVersion) {
  std::map<std::string_view, Senders> catalogue;
  for (const event::CatalogEntry& entry : event::catalog()) {
    for (const event::CatalogMethod& method : entry.methods) {
      const Senders more = senders_of(method);
      Senders& all = catalogue[method.method];
      all = {static_cast<mcp::VersionSet>(all.c2s | more.c2s),
             static_cast<mcp::VersionSet>(all.s2c | more.s2c), more.request,
             all.task_extension || more.task_extension};
    }
  }
  EXPECT_EQ(catalogue.size(), mcp::methods().size());
  for (const mcp::Method& method : mcp::methods()) {
    const Senders protocol{method.c2s, method.s2c, method.kind == mcp::MethodKind::request,
                           method.task_extension};
    EXPECT_EQ(catalogue[method.name], protocol) << method.name;
  }
}

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
  Members none;
  finish(e, none, many);
  EXPECT_EQ(e.details, "{}");
  EXPECT_EQ(e.redactions.size(), kRedactionsMax);
  EXPECT_EQ(e.redactions.back().action, "437 more");
}

}  // namespace
}  // namespace tally::record
