// SPDX-License-Identifier: Apache-2.0
// The HTTP service: connections in, requests to handlers, answers back.
#pragma once

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/limits.h"
#include "base/result.h"
#include "http/head.h"
#include "net/listener.h"
#include "net/tls_context.h"
#include "proxy/graveyard.h"
#include "server/gate.h"
#include "server/mailbox.h"
#include "server/request.h"
#include "server/work_pool.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace tally::server {

class Connection;

/// What the service counts, for /metrics. Written by its loop, read by anybody.
struct ServiceCounters {
  std::array<std::atomic<std::uint64_t>, 6> by_status_class{};  ///< [2] = 2xx
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};  ///< 401, 403, 429
  std::atomic<std::uint64_t> busy{0};     ///< 503 because workers or memory were taken
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> streams{0};  ///< answers that are made while they are sent, now
};

/// Belongs to its loop's thread. A request goes: head → route → access → parameters → body →
/// handler; whatever is wrong is answered at the first place that knows it.
class Service {
 public:
  /// Both must outlive it.
  Service(net::Loop& loop, const Clock& clock);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Takes the address; connections are accepted when the loop runs. Errors: as Listener::open().
  [[nodiscard]] Result<void> listen(const Endpoint& where,
                                    std::shared_ptr<const net::TlsContext> tls);
  /// For connections from now on; where none had TLS nothing changes.
  void use_tls(std::shared_ptr<const net::TlsContext> tls) {
    if (tls_) tls_ = std::move(tls);
  }
  [[nodiscard]] std::string url() const;
  struct Limits {
    std::chrono::milliseconds body_wait = kApiBodyWait;
    std::size_t answers_bytes = kApiAnswersBytesMax;
  };
  /// Before the loop runs.
  void set_limits(const Limits& limits) { limits_ = limits; }
  /// Before the loop runs. `handlers`: one for each operation. All must outlive it.
  void start(Gate& gate, WorkPool& workers, std::array<Handler, kOperationCount> handlers);

  /// Threads for streams (BodySource::Lane), before the loop runs; without them all are workers.
  void use_for_streams(WorkPool& live, WorkPool& catch_up) {
    live_ = &live;
    catch_up_ = &catch_up;
  }

  /// No new connections; requests under way may end, streams are told to. `done` is called on the
  /// loop's thread once nothing is left.
  void drain(std::function<void()> done);
  /// Ends what is under way now.
  void cut();

  [[nodiscard]] ServiceCounters& counters() { return counters_; }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  friend class Connection;

  /// What becomes of a request once its head is known.
  struct Plan {
    std::shared_ptr<Request> request;
    std::optional<Answer> refusal;
    bool takes_body = false;
  };
  [[nodiscard]] Plan plan(http::RequestHead& head, const std::string& peer, bool peer_is_here);
  [[nodiscard]] std::optional<Answer> read_parameters(const RouteMatch& match,
                                                      const http::RequestHead& head,
                                                      Request& request);
  /// The body is complete: hands the request to its handler, or gives the answer to send.
  [[nodiscard]] std::optional<Answer> start(std::shared_ptr<Request> request, Reply reply);
  [[nodiscard]] WorkPool& pool(BodySource::Lane lane);
  void deliver(Mailbox::Letter letter);
  void accept(int descriptor, const net::SocketAddress& peer);
  void ended(Connection& connection);
  void check_drained();
  [[nodiscard]] const std::string& date();

  net::Loop& loop_;
  const Clock& clock_;
  Gate* gate_ = nullptr;  // these three from start() on
  WorkPool* workers_ = nullptr;
  WorkPool* live_ = nullptr;
  WorkPool* catch_up_ = nullptr;
  std::array<Handler, kOperationCount> handlers_;
  ServiceCounters counters_;
  proxy::Graveyard graveyard_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<const net::TlsContext> tls_;
  std::unique_ptr<net::Listener> listener_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t last_connection_ = 0;
  Limits limits_;
  std::size_t body_bytes_ = 0;    // held by all connections
  std::size_t answer_bytes_ = 0;  // that wait in all connections
  std::string date_text_;
  std::int64_t date_second_ = 0;
  std::function<void()> drained_;
  bool draining_ = false;
};

}  // namespace tally::server
