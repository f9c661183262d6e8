// SPDX-License-Identifier: Apache-2.0
#include "server/key_watch.h"

#include "base/limits.h"
#include "identity/jwt_keys.h"
#include "proxy/wire.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>

namespace tally::server {
namespace {

using identity::TestKey;
using std::chrono::hours;
using std::chrono::milliseconds;

std::string set_of(const char* id) { return identity::key_set_json({TestKey::p256().jwk(id)}); }

/// An issuer whose answers are given one by one; each is waited for.
class Issuer {
 public:
  KeyWatch::Load load() {
    return [this](const std::stop_token& stop) {
      std::unique_lock lock(mutex_);
      ++asked_;
      changed_.notify_all();
      changed_.wait(lock, stop, [this] { return answer_.has_value(); });
      if (!answer_) return Result<std::string>(fail(Errc::io, "stopped"));
      Result<std::string> out = std::move(*answer_);
      answer_.reset();
      ++answered_;
      changed_.notify_all();
      return out;
    };
  }
  void answer(Result<std::string> answer) {
    std::unique_lock lock(mutex_);
    answer_ = std::move(answer);
    changed_.notify_all();
    const int before = answered_;
    changed_.wait(lock, [&] { return answered_ > before; });
  }
  void wait_asked(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= times; });
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Result<std::string>> answer_;
  int asked_ = 0;
  int answered_ = 0;
};

/// An issuer that answers by path.
class Site {
 public:
  explicit Site(std::function<std::string(const std::string& origin, const std::string& path)> say)
      : say_(std::move(say)), upstream_([this](proxy::test::Wire& wire, int) {
          const std::string start = wire.receive().first_line();
          const std::size_t path = start.find(' ') + 1;
          const std::string body = say_(origin(), start.substr(path, start.find(' ', path) - path));
          wire.send(proxy::test::response(body, "Connection: close\r\n",
                                          body.empty() ? "404 Not Found" : "200 OK"));
        }) {}
  [[nodiscard]] std::string origin() const {
    return "http://127.0.0.1:" + std::to_string(upstream_.port());
  }

 private:
  std::function<std::string(const std::string&, const std::string&)> say_;
  proxy::test::Upstream upstream_;
};

TEST(KeyWatch, FindsTheKeysOfAnIssuerByItself) {
  const std::string set = set_of("a");
  const Site site([&](const std::string& origin, const std::string& path) -> std::string {
    const auto said = [&](const std::string& issuer, const std::string& keys) {
      return R"({"issuer":")" + issuer + R"(","jwks_uri":")" + keys + "\"}";
    };
    if (path == "/good/.well-known/openid-configuration") {
      return said(origin + "/good", origin + "/keys");
    }
    if (path == "/other/.well-known/openid-configuration") {
      return said(origin + "/good", origin + "/keys");
    }
    if (path == "/plain/.well-known/openid-configuration") {
      return said(origin + "/plain", "http://192.0.2.1/keys");
    }
    if (path == "/long/.well-known/openid-configuration") {
      return said(origin + "/long", std::string(kDiscoveryBytesMax, 'x'));
    }
    return path == "/keys" ? set : std::string();
  });
  storage::SimulatedFileSystem fs;
  const auto opened = [&](const std::string& path) {
    config::JwtConfig jwt;
    jwt.issuers = {site.origin() + path};
    EXPECT_TRUE(jwt.discovers());
    return KeyWatch::open(fs, jwt, true);
  };
  const auto good = opened("/good");
  ASSERT_TRUE(good) << good.error().detail;
  EXPECT_EQ((*good)->source()->keys()->keys().at(0).id, "a");
  EXPECT_NE(opened("/other").error().detail.find("another issuer"), std::string::npos);
  EXPECT_NE(opened("/plain").error().detail.find("plain http"), std::string::npos);
  EXPECT_NE(opened("/long").error().detail.find("longer than"), std::string::npos);
  EXPECT_NE(opened("/none").error().detail.find("status 404"), std::string::npos);
}

TEST(KeyWatch, KeepsWhatItHasWhenTheIssuerFails) {
  Issuer issuer;
  KeyWatch watch("issuer", issuer.load(), {milliseconds(1), milliseconds(1)});
  const auto source = watch.source();
  watch.start();
  issuer.answer(fail(Errc::io, "unreachable"));
  issuer.wait_asked(2);
  EXPECT_EQ(source->keys(), nullptr);
  issuer.answer(set_of("a"));
  issuer.wait_asked(3);
  ASSERT_NE(source->keys(), nullptr);
  const auto first = source->keys();
  EXPECT_EQ(source->generation(), 1U);
  int asked = 3;
  for (const auto& bad : {Result<std::string>(fail(Errc::timeout, "slow")),
                          Result<std::string>("<html>"), Result<std::string>("{\"keys\":[]}"),
                          Result<std::string>(std::string(kKeySetBytesMax + 1, ' '))}) {
    issuer.answer(bad);
    issuer.wait_asked(++asked);
    EXPECT_EQ(source->keys(), first);
  }
  EXPECT_EQ(source->generation(), 1U);
  issuer.answer(set_of("b"));
  issuer.wait_asked(++asked);
  EXPECT_EQ(source->keys()->keys().at(0).id, "b");
  EXPECT_EQ(source->generation(), 2U);
}

TEST(KeyWatch, TheSameTextIsNoChange) {
  Issuer issuer;
  const std::string set = set_of("a");
  KeyWatch watch("issuer", issuer.load(), {milliseconds(1), milliseconds(1)});
  const auto source = watch.source();  // else nobody would need it
  watch.start();
  issuer.answer(set);
  issuer.answer(set);
  issuer.wait_asked(3);
  EXPECT_EQ(source->generation(), 1U);
}

TEST(KeyWatch, AskingFetchesAgainAndStoppingEndsAllWaits) {
  Issuer issuer;
  {
    KeyWatch watch("issuer", issuer.load(), {milliseconds(1), hours(1)});
    const auto source = watch.source();  // else nobody would need it
    watch.start();
    issuer.answer(set_of("a"));
    source->ask();
    issuer.wait_asked(2);  // an hour early
  }                        // while it fetches
  {
    KeyWatch watch("issuer", issuer.load(), {hours(1), hours(1)});
    const auto source = watch.source();  // else nobody would need it
    watch.start();
    issuer.answer(set_of("a"));
    for (int i = 0; i < 100; ++i) source->ask();
  }  // while it rests
  EXPECT_EQ(issuer.asked(), 3) << "within refresh_min nothing is fetched, whoever asks";
}

TEST(KeyWatch, AFileIsReadAtOnce) {
  storage::SimulatedFileSystem fs;
  config::JwtConfig jwt;
  jwt.jwks_file = "/issuer.jwks";
  const auto missing = KeyWatch::open(fs, jwt);
  ASSERT_FALSE(missing);
  fs.put("/issuer.jwks", "{}");
  const auto broken = KeyWatch::open(fs, jwt);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().detail.find("/issuer.jwks"), std::string::npos);
  fs.put("/issuer.jwks", set_of("a"));
  const auto watch = KeyWatch::open(fs, jwt);
  ASSERT_TRUE(watch) << watch.error().detail;
  EXPECT_EQ((*watch)->source()->keys()->keys().at(0).id, "a");
}

}  // namespace
}  // namespace tally::server
