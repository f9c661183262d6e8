// SPDX-License-Identifier: Apache-2.0
#include "proxy/server.h"

#include "base/check.h"
#include "base/limits.h"

#include <algorithm>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace tally::proxy {
namespace {

/// How often recorders look for what grew too old.
constexpr std::chrono::seconds kTick{5};

/// Event streams may be silent for hours, so it is TCP that finds out that a client has vanished.
void keep_alive(int descriptor) {
  const int on = 1;
  const int idle_s = 60;
  const int interval_s = 15;
  const int probes = 4;
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

std::string url_of(const net::Listener& listener, bool tls) {
  return (tls ? "https://" : "http://") + listener.address().text();
}

Result<std::shared_ptr<const net::TlsContext>> tls_towards_clients(
    const config::ProxyConfig& proxy) {
  const config::ClientCertificates& asked = proxy.client_certificates;
  if (asked.ca_file.empty()) {
    return net::TlsContext::server(proxy.tls.certificate, proxy.tls.key);
  }
  return net::TlsContext::server(proxy.tls.certificate, proxy.tls.key, asked.ca_file,
                                 asked.required, asked.crl_file);
}

/// For each loop its own: what counts their users is not shared between threads then.
std::shared_ptr<const Terms> terms_of(config::ProxyConfig proxy, const config::ServeConfig& now) {
  return std::make_shared<const Terms>(Terms{std::move(proxy), now.limits, now.write_timeout});
}

/// `now` with what of `next` changes while connections are there; see server/reload_parts.cc.
config::ProxyConfig changed(config::ProxyConfig now, const config::ProxyConfig& next) {
  now.timeouts = next.timeouts;
  now.forwarded = next.forwarded;
  now.public_url = next.public_url;
  now.upgrade_paths = next.upgrade_paths;
  now.upstream_tls.server_name = next.upstream_tls.server_name;
  return now;
}

}  // namespace

/// One upstream with its listener.
struct Server::Lane {
  Lane(const config::ProxyConfig& proxy, std::size_t places)
      : config(proxy), crl_file(proxy.client_certificates.crl_file), line(places), pools(places) {}
  const config::ProxyConfig& config;
  std::mutex mutex;      ///< guards crl_file: settings are prepared on a thread of their own
  std::string crl_file;  ///< in force
  std::string crl_in_force() {
    const std::lock_guard lock(mutex);
    return crl_file;
  }
  void use_crl(const std::string& file) {
    const std::lock_guard lock(mutex);
    crl_file = file;
  }
  std::shared_ptr<const net::TlsContext> client_tls;
  std::shared_ptr<const net::TlsContext> upstream_tls;
  std::unique_ptr<net::Listener> listener;
  std::unique_ptr<SharedRecorder> recorder;
  UpstreamLine line;
  UpstreamPools pools;
};

/// Two things that time does: ticks of the recorders, and the end of the patience when draining.
struct Server::Ticker final : net::DeadlineHandler {
  Ticker(net::Loop& loop, std::function<void()> on_time)
      : deadline(loop.deadlines(), *this), call(std::move(on_time)) {}
  void on_deadline() override { call(); }
  net::Deadline deadline;
  std::function<void()> call;
};

std::size_t loops_of(const config::ServeConfig& config) {
  const std::size_t wanted = config.limits.proxy_threads;
  if (wanted != 0) return std::min(wanted, kProxyLoopsMax);
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kProxyLoopsMax);
}

Server::Server(net::Loop& loop, const config::ServeConfig& config, const Clock& clock)
    : loop_(loop),
      config_(config),
      clock_(clock),
      budget_(config.limits.bodies_bytes),
      connections_max_(config.limits.connections),
      drain_timeout_(config.drain_timeout) {
  const std::size_t loops = config.proxies.empty() ? 1 : loops_of(config);
  activity_ = std::make_unique<Activity>(loops, config.proxies.size());
  for (std::size_t i = 0; i < loops; ++i) {
    workers_.push_back(
        std::make_unique<Worker>(i, i == 0 ? &loop : nullptr, [this] { connection_ended(); }));
  }
}

Server::~Server() {
  finish();
  workers_.clear();  // connections refer to the lanes
}

Result<std::unique_ptr<Server>> Server::open(net::Loop& loop, const config::ServeConfig& config,
                                             const Clock& clock) {
  std::unique_ptr<Server> server(new Server(loop, config, clock));
  for (const config::ProxyConfig& proxy : config.proxies) {
    const std::string name = proxy.name.empty() ? proxy.listen.text() : proxy.name;
    TALLY_TRY_VOID(with_context(server->open_lane(proxy), "proxy " + name));
  }
  return server;
}

Result<void> Server::open_lane(const config::ProxyConfig& proxy) {
  auto lane = std::make_unique<Lane>(proxy, config_.limits.upstream_connections);
  if (proxy.tls.enabled()) {
    TALLY_TRY(lane->client_tls, tls_towards_clients(proxy));
  }
  if (proxy.upstream.tls) {
    TALLY_TRY(lane->upstream_tls,
              net::TlsContext::client(proxy.upstream_tls.ca_file, proxy.upstream_tls.certificate,
                                      proxy.upstream_tls.key));
  }
  const std::size_t place = lanes_.size();
  TALLY_TRY(lane->listener,
            net::Listener::open(loop_, proxy.listen,
                                [this, place](int descriptor, const net::SocketAddress& peer) {
                                  accept(place, descriptor, peer);
                                }));
  lanes_.push_back(std::move(lane));
  return {};
}

