// SPDX-License-Identifier: Apache-2.0
#include "proxy/server.h"

#include "base/check.h"
#include "base/limits.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
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
                                 asked.required);
}

}  // namespace

/// One upstream with its listener.
struct Server::Lane {
  const config::ProxyConfig& config;
  std::shared_ptr<const net::TlsContext> client_tls;
  std::shared_ptr<const net::TlsContext> upstream_tls;
  std::unique_ptr<net::Listener> listener;
  std::unique_ptr<record::HttpRecorder> recorder;
  std::unique_ptr<Gateway> gateway;
};

/// Two things that time does: ticks of the recorders, and the end of the patience when draining.
struct Server::Ticker final : net::DeadlineHandler {
  Ticker(net::Loop& loop, std::function<void()> on_time)
      : deadline(loop.deadlines(), *this), call(std::move(on_time)) {}
  void on_deadline() override { call(); }
  net::Deadline deadline;
  std::function<void()> call;
};

Server::Server(net::Loop& loop, const config::ServeConfig& config, const Clock& clock)
    : loop_(loop),
      config_(config),
      clock_(clock),
      graveyard_(loop),
      budget_(config.limits.bodies_bytes) {}

Server::~Server() {
  // Connections refer to the gateways of the lanes.
  sessions_.clear();
  graveyard_.empty();
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
  auto lane = std::make_unique<Lane>(Lane{proxy, {}, {}, {}, {}, {}});
  if (proxy.tls.enabled()) {
    TALLY_TRY(lane->client_tls, tls_towards_clients(proxy));
  }
  if (proxy.upstream.tls) {
    TALLY_TRY(lane->upstream_tls,
              net::TlsContext::client(proxy.upstream_tls.ca_file, proxy.upstream_tls.certificate,
                                      proxy.upstream_tls.key));
  }
  Lane* const place = lane.get();
  TALLY_TRY(lane->listener,
            net::Listener::open(loop_, proxy.listen,
                                [this, place](int descriptor, const net::SocketAddress& peer) {
                                  accept(*place, descriptor, peer);
                                }));
  lanes_.push_back(std::move(lane));
  return {};
}

Result<void> Server::start(Journal& journal, const MakeRecorder& make_recorder) {
  for (const auto& lane : lanes_) {
    TALLY_TRY(lane->recorder, make_recorder(lane->config));
    lane->gateway.reset(new Gateway{loop_, graveyard_, journal, budget_, *lane->recorder, clock_,
                                    config_, lane->config, lane->client_tls, lane->upstream_tls});
  }
  ticker_ = std::make_unique<Ticker>(loop_, [this] { tick(); });
  ticker_->deadline.set(kTick);
  return {};
}

std::vector<Listening> Server::listening() const {
  std::vector<Listening> out;
  for (const auto& lane : lanes_) {
    out.push_back({lane->config.name, url_of(*lane->listener, lane->client_tls != nullptr),
                   lane->config.upstream.text()});
  }
  return out;
}

Result<std::function<void()>> Server::prepare(const config::ServeConfig& next) {
  struct Change {
    Lane* lane;
    std::shared_ptr<const net::TlsContext> client_tls;
    std::shared_ptr<const net::TlsContext> upstream_tls;
  };
  std::vector<Change> changes;
  for (std::size_t i = 0; i < lanes_.size() && i < next.proxies.size(); ++i) {
    const config::ProxyConfig& now = lanes_[i]->config;
    const config::ProxyConfig& proxy = next.proxies[i];
    if (proxy.listen != now.listen || proxy.upstream != now.upstream) continue;
    const std::string name = proxy.name.empty() ? proxy.listen.text() : proxy.name;
    Change change{lanes_[i].get(), {}, {}};
    if (proxy.tls.enabled() && now.tls.enabled()) {
      config::ProxyConfig clients = proxy;
      clients.client_certificates = now.client_certificates;  // only a restart changes whom we ask
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
  return [this, changes = std::move(changes), policy = next.policy] {
    for (const auto& lane : lanes_) lane->recorder->use_policy(*policy);
    for (const Change& change : changes) {
      if (change.client_tls) change.lane->client_tls = change.client_tls;
      if (change.client_tls) change.lane->gateway->client_tls = change.client_tls;
      if (change.upstream_tls) change.lane->gateway->upstream_tls = change.upstream_tls;
    }
  };
}

void Server::accept(Lane& lane, int descriptor, const net::SocketAddress& peer) {
  keep_alive(descriptor);
  auto stream = lane.client_tls != nullptr
                    ? net::make_tls_server(loop_, descriptor, *lane.client_tls)
                    : net::make_tcp_stream(loop_, descriptor);
  auto session = std::make_unique<Session>(*lane.gateway, std::move(stream),
                                           Peer{peer.host(), lane.client_tls != nullptr, {}},
                                           [this](Session& ended) { session_ended(ended); });
  session->place = sessions_.size();
  sessions_.push_back(std::move(session));
  if (sessions_.size() >= config_.limits.connections) {
    for (const auto& each : lanes_) each->listener->pause();
  }
}

void Server::session_ended(Session& session) {
  const std::size_t place = session.place;
  TALLY_CHECK(place < sessions_.size() && sessions_[place].get() == &session);
  graveyard_.bury(std::move(sessions_[place]));
  sessions_[place] = std::move(sessions_.back());
  sessions_.pop_back();
  if (place < sessions_.size()) sessions_[place]->place = place;
  if (draining_) {
    check_drained();
    return;
  }
  if (sessions_.size() + 1 == config_.limits.connections) {
    for (const auto& lane : lanes_) lane->listener->resume();
  }
}

void Server::tick() {
  if (draining_) {
    cut();
    return;
  }
  ticker_->deadline.set(kTick);
  for (const auto& lane : lanes_) {
    lane->gateway->journal.write(lane->recorder->on_tick(mcp::moment_of(clock_)));
  }
}

void Server::drain(std::function<void()> done) {
  if (std::exchange(draining_, true)) return;
  drained_ = std::move(done);
  for (const auto& lane : lanes_) {
    lane->listener.reset();
    lane->gateway->draining = true;
    lane->gateway->pool.close_all();
  }
  // Backwards: those that end are replaced by the last one.
  for (std::size_t i = sessions_.size(); i > 0; --i) sessions_[i - 1]->drain();
  ticker_->deadline.set(config_.drain_timeout);
  check_drained();
}

void Server::cut() {
  while (!sessions_.empty()) sessions_.back()->cut();
}

void Server::check_drained() {
  if (!sessions_.empty() || !drained_) return;
  loop_.post(std::exchange(drained_, nullptr));
}

void Server::finish_records() {
  for (const auto& lane : lanes_) {
    lane->gateway->journal.write(lane->recorder->on_stop(mcp::moment_of(clock_)));
  }
}

}  // namespace tally::proxy
