// SPDX-License-Identifier: Apache-2.0
#include "server/reload.h"

#include "event/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>

namespace tally::server {
namespace {

config::Loaded settings(const std::vector<std::pair<std::string, std::string>>& values) {
  config::Loaded out;
  for (const auto& [key, value] : values) out.values.push_back({key, value, "file"});
  return out;
}

class ReloadTest : public ::testing::Test {
 protected:
  Reload& make(config::Loaded start) {
    reload_ = std::make_unique<Reload>(Reload::Parts{[this] { return load(); },
                                                     config::settings_facts(start),
                                                     [this](event::Event event) {
                                                       const std::lock_guard lock(mutex_);
                                                       recorded_.push_back(std::move(event));
                                                       came_.notify_all();
                                                     },
                                                     events_});
    return *reload_;
  }
  Result<config::Loaded> load() {
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty()) return fail(Errc::invalid_argument, trouble_);
    return next_;
  }
  Reload::Prepare counting(const std::string& name) {
    return [this, name](const config::ServeConfig&) -> Result<Reload::Commit> {
      if (refuses_ == name) return fail(Errc::not_found, name + ": no such file");
      return Reload::Commit([this, name] { committed_ += name; });
    };
  }

  event::FixedClock clock_;
  event::SeededRandom random_;
  UuidSource uuids_{clock_, random_};
  SelfEvents events_{clock_, uuids_, "i", "serve", "origin"};
  std::mutex mutex_;
  std::condition_variable came_;
  config::Loaded next_;
  std::string trouble_;
  std::string refuses_;
  std::string committed_;
  std::vector<event::Event> recorded_;
  std::unique_ptr<Reload> reload_;
};

TEST_F(ReloadTest, WhatCanChangeDoesAndTheRestIsNamed) {
  Reload& reload =
      make(settings({{"policy_file", "a"}, {"listen", "x"}, {"proxies[0].tls.key", "k"}}));
  reload.add({"policy_file"}, counting("a"));
  reload.add({"proxies[].tls.key"}, counting("b"));
  next_ = settings({{"policy_file", "b"}, {"listen", "y"}, {"proxies[0].tls.key", "l"}});
  EXPECT_TRUE(reload.run());
  EXPECT_EQ(committed_, "ab");
  ASSERT_EQ(recorded_.size(), 1U);
  EXPECT_EQ(recorded_[0].event_name, "audit-settings-changed");
  EXPECT_NE(
      recorded_[0].details.find(
          R"("reason":"reload","changed":["policy_file","proxies[0].tls.key"],"needs_restart":["listen"])"),
      std::string::npos)
      << recorded_[0].details;
  EXPECT_NE(recorded_[0].old_values, recorded_[0].new_values);
  // Again: only what is not in force differs, and it is named again.
  EXPECT_TRUE(reload.run());
  EXPECT_NE(recorded_[1].details.find(R"("changed":[],"needs_restart":["listen"])"),
            std::string::npos);
  EXPECT_EQ(recorded_[1].old_values, recorded_[1].new_values);
}

TEST_F(ReloadTest, AProxyInAnothersPlaceIsNotTheSame) {
  Reload& reload = make(settings({{"proxies[0].listen", "a"}, {"proxies[0].tls.key", "k"}}));
  reload.add({"proxies[].tls.key"}, counting("a"));
  next_ = settings({{"proxies[0].listen", "b"}, {"proxies[0].tls.key", "l"}});
  EXPECT_TRUE(reload.run());
  EXPECT_NE(recorded_[0].details.find(R"("changed":[])"), std::string::npos)
      << recorded_[0].details;
}

TEST_F(ReloadTest, AListOfRevokedCertificatesGoesWithItsAuthorities) {
  Reload& reload = make(settings({{"proxies[0].tls.client_ca", "a"},
                                  {"proxies[0].tls.client_crl", "a"},
                                  {"proxies[1].tls.client_ca", "a"},
                                  {"proxies[1].tls.client_crl", "a"}}));
  reload.add({"proxies[].tls.client_crl"}, counting("a"));
  next_ = settings({{"proxies[0].tls.client_ca", "b"},
                    {"proxies[0].tls.client_crl", "b"},
                    {"proxies[1].tls.client_ca", "a"},
                    {"proxies[1].tls.client_crl", "b"}});
  EXPECT_TRUE(reload.run());
  EXPECT_NE(
      recorded_[0].details.find(R"("changed":["proxies[1].tls.client_crl"],"needs_restart":)"
                                R"(["proxies[0].tls.client_ca","proxies[0].tls.client_crl"])"),
      std::string::npos)
      << recorded_[0].details;
  // Both are gone: what was in force stays.
  next_ = settings({{"proxies[1].tls.client_ca", "a"}, {"proxies[1].tls.client_crl", "b"}});
  EXPECT_TRUE(reload.run());
  EXPECT_NE(
      recorded_[1].details.find(R"("changed":[],"needs_restart":)"
                                R"(["proxies[0].tls.client_ca","proxies[0].tls.client_crl"])"),
      std::string::npos)
      << recorded_[1].details;
}

TEST_F(ReloadTest, ABadFileChangesNothingAndSaysWhy) {
  Reload& reload = make(settings({{"policy_file", "a"}}));
  reload.add({"policy_file"}, counting("a"));
  reload.add({"api.key"}, counting("b"));
  trouble_ = "FILE:1:2: policy_file: no such rule, password=hunter2";
  EXPECT_FALSE(reload.run());
  trouble_.clear();
  refuses_ = "b";  // the second part, after the first one was prepared
  next_ = settings({{"policy_file", "b"}});
  EXPECT_FALSE(reload.run());
  EXPECT_EQ(committed_, "");
  ASSERT_EQ(recorded_.size(), 2U);
  EXPECT_EQ(recorded_[0].event_result, event::EventResult::failure);
  EXPECT_EQ(recorded_[0].error_message->find("hunter2"), std::string::npos)
      << *recorded_[0].error_message;
  EXPECT_EQ(*recorded_[1].error_message, "b: no such file");
  refuses_.clear();
  EXPECT_TRUE(reload.run());
  EXPECT_EQ(committed_, "ab");
}

TEST_F(ReloadTest, RequestsRunBesideAndEndBeforeIt) {
  Reload& reload = make(settings({}));
  reload.add({}, counting("a"));
  for (int i = 0; i < 20; ++i) reload.request();
  {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return !recorded_.empty(); });
  }
  reload_.reset();
  EXPECT_GE(recorded_.size(), 1U);
  EXPECT_LE(recorded_.size(), 20U);
  const auto done =
      std::ranges::count(recorded_, event::EventResult::success, &event::Event::event_result);
  EXPECT_EQ(committed_.size(), static_cast<std::size_t>(done));
}

TEST_F(ReloadTest, TheEndWaitsForNoKeys) {
  Reload& reload = make(settings({}));
  std::mutex mutex;
  std::condition_variable_any changed;
  bool waits = false;
  reload.add({},
             [&, stop = reload.stopping()](const config::ServeConfig&) -> Result<Reload::Commit> {
               std::unique_lock lock(mutex);
               waits = true;
               changed.notify_all();
               changed.wait(lock, stop, [] { return false; });  // an issuer that never answers
               return Reload::Commit([this] { committed_ += "late"; });
             });
  reload.request();
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waits; });
  }
  reload_.reset();
  EXPECT_EQ(committed_, "");
  ASSERT_EQ(recorded_.size(), 1U);
  EXPECT_EQ(recorded_[0].event_result, event::EventResult::failure);
  EXPECT_EQ(*recorded_[0].error_message, "the service stops");
}

}  // namespace
}  // namespace tally::server
