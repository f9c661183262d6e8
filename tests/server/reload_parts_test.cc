// SPDX-License-Identifier: Apache-2.0
// What SIGHUP changes in a service that runs, and what it leaves alone.
#include "server/reload_parts.h"

#include "event/samples.h"
#include "identity/jwt_keys.h"
#include "server/recorder_settings.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

class ReloadPartsTest : public ::testing::Test {
 protected:
  ReloadPartsTest() { config_.listen = {"127.0.0.1", 0}; }
  void open() {
    server_ = *proxy::Server::open(loop_, config_, system_clock());
    api_ = *Api::open(config_, system_clock());
    reload_.emplace(
        Reload::Parts{[this]() -> Result<config::Loaded> {
                        config::Loaded out;
                        out.config = next_;
                        out.values = values_;
                        return out;
                      },
                      {},
                      [this](event::Event event) { events_made_.push_back(std::move(event)); },
                      events_});
    add_reload_parts(*reload_, loop_, *server_, *api_, config_, checks_, digest_);
    next_ = config_;
  }

  UuidSource uuids_{system_clock(), system_random()};
  SelfEvents events_{system_clock(), uuids_, "i", "serve", "origin"};
  config::ServeConfig config_, next_;
  std::vector<config::Effective> values_;
  TokenChecks checks_{storage::posix_file_system()};
  redact::KeyedDigest digest_{as_bytes("0123456789abcdef0123456789abcdef")};
  net::Loop loop_;
  std::unique_ptr<proxy::Server> server_;
  std::unique_ptr<Api> api_;
  std::vector<event::Event> events_made_;
  std::optional<Reload> reload_;
};

TEST_F(ReloadPartsTest, WithoutTlsThereIsNothingToRead) {
  open();
  EXPECT_TRUE(reload_->run());
  ASSERT_EQ(events_made_.size(), 1U);
  EXPECT_EQ(events_made_[0].event_result, event::EventResult::success);
}

TEST_F(ReloadPartsTest, TlsIsNotSwitchedOnByTheWay) {
  open();
  next_.api_tls = {"cert.pem", "key.pem"};
  EXPECT_FALSE(reload_->run());
  EXPECT_EQ(*events_made_.at(0).error_message,
            "api.certificate: TLS is switched on or off only by a restart");
}

TEST_F(ReloadPartsTest, AnAuthorityThatCannotBeReadIsNamed) {
  config::ProxyConfig proxy;
  proxy.name = "files";
  proxy.listen = {"127.0.0.1", 0};
  proxy.upstream = *HttpUrl::parse("https://127.0.0.1:9");
  config_.proxies.push_back(proxy);
  open();
  next_.proxies[0].upstream_tls.ca_file = "/nowhere/ca.pem";
  EXPECT_FALSE(reload_->run());
  EXPECT_NE(events_made_.at(0).error_message->find("proxy files"), std::string::npos)
      << *events_made_[0].error_message;
  next_.proxies[0].upstream_tls.ca_file.clear();
  EXPECT_TRUE(reload_->run());
}

config::ProxyConfig proxy_to_nowhere() {
  config::ProxyConfig proxy;
  proxy.name = "files";
  proxy.listen = {"127.0.0.1", 0};
  proxy.upstream = *HttpUrl::parse("http://127.0.0.1:9");
  return proxy;
}

TEST_F(ReloadPartsTest, KeysThatStayNeedNotBeThere) {
  config_.proxies.push_back(proxy_to_nowhere());
  config_.proxies.push_back(proxy_to_nowhere());
  config_.proxies[0].jwt.jwks_url = "http://127.0.0.1:1/jwks";
  open();
  const auto in_force = *checks_.make(config_.proxies[0].jwt);
  EXPECT_TRUE(reload_->run()) << "their issuer is not here, and nothing is about it";
  next_.proxies[1].jwt = config_.proxies[0].jwt;
  EXPECT_FALSE(reload_->run()) << "they would replace others";
  EXPECT_NE(events_made_.back().error_message->find("proxy files: jwt: "), std::string::npos);
}

TEST_F(ReloadPartsTest, WhoAndWhatArePutIntoForceTogether) {
  config_.proxies.push_back(proxy_to_nowhere());
  config_.log.enabled = false;
  open();
  capture::AuditLog log;
  ASSERT_TRUE(server_->start(log, [&](const config::ProxyConfig& proxy) {
    record::HttpRecorderOptions options;
    auto who = make_identifier(proxy, checks_, digest_);
    return Result<std::unique_ptr<record::HttpRecorder>>(std::make_unique<record::HttpRecorder>(
        std::move(options), std::move(*who), uuids_, digest_));
  }));
  storage::TemporaryDirectory folder;
  next_.proxies[0].jwt.secret_file = folder / "secret";
  next_.proxies[0].paths = {{.path = "/x/{id}", .target_type = "tool"}};
  next_.oidc.jwks_file = folder / "jwks";
  for (const char* name :
       {"proxies[0].jwt.secret_file", "proxies[0].jwt.issuers", "proxies[0].paths",
        "proxies[0].mcp_paths", "proxies[0].trusted_addresses", "proxies[0].user_headers",
        "oidc.jwks_file", "oidc.admin", "limits.body", "proxies[0].upgrade_paths",
        "proxies[0].oversize", "proxies[0].public_url", "proxies[0].timeouts.client_idle",
        "drain_timeout", "limits.proxy_threads", "write_timeout"}) {
    values_.push_back({name, "the value", "x"});
  }
  EXPECT_FALSE(reload_->run()) << "there is no such key set";
  EXPECT_NE(events_made_.back().error_message->find("oidc: "), std::string::npos);
  auto& fs = storage::posix_file_system();
  const identity::TestKey key = identity::TestKey::p256();
  ASSERT_TRUE(
      storage::replace_file(fs, next_.oidc.jwks_file, identity::key_set_json({key.jwk("k")})));
  EXPECT_FALSE(reload_->run()) << "there is no such secret";
  EXPECT_NE(events_made_.back().error_message->find("proxy files: jwt: "), std::string::npos)
      << *events_made_.back().error_message;
  ASSERT_TRUE(storage::replace_file(fs, next_.proxies[0].jwt.secret_file,
                                    "of the wrong length, and not to be told"));
  EXPECT_TRUE(reload_->run());
  const event::Event& told = events_made_.back();
  const std::size_t rest = told.details.find("\"needs_restart\":");
  ASSERT_NE(rest, std::string::npos);
  const std::string changed = told.details.substr(0, rest);
  const std::string others = told.details.substr(rest, told.details.find("\"]", rest) + 1 - rest);
  for (const char* name : {"jwt.secret_file", "jwt.issuers", "paths", "mcp_paths",
                           "trusted_addresses", "user_headers"}) {
    EXPECT_NE(changed.find("\"proxies[0]." + std::string(name) + '"'), std::string::npos) << name;
  }
  EXPECT_NE(changed.find("\"oidc.admin\""), std::string::npos);
  for (const char* name :
       {"limits.body", "proxies[0].upgrade_paths", "proxies[0].oversize", "proxies[0].public_url",
        "proxies[0].timeouts.client_idle", "drain_timeout"}) {
    EXPECT_NE(changed.find('"' + std::string(name) + '"'), std::string::npos) << name;
  }
  EXPECT_EQ(others, R"("needs_restart":["limits.proxy_threads","write_timeout")");
  EXPECT_EQ(told.details.find("not to be told"), std::string::npos);
  loop_.post([this] { loop_.stop(); });
  loop_.run();  // the commit is on it
  server_->finish();
}

}  // namespace
}  // namespace tally::server
