// SPDX-License-Identifier: Apache-2.0
// The proxies of `tallystick serve`: a listener for each upstream, the loops that share its
// connections, the end.
#pragma once

#include "base/result.h"
#include "capture/definition_desk.h"
#include "config/serve_config.h"
#include "net/listener.h"
#include "proxy/worker.h"

#include <atomic>
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

/// How many loops serve connections under `config`.
[[nodiscard]] std::size_t loops_of(const config::ServeConfig& config);

/// Belongs to its loop's thread, but for what says otherwise. That loop accepts; each connection
/// then stays with the loop that has the fewest, this one or one of those that it runs beside it,
/// on threads of their own. Made in two steps: the addresses are taken first, so that a wrong one
/// is told before there is a log; connections are accepted when the loop runs.
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

  /// Before the loop runs. `log` must not end before finish(). `desk`: where the tools of earlier
  /// runs are looked for, stopped before this ends; null: nowhere.
  [[nodiscard]] Result<void> start(capture::AuditLog& log, const MakeRecorder& make_recorder,
                                   capture::DefinitionDesk* desk = nullptr);
  [[nodiscard]] std::vector<Listening> listening() const;

  /// What puts the settings of one proxy into its recorder.
  using Renewal = std::function<void(record::HttpRecorder&)>;
  /// Reads and checks them. Any thread.
  using Renew = std::function<Result<Renewal>(const config::ProxyConfig& next)>;
  /// Reads what of `next` changes without a restart: the policy, and of proxies that listen and
  /// lead where they did what `renew` makes, and the files of certificates and authorities. Any
  /// thread. The result puts it into force, on the loop's thread. Errors: as TlsContext and
  /// `renew`, naming the proxy.
  [[nodiscard]] Result<std::function<void()>> prepare(const config::ServeConfig& next,
                                                      const Renew& renew);

  /// No new connections or requests; what is under way may end within drain_timeout, then it is
  /// cut. `done` is called on the loop's thread once nothing is left.
  void drain(std::function<void()> done);
  /// While draining: ends what is under way now.
  void cut();
  /// Client connections now. Any thread.
  [[nodiscard]] std::size_t connections() const { return connections_; }
  /// Of records of all loops; after start().
  [[nodiscard]] const JournalCounters& counters() const { return backlog_->counters(); }
  /// Whether every loop gave the sign of life that the last call asked for; asks for the next.
  [[nodiscard]] bool alive();
  /// Ends the other loops, records what is still open and hands over all records. When the loop
  /// does not run: after drain() is done, or before there was any connection. Once is enough.
  void finish();

 private:
  struct Lane;
  struct Ticker;
  Server(net::Loop& loop, const config::ServeConfig& config, const Clock& clock);

  [[nodiscard]] Result<void> open_lane(const config::ProxyConfig& proxy);
  void make_gateways(Lane& lane);
  void use_limits(const config::ServeConfig& next);
  void look_back(Lane& lane, record::DefinitionLookup lookup);
  void accept(std::size_t lane, int descriptor, const net::SocketAddress& peer);
  void connection_ended();
  /// Listens when there is room for another connection, and not when there is none.
  void gate_listeners();
  void worker_drained();
  void tick();
  /// Runs `work` with each worker, on its thread.
  void with_workers(const std::function<void(Worker&)>& work);

  net::Loop& loop_;
  const config::ServeConfig& config_;
  const Clock& clock_;
  BodyBudget budget_;
  std::atomic<std::size_t> connections_max_;
  config::Milliseconds drain_timeout_;
  std::unique_ptr<Activity> activity_;
  std::unique_ptr<Backlog> backlog_;
  capture::DefinitionDesk* desk_ = nullptr;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<Worker>> workers_;  // the first is that of loop_
  std::atomic<std::size_t> connections_{0};
  std::unique_ptr<Ticker> ticker_;
  std::function<void()> drained_;
  std::size_t undrained_ = 0;  // workers
  bool draining_ = false;
  bool finished_ = false;
};

}  // namespace tally::proxy
