// SPDX-License-Identifier: Apache-2.0
// A whole process of `serve`, but for the process: log on disk, signal, second start.
#include "server/serve.h"

#include "identity/jwt_keys.h"
#include "log/reader.h"
#include "proxy/wire.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <unistd.h>

namespace tally::server {
namespace {

using ::testing::HasSubstr;

class ServeTest : public ::testing::Test {
 protected:
  ServeTest()
      : upstream_([](proxy::test::Wire& wire, int) {
          while (wire.receive().complete) wire.send(proxy::test::response("hello"));
        }) {
    options_.config.log.directory = home_ / "log";
    options_.config.listen = {"127.0.0.1", 0};
    config::ProxyConfig proxy;
    proxy.name = "files";
    proxy.listen = {"127.0.0.1", 0};
    proxy.upstream.host = "127.0.0.1";
    proxy.upstream.port = upstream_.port();
    options_.config.proxies.push_back(std::move(proxy));
    options_.environment = [this](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>(home_.path()) : std::nullopt;
    };
  }

  /// One life: starts, asks once, SIGTERM.
  void live() {
    std::promise<std::uint16_t> port;
    options_.ready = [&](const std::vector<proxy::Listening>& places) {
      EXPECT_EQ(places.size(), 2U);
      EXPECT_EQ(places.front().name, "files");
      EXPECT_EQ(places.back().name, "");
      const std::string& url = places.front().url;
      port.set_value(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    };
    Result<void> served;
    std::thread thread([&] { served = run_serve(options_); });
    proxy::test::Wire wire = proxy::test::Wire::to(port.get_future().get());
    EXPECT_TRUE(wire.send(proxy::test::get("/x", fields_)));
    EXPECT_EQ(wire.receive().body, "hello");
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(wire.read_all(), "");
    thread.join();
    EXPECT_TRUE(served) << served.error().detail;
  }

  std::uint64_t entries() {
    auto reader = log::Reader::open(storage::posix_file_system(), options_.config.log.directory);
    return reader->head()->size.value();
  }

  storage::TemporaryDirectory home_;
  proxy::test::Upstream upstream_;
  ServeOptions options_;
  std::string fields_;  ///< of the request
};

TEST_F(ServeTest, RecordsInOneLogOverSeveralLives) {
  live();
  const std::uint64_t token = 1, start_and_stop = 2;
  EXPECT_EQ(entries(), 1 + start_and_stop + token);
  live();
  EXPECT_EQ(entries(), 2 * (1 + start_and_stop) + token);
}

TEST_F(ServeTest, TokensOfProxiedRequestsAreChecked) {
  const identity::TestKey key = identity::TestKey::p256();
  const std::string file = home_ / "issuer.jwks";
  std::ofstream(file) << identity::key_set_json({key.jwk("k")});
  options_.config.proxies[0].jwt.jwks_file = file;
  options_.config.proxies[0].jwt.issuers = {"https://id.example"};
  const auto recorded = [&](const char* claims) {
    fields_ = "Authorization: Bearer " + key.token("ES256", "k", claims) + "\r\n";
    live();
    auto reader = log::Reader::open(storage::posix_file_system(), options_.config.log.directory);
    EXPECT_TRUE(reader);
    std::string last;
    EXPECT_TRUE(reader->scan(*reader->head(), LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      if (line.find("\"source\":\"proxy\"") != std::string_view::npos) last = line;
      return true;
    }));
    return last;
  };
  EXPECT_THAT(recorded(R"({"iss":"https://id.example","sub":"jane"})"),
              HasSubstr(R"("actor_id":"jane","actor_type":"user","actor_verified":true)"));
  const std::string other = recorded(R"({"iss":"https://id.other","sub":"jane"})");
  EXPECT_THAT(other, HasSubstr(R"("actor_id":"jane","actor_type":"user","actor_verified":false)"));
  EXPECT_THAT(other, HasSubstr(R"("reason":"wrong issuer")"));
}

TEST_F(ServeTest, AKeySetThatCannotBeReadIsToldAtStart) {
  options_.config.proxies[0].jwt.jwks_file = home_ / "none.jwks";
  const auto served = run_serve(options_);
  ASSERT_FALSE(served);
  EXPECT_THAT(served.error().detail, HasSubstr("none.jwks"));
}

TEST_F(ServeTest, SwitchedOffItRelaysAndSaysSoInTheLog) {
  options_.config.log.enabled = false;
  live();
  EXPECT_EQ(entries(), 1U);
}

TEST_F(ServeTest, WithoutALogNothingIsServed) {
  options_.config.log.directory = "/proc/no-such-place/log";
  EXPECT_FALSE(run_serve(options_));
}

}  // namespace
}  // namespace tally::server
