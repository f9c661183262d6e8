// SPDX-License-Identifier: Apache-2.0
// What SIGHUP changes in a service that runs, and what it leaves alone.
#include "server/reload_parts.h"

#include "event/samples.h"
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
                        return out;
                      },
                      {},
                      [this](event::Event event) { events_made_.push_back(std::move(event)); },
                      events_});
    add_reload_parts(*reload_, loop_, *server_, *api_, config_);
    next_ = config_;
  }

  UuidSource uuids_{system_clock(), system_random()};
  SelfEvents events_{system_clock(), uuids_, "i", "serve", "origin"};
  config::ServeConfig config_, next_;
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

}  // namespace
}  // namespace tally::server
