// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.h"

#include "base/check.h"

#include <utility>

namespace tally::proxy {

Worker::Worker(std::size_t number, net::Loop* given, Ended ended)
    : number_(number),
      own_(given == nullptr ? std::make_unique<net::Loop>() : nullptr),
      loop_(given == nullptr ? *own_ : *given),
      ended_(std::move(ended)),
      graveyard_(loop_) {}

Worker::~Worker() {
  stop();
  sessions_.clear();  // they refer to the gateways
  graveyard_.empty();
}

void Worker::use(Backlog& backlog) { journal_ = std::make_unique<Journal>(backlog, loop_); }

void Worker::start() {
  if (own_ != nullptr) thread_ = std::thread([this] { loop_.run(); });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

void Worker::give(std::size_t upstream, int descriptor, std::string peer) {
  load_.fetch_add(1, std::memory_order_relaxed);
  loop_.post([this, upstream, descriptor, peer = std::move(peer)]() mutable {
    load_.fetch_sub(1, std::memory_order_relaxed);
    accept(upstream, descriptor, std::move(peer));
  });
}

void Worker::accept(std::size_t upstream, int descriptor, std::string peer) {
  load_.fetch_add(1, std::memory_order_relaxed);
  Gateway& to = gateway(upstream);
  const bool tls = to.client_tls != nullptr;
  auto stream = tls ? net::make_tls_server(loop_, descriptor, *to.client_tls)
                    : net::make_tcp_stream(loop_, descriptor);
  auto session = std::make_unique<Session>(to, std::move(stream), Peer{std::move(peer), tls, {}},
                                           [this](Session& ended) { session_ended(ended); });
  session->place = sessions_.size();
  sessions_.push_back(std::move(session));
}

void Worker::session_ended(Session& session) {
  const std::size_t place = session.place;
  TALLY_CHECK(place < sessions_.size() && sessions_[place].get() == &session);
  graveyard_.bury(std::move(sessions_[place]));
  sessions_[place] = std::move(sessions_.back());
  sessions_.pop_back();
  if (place < sessions_.size()) sessions_[place]->place = place;
  load_.fetch_sub(1, std::memory_order_relaxed);
  ended_();
  check_drained();
}

void Worker::drain(std::function<void()> done) {
  drained_ = std::move(done);
  draining_ = true;
  for (const auto& gateway : gateways_) {
    gateway->draining = true;
    gateway->pool.close_all();
  }
  // Backwards: those that end are replaced by the last one.
  for (std::size_t i = sessions_.size(); i > 0; --i) sessions_[i - 1]->drain();
  check_drained();
}

void Worker::cut() {
  while (!sessions_.empty()) sessions_.back()->cut();
}

void Worker::ping() {
  loop_.post([this, number = ++pings_] { pongs_.store(number, std::memory_order_relaxed); });
}

void Worker::check_drained() {
  if (!draining_ || !sessions_.empty() || !drained_) return;
  loop_.post(std::exchange(drained_, nullptr));
}

}  // namespace tally::proxy
