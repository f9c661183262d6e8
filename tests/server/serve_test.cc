// SPDX-License-Identifier: Apache-2.0
// A whole process of `serve`, but for the process: log on disk, signal, second start.
#include "server/serve.h"

#include "log/reader.h"
#include "proxy/wire.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <unistd.h>

namespace tally::server {
namespace {

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
    EXPECT_TRUE(wire.send(proxy::test::get("/x")));
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
};

TEST_F(ServeTest, RecordsInOneLogOverSeveralLives) {
  live();
  const std::uint64_t token = 1, start_and_stop = 2;
  EXPECT_EQ(entries(), 1 + start_and_stop + token);
  live();
  EXPECT_EQ(entries(), 2 * (1 + start_and_stop) + token);
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
