// SPDX-License-Identifier: Apache-2.0
// A whole proxy on a thread of its own, its log on a simulated disk, upstreams that do what a test
// says.
#pragma once

#include "capture/log_fixture.h"
#include "config/serve_config.h"
#include "proxy/server.h"
#include "proxy/wire.h"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace tally::proxy::test {

class ProxyFixture : public capture::test::LogFixture {
 protected:
  ProxyFixture();
  ~ProxyFixture() override;

  /// What each connection to the upstream does. Change `config_` before, never after.
  void start(Upstream::Serve serve);
  /// Puts settings into force as SIGHUP does.
  void reload(const config::ServeConfig& next);
  /// A client connection to the proxy.
  Wire client() const { return Wire::to(port_); }
  /// Lets the proxy end as SIGTERM does, and gives every event of the log.
  std::vector<event::Event> stop();
  /// Runs `work` on the proxy's thread and waits for it.
  void on_loop(const std::function<void()>& work);
  Server& server() { return *server_; }
  /// Client connections that the proxy has, asked until there are so many.
  void wait_connections(std::size_t count);

  /// As long as it lives nothing can be committed: calls are held for their record.
  std::unique_ptr<storage::File> hold_log();

  /// A tools/call of this id.
  static std::string call(int id, std::string_view arguments = "{}");
  static std::string result(int id);
  /// Answers every request with result(n) of its JSON-RPC id 1, until the connection ends.
  static void answer_all(Wire& wire, int number);

  config::ServeConfig config_;
  std::unique_ptr<Upstream> upstream_;
  std::uint16_t port_ = 0;

 private:
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool stopped_ = false;
};

/// The events of one name, in order.
std::vector<event::Event> named(const std::vector<event::Event>& events, std::string_view name);
/// One line for each event, for failure messages.
std::string listed(const std::vector<event::Event>& events);

}  // namespace tally::proxy::test
