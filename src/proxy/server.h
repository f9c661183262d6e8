// SPDX-License-Identifier: Apache-2.0
// The proxies of `tallystick serve`: a listener and a gateway for each upstream, the connections of
// all of them, the end.
#pragma once

#include "base/result.h"
#include "config/serve_config.h"
#include "net/listener.h"
#include "proxy/gateway.h"
#include "proxy/graveyard.h"
#include "proxy/session.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tally::proxy {

/// Where something listens.
struct Listening {
  std::string name;      ///< of the proxy; empty: the API
  std::string url;       ///< http://127.0.0.1:8080
  std::string upstream;  ///< URL; empty: the API
};

/// Belongs to its loop's thread. Made in two steps: the addresses are taken first, so that a wrong
/// one is told before there is a log; connections are accepted when the loop runs.
class Server {
 public:
  /// Makes the recorder of one upstream; called once for each, in order.
  using MakeRecorder =
      std::function<Result<std::unique_ptr<record::HttpRecorder>>(const config::ProxyConfig&)>;

  /// Takes addresses, reads certificates. `config` must outlive it. Errors: as Listener::open() and
  /// TlsContext; they name the setting.
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(net::Loop& loop,
                                                            const config::ServeConfig& config,
                                                            const Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Before the loop runs. `journal` must outlive it.
  [[nodiscard]] Result<void> start(Journal& journal, const MakeRecorder& make_recorder);
  [[nodiscard]] std::vector<Listening> listening() const;

  /// Reads what of `next` changes without a restart: the policy, and the files of certificates and
  /// authorities of proxies that are the same otherwise. Any thread. The result puts it into force,
  /// on the loop's thread. Errors: as TlsContext, naming the proxy.
  [[nodiscard]] Result<std::function<void()>> prepare(const config::ServeConfig& next);

  /// No new connections or requests; what is under way may end within drain_timeout, then it is
  /// cut. `done` is called on the loop's thread once nothing is left.
  void drain(std::function<void()> done);
  /// While draining: ends what is under way now.
  void cut();
  /// Client connections now.
  [[nodiscard]] std::size_t connections() const { return sessions_.size(); }
  /// Records of what is still open. After drain() is done.
  void finish_records();

 private:
  struct Lane;
  struct Ticker;
  Server(net::Loop& loop, const config::ServeConfig& config, const Clock& clock);

  [[nodiscard]] Result<void> open_lane(const config::ProxyConfig& proxy);
  void accept(Lane& lane, int descriptor, const net::SocketAddress& peer);
  void session_ended(Session& session);
  void check_drained();
  void tick();

  net::Loop& loop_;
  const config::ServeConfig& config_;
  const Clock& clock_;
  Graveyard graveyard_;
  BodyBudget budget_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::unique_ptr<Ticker> ticker_;
  std::function<void()> drained_;
  bool draining_ = false;
};

}  // namespace tally::proxy
