// SPDX-License-Identifier: Apache-2.0
#include "server/service.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "http/target.h"
#include "server/compress.h"
#include "server/connection.h"
#include "server/reading.h"

#include <ctime>
#include <utility>

namespace tally::server {

Service::Service(net::Loop& loop, const Clock& clock)
    : loop_(loop),
      clock_(clock),
      graveyard_(loop),
      mailbox_(std::make_shared<Mailbox>(
          loop, [this](Mailbox::Letter letter) { deliver(std::move(letter)); })) {}

void Service::start(Gate& gate, WorkPool& workers, std::array<Handler, kOperationCount> handlers) {
  gate_ = &gate;
  workers_ = &workers;
  handlers_ = std::move(handlers);
  TALLY_CHECK(operations().size() == kOperationCount);
  for (const Handler& handler : handlers_) TALLY_CHECK(handler != nullptr);
}

Service::~Service() {
  mailbox_->close();
  connections_.clear();
  graveyard_.empty();
}

Result<void> Service::listen(const Endpoint& where, std::shared_ptr<const net::TlsContext> tls) {
  tls_ = std::move(tls);
  TALLY_TRY(listener_, net::Listener::open(loop_, where,
                                           [this](int descriptor, const net::SocketAddress& peer) {
                                             accept(descriptor, peer);
                                           }));
  return {};
}

std::string Service::url() const {
  return (tls_ ? "https://" : "http://") + listener_->address().text();
}

void Service::accept(int descriptor, const net::SocketAddress& peer) {
  auto stream = tls_ ? net::make_tls_server(loop_, descriptor, *tls_)
                     : net::make_tcp_stream(loop_, descriptor);
  const std::uint64_t id = ++last_connection_;
  connections_.emplace(id, std::make_unique<Connection>(*this, id, std::move(stream), peer.host(),
                                                        peer.is_loopback()));
  counters_.connections = connections_.size();
  if (connections_.size() >= kApiConnectionsMax) listener_->pause();
}

void Service::ended(Connection& connection) {
  const auto at = connections_.find(connection.id());
  TALLY_CHECK(at != connections_.end());
  graveyard_.bury(std::move(at->second));
  connections_.erase(at);
  counters_.connections = connections_.size();
  if (draining_) {
    check_drained();
  } else if (connections_.size() + 1 == kApiConnectionsMax) {
    listener_->resume();
  }
}

void Service::deliver(Mailbox::Letter letter) {
  const auto at = connections_.find(letter.connection);
  if (at != connections_.end()) at->second->deliver(letter);
}

std::optional<Answer> Service::read_parameters(const RouteMatch& match,
                                               const http::RequestHead& head, Request& request) {
  ParameterReader reader(clock_.now());
  auto fault = reader.read_path(*match.operation, match.segments);
  if (!fault) {
    fault = reader.read_query(*match.operation, http::split_target(head.target).query);
  }
  for (const Parameter& parameter : match.operation->headers) {
    if (fault) break;
    for (const std::string_view value : head.fields.all(parameter.name)) {
      if (!fault) fault = reader.add(parameter, std::string(value));
    }
  }
  if (!fault) {
    request.parameters = reader.take();
    return std::nullopt;
  }
  std::string members = ",\"parameter\":";
  json::append_string(members, fault->name);
  return problem(422, (fault->name.empty() ? "query" : fault->name) + ": " + fault->detail,
                 members);
}

Service::Plan Service::plan(http::RequestHead& head, const std::string& peer, bool peer_is_here) {
  Plan out;
  ++counters_.requests;
  const http::TargetParts parts = http::split_target(head.target);
  const RouteMatch match = find_route(head.method, parts.path);
  if (match.operation == nullptr) {
    if (match.allowed.empty()) {
      out.refusal = problem(404, "there is nothing at this path; see /openapi.json");
      return out;
    }
    if (head.method == "OPTIONS") {
      out.refusal.emplace();
      out.refusal->status = 204;
    } else {
      out.refusal = problem(405, "this path takes " + match.allowed);
    }
    out.refusal->fields.emplace_back("Allow", match.allowed);
    return out;
  }
  auto admission = gate_->admit(head, *match.operation, peer, peer_is_here);
  if (admission.refusal) {
    ++counters_.refused;
    out.refusal = std::move(admission.refusal);
    return out;
  }
  auto request = std::make_shared<Request>();
  out.refusal = read_parameters(match, head, *request);
  if (out.refusal) return out;
  const auto codings = http::content_codings(head.fields);
  if (!codings) {
    out.refusal = problem(415, "Content-Encoding: only gzip, deflate and br are understood");
    return out;
  }
  request->operation = match.operation;
  request->codings = *codings;
  request->media_type = std::string(head.fields.find("content-type").value_or(""));
  request->principal = std::move(admission.principal);
  request->peer = peer;
  request->minor = head.minor;
  request->method = std::move(head.method);
  request->target = std::move(head.target);
  request->fields = std::move(head.fields);
  out.takes_body = match.operation->body != BodyRule::none;
  out.request = std::move(request);
  return out;
}

std::optional<Answer> Service::start(std::shared_ptr<Request> request, Reply reply) {
  const Operation& operation = *request->operation;
  const Handler& handler = handlers_[static_cast<std::size_t>(operation.id)];
  // A body may take its time; what was revoked meanwhile is not accepted any more.
  if (!request->body.empty() && request->principal) {
    if (auto refusal = gate_->refusal_now(caller_of(*request))) {
      ++counters_.refused;
      return refusal;
    }
  }
  if (!operation.blocks) {
    handler(std::move(request), std::move(reply));
    return std::nullopt;
  }
  const bool started = workers_->try_start(
      [&handler, request = std::move(request), reply] { handler(request, reply); });
  if (started) return std::nullopt;
  ++counters_.busy;
  return busy("too many requests are waiting; try again");
}

WorkPool& Service::pool(BodySource::Lane lane) {
  switch (lane) {
    case BodySource::Lane::reads: break;
    case BodySource::Lane::live:
      if (live_ != nullptr) return *live_;
      break;
    case BodySource::Lane::catch_up:
      if (catch_up_ != nullptr) return *catch_up_;
      break;
  }
  return *workers_;
}

const std::string& Service::date() {
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  if (second != date_second_) {
    date_second_ = second;
    const std::time_t time = second;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 64> text;
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_text_.assign(text.data(), size);
  }
  return date_text_;
}

void Service::drain(std::function<void()> done) {
  if (std::exchange(draining_, true)) return;
  drained_ = std::move(done);
  listener_.reset();
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto at = connections_.find(id);
    if (at != connections_.end()) at->second->drain();
  }
  check_drained();
}

void Service::cut() {
  while (!connections_.empty()) connections_.begin()->second->cut();
}

void Service::check_drained() {
  if (!connections_.empty() || !drained_) return;
  loop_.post(std::exchange(drained_, nullptr));
}

}  // namespace tally::server
