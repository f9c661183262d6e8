// SPDX-License-Identifier: Apache-2.0
// One loop's part of the proxies: its connections, a gateway to each upstream, its journal.
#pragma once

#include "base/clock.h"
#include "proxy/gateway.h"
#include "proxy/session.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace tally::proxy {

/// Belongs to its loop's thread, but for what says otherwise, and to whoever makes it before the
/// loop runs and after that.
class Worker {
 public:
  using Ended = std::function<void()>;

  /// Works on `given`, which must outlive it and runs elsewhere; null: on a loop and a thread of
  /// its own. `ended` is called on the loop's thread when a connection is gone.
  Worker(std::size_t number, net::Loop* given, Ended ended);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Before the loop runs.
  void use(Backlog& backlog);
  /// To the next upstream; after use().
  void add_gateway(std::unique_ptr<Gateway> gateway) { gateways_.push_back(std::move(gateway)); }
  /// Runs the loop, if it is its own.
  void start();
  /// Ends a loop of its own. Not on its thread.
  void stop();

  /// A new client connection to that upstream; takes the descriptor. From any thread.
  void give(std::size_t upstream, int descriptor, std::string peer);
  /// The same on the loop's thread.
  void accept(std::size_t upstream, int descriptor, std::string peer);
  /// Connections that it was given and that have not ended. From any thread.
  [[nodiscard]] std::size_t load() const { return load_.load(std::memory_order_relaxed); }

  /// No new requests; `done` is called, on the loop's thread, once no connection is left.
  void drain(std::function<void()> done);
  /// Ends what is under way now.
  void cut();

  /// Asks the loop for a sign of life. From one thread, any.
  void ping();
  /// Whether it gave the last sign that it was asked for. On the thread of ping().
  [[nodiscard]] bool answered() const { return pings_ == pongs_.load(std::memory_order_relaxed); }

  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] net::Loop& loop() { return loop_; }
  [[nodiscard]] Graveyard& graveyard() { return graveyard_; }
  [[nodiscard]] Journal& journal() { return *journal_; }
  [[nodiscard]] Gateway& gateway(std::size_t upstream) { return *gateways_[upstream]; }

 private:
  void session_ended(Session& session);
  void check_drained();

  const std::size_t number_;
  std::unique_ptr<net::Loop> own_;  // null: another's
  net::Loop& loop_;
  Ended ended_;
  Graveyard graveyard_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::atomic<std::size_t> load_{0};
  std::function<void()> drained_;
  bool draining_ = false;
  std::uint64_t pings_ = 0;
  std::atomic<std::uint64_t> pongs_{0};
  std::thread thread_;
};

}  // namespace tally::proxy