Result<void> Server::start(capture::AuditLog& log, const MakeRecorder& make_recorder,
                           capture::DefinitionDesk* desk) {
  desk_ = desk;
  backlog_ = std::make_unique<Backlog>(log, config_.log.enabled);
  for (const auto& worker : workers_) worker->use(*backlog_);
  for (const auto& lane : lanes_) {
    TALLY_TRY(auto recorder, make_recorder(lane->config));
    lane->recorder = std::make_unique<SharedRecorder>(std::move(recorder));
    make_gateways(*lane);
  }
  ticker_ = std::make_unique<Ticker>(loop_, [this] { tick(); });
  ticker_->deadline.set(kTick);
  for (const auto& worker : workers_) worker->start();
  return {};
}

void Server::make_gateways(Lane& lane) {
  const std::size_t idle = std::max<std::size_t>(kUpstreamIdleMax / workers_.size(), 1);
  for (const auto& worker : workers_) {
    auto gateway = std::unique_ptr<Gateway>(
        new Gateway{worker->loop(), worker->graveyard(), worker->journal(), *activity_,
                    worker->number(), budget_, *lane.recorder, lane.line, lane.pools, clock_,
                    terms_of(lane.config, config_), lane.client_tls, lane.upstream_tls, idle});
    lane.pools.add(gateway->pool, worker->loop());
    worker->add_gateway(std::move(gateway));
  }
}

std::vector<Listening> Server::listening() const {
  std::vector<Listening> out;
  for (const auto& lane : lanes_) {
    out.push_back({lane->config.name, url_of(*lane->listener, lane->client_tls != nullptr),
                   lane->config.upstream.text()});
  }
  return out;
}

Result<std::function<void()>> Server::prepare(const config::ServeConfig& next, const Renew& renew) {
  struct Change {
    std::size_t lane;
    std::shared_ptr<const net::TlsContext> client_tls;
    std::shared_ptr<const net::TlsContext> upstream_tls;
    Renewal renewal;
    std::string crl_file;
    config::ProxyConfig proxy;
  };
  std::vector<Change> changes;
  for (std::size_t i = 0; i < lanes_.size() && i < next.proxies.size(); ++i) {
    const config::ProxyConfig& now = lanes_[i]->config;
    const config::ProxyConfig& proxy = next.proxies[i];
    if (proxy.listen != now.listen || proxy.upstream != now.upstream) continue;
    const std::string name = proxy.name.empty() ? proxy.listen.text() : proxy.name;
    Change change{i, {}, {}, {}, lanes_[i]->crl_in_force(), changed(now, proxy)};
    TALLY_TRY(change.renewal, with_context(renew(proxy), "proxy " + name));
    if (proxy.tls.enabled() && now.tls.enabled()) {
      config::ProxyConfig clients = proxy;
      clients.client_certificates = now.client_certificates;  // only a restart changes whom we ask
      // A list belongs to its authorities: without those it would be about nobody, or about others.
      if (proxy.client_certificates.ca_file == now.client_certificates.ca_file) {
        change.crl_file = proxy.client_certificates.crl_file;
      }
      clients.client_certificates.crl_file = change.crl_file;
      TALLY_TRY(change.client_tls, with_context(tls_towards_clients(clients), "proxy " + name));
    }
    if (proxy.upstream.tls) {
      const config::UpstreamTls& tls = proxy.upstream_tls;
      TALLY_TRY(change.upstream_tls,
                with_context(net::TlsContext::client(tls.ca_file, tls.certificate, tls.key),
                             "proxy " + name));
    }
    changes.push_back(std::move(change));
  }
  return [this, changes = std::move(changes), policy = next.policy, next] {
    if (finished_) return;  // while it drains it holds for what is under way, as was recorded
    use_limits(next);
    for (const Change& change : changes) lanes_[change.lane]->use_crl(change.crl_file);
    for (const auto& lane : lanes_) {
      const RecorderTurn turn(*lane->recorder, workers_.front()->number());
      turn.recorder().use_policy(*policy);
      for (const Change& change : changes) {  // in the same turn: all of it, or nothing yet
        if (lanes_[change.lane] == lane) change.renewal(turn.recorder());
      }
    }
    with_workers([changes, limits = next.limits, lanes = lanes_.size()](Worker& worker) {
      for (std::size_t i = 0; i < lanes; ++i) {  // the rest of Terms stays
        Gateway& gateway = worker.gateway(i);
        Terms terms = *gateway.terms;
        terms.limits = limits;
        gateway.terms = std::make_shared<const Terms>(std::move(terms));
      }
      for (const Change& change : changes) {
        Gateway& gateway = worker.gateway(change.lane);
        Terms terms = *gateway.terms;
        terms.proxy = change.proxy;
        gateway.terms = std::make_shared<const Terms>(std::move(terms));
        if (change.client_tls) gateway.client_tls = change.client_tls;
        if (change.upstream_tls) gateway.upstream_tls = change.upstream_tls;
      }
    });
  };
}

