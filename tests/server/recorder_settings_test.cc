// SPDX-License-Identifier: Apache-2.0
// Settings of a proxy in a recorder that runs: who sent a request, and what its path is.
#include "server/recorder_settings.h"

#include "base/random.h"
#include "config/load.h"
#include "identity/jwt_keys.h"
#include "record/http_exchange.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tally::server {
namespace {

constexpr std::string_view kHmacSecret = "a secret of at least thirty-two bytes";

class RecorderSettingsTest : public ::testing::Test {
 protected:
  /// The first record of a DELETE of /x/7 with these headers.
  event::Event record_of(const std::string& name, const std::string& value) {
    http::RequestHead head;
    head.method = "DELETE";
    head.target = "/x/7";
    head.fields.add(name, value);
    const mcp::Moment now = mcp::moment_of(system_clock());
    const auto exchange = recorder_.begin(head, false, "192.0.2.1", now);
    const record::Verdict verdict = exchange->on_request(now);
    auto events = verdict.events;
    auto more = exchange->not_forwarded(now);
    events.insert(events.end(), more.begin(), more.end());
    EXPECT_FALSE(events.empty());
    return events.front();
  }
  void use(const config::ProxyConfig& proxy) {
    auto change = prepare_recorder(proxy, checks_, digest_);
    ASSERT_TRUE(change) << change.error().detail;
    (*change)(recorder_);
  }

  storage::SimulatedFileSystem fs_;
  TokenChecks checks_{fs_};
  redact::KeyedDigest digest_{as_bytes("0123456789abcdef0123456789abcdef")};
  UuidSource uuids_{system_clock(), system_random()};
  config::ProxyConfig proxy_;
  record::HttpRecorder recorder_{
      {}, std::move(*identity::Identifier::make({}, digest_)), uuids_, digest_};
};

TEST_F(RecorderSettingsTest, HoldFromTheNextRequestOn) {
  EXPECT_EQ(record_of("X-User", "ann").actor_id, "anonymous");
  proxy_.user_headers = {"X-User"};
  proxy_.trusted_addresses = {*AddressRange::parse("192.0.2.0/24")};
  proxy_.path_defaults = config::PathDefaults::none;
  proxy_.paths = {{.path = "/x/{id}", .target_type = "tool"}};
  use(proxy_);
  const event::Event after = record_of("X-User", "ann");
  EXPECT_EQ(after.actor_id, "ann");
  EXPECT_EQ(after.event_name, "admin-tool-deleted");
  proxy_.trusted_addresses.clear();
  proxy_.paths.clear();
  use(proxy_);
  const event::Event again = record_of("X-User", "ann");
  EXPECT_EQ(again.actor_id, "anonymous");
  EXPECT_EQ(again.event_name, "http-request");
}

TEST_F(RecorderSettingsTest, ASecretThatWasReplacedIsReadAgain) {
  fs_.put("/secret", std::string(kHmacSecret));
  proxy_.jwt.secret_file = "/secret";
  const std::string token =
      "Bearer " + identity::hs256_token(kHmacSecret, R"({"alg":"HS256"})", R"({"sub":"jane"})");
  use(proxy_);
  EXPECT_EQ(record_of("Authorization", token).actor_verified, event::ActorVerified::yes);
  fs_.put("/secret", "another secret of thirty-two bytes and more");
  EXPECT_EQ(record_of("Authorization", token).actor_verified, event::ActorVerified::yes);
  use(proxy_);
  EXPECT_EQ(record_of("Authorization", token).actor_verified, event::ActorVerified::no);
  fs_.put("/secret", "too short");
  EXPECT_FALSE(prepare_recorder(proxy_, checks_, digest_));
  EXPECT_EQ(record_of("Authorization", token).actor_id, "jane") << "nothing changed";
}

/// What it takes is what the settings call so.
TEST_F(RecorderSettingsTest, NamesAreThoseOfSettings) {
  config::Sources sources;
  sources.flags["--log"] = {"/log"};
  sources.flags["--proxy"] = {"a@127.0.0.1:1=http://127.0.0.1:2"};
  sources.environment = [](const std::string&) { return std::optional<std::string>(); };
  sources.check_files = false;
  const auto loaded = config::load_serve_config(fs_, sources);
  ASSERT_TRUE(loaded) << loaded.error().detail;
  for (const std::string& name : recorder_settings()) {
    const std::string key = "proxies[0]" + name.substr(name.find('.'));
    EXPECT_TRUE(std::ranges::any_of(loaded->values, [&](const config::Effective& value) {
      return value.key == key;
    })) << name;
  }
}

}  // namespace
}  // namespace tally::server