/// On the thread of loop_.
void Server::use_limits(const config::ServeConfig& next) {
  drain_timeout_ = next.drain_timeout;
  budget_.resize(next.limits.bodies_bytes);
  for (const auto& lane : lanes_) {
    lane->line.resize(next.limits.upstream_connections);
    lane->pools.resize(next.limits.upstream_connections);
  }
  connections_max_ = next.limits.connections;
  gate_listeners();
}

/// On the thread of loop_, the only one that changes the maximum. Where there is no room, one of
/// the connections counted here is yet to end, and connection_ended() calls this again.
void Server::gate_listeners() {
  if (draining_) return;
  const bool full = connections_ >= connections_max_;
  for (const auto& lane : lanes_) {
    if (full) {
      lane->listener->pause();
    } else {
      lane->listener->resume();
    }
  }
}

void Server::with_workers(const std::function<void(Worker&)>& work) {
  if (finished_) return;
  for (const auto& worker : workers_) {
    if (worker == workers_.front()) continue;
    worker->loop().post([each = worker.get(), work] { work(*each); });
  }
  work(*workers_.front());
}

/// The loop with the fewest connections gets it.
void Server::accept(std::size_t lane, int descriptor, const net::SocketAddress& peer) {
  keep_alive(descriptor);
  const bool full = ++connections_ >= connections_max_;
  const auto least =
      std::ranges::min_element(workers_, {}, [](const auto& worker) { return worker->load(); });
  if (*least == workers_.front()) {
    (*least)->accept(lane, descriptor, peer.host());
  } else {
    (*least)->give(lane, descriptor, peer.host());
  }
  if (full) gate_listeners();
}

/// On the thread of any loop. First counted, then compared: gate_listeners() reads the count after
/// the maximum was set, so either it sees that this one has ended, or this sees the new maximum.
void Server::connection_ended() {
  const std::size_t before = connections_.fetch_sub(1);
  if (before != connections_max_) return;
  loop_.post([this] { gate_listeners(); });
}

void Server::tick() {
  if (draining_) {
    cut();
    return;
  }
  ticker_->deadline.set(kTick);
  for (const auto& lane : lanes_) {
    const RecorderTurn turn(*lane->recorder, workers_.front()->number());
    workers_.front()->journal().write(turn.recorder().on_tick(mcp::moment_of(clock_)));
    while (desk_ != nullptr && desk_->has_room(true)) {
      auto lookup = turn.recorder().take_lookup(!desk_->has_room(false));
      if (!lookup) break;
      look_back(*lane, std::move(*lookup));
    }
  }
}

/// What is found comes on the desk's thread, and belongs to this one.
void Server::look_back(Lane& lane, record::DefinitionLookup lookup) {
  auto found = [this, &lane, lookup](const record::EarlierDefinitions& earlier) {
    loop_.post([this, &lane, lookup, earlier] {
      if (finished_) return;
      const RecorderTurn turn(*lane.recorder, workers_.front()->number());
      workers_.front()->journal().write(
          turn.recorder().on_earlier_definitions(lookup, earlier, mcp::moment_of(clock_)));
    });
  };
  auto given_up = [this, &lane, lookup] {
    loop_.post([this, &lane, lookup] {
      if (finished_) return;
      const RecorderTurn turn(*lane.recorder, workers_.front()->number());
      turn.recorder().on_lookup_given_up(lookup);
    });
  };
  static_cast<void>(desk_->look(std::move(lookup), std::move(found), std::move(given_up)));
}

void Server::drain(std::function<void()> done) {
  if (std::exchange(draining_, true)) return;
  drained_ = std::move(done);
  for (const auto& lane : lanes_) lane->listener.reset();
  undrained_ = workers_.size();
  ticker_->deadline.set(drain_timeout_);
  with_workers([this](Worker& worker) {
    worker.drain([this] { loop_.post([this] { worker_drained(); }); });
  });
}

void Server::cut() {
  with_workers([](Worker& worker) { worker.cut(); });
}

void Server::worker_drained() {
  if (--undrained_ == 0) std::exchange(drained_, nullptr)();
}

bool Server::alive() {
  if (finished_) return true;
  const bool all = std::ranges::all_of(workers_, &Worker::answered);
  for (const auto& worker : workers_) worker->ping();
  return all;
}

void Server::finish() {
  if (std::exchange(finished_, true)) return;
  for (const auto& worker : workers_) worker->stop();
  if (backlog_ == nullptr) return;
  Worker& first = *workers_.front();
  for (const auto& lane : lanes_) {
    if (lane->recorder == nullptr) continue;
    const RecorderTurn turn(*lane->recorder, first.number());
    first.journal().write(turn.recorder().on_stop(mcp::moment_of(clock_)));
  }
  for (const auto& worker : workers_) worker->journal().stop();
}

}  // namespace tally::proxy
