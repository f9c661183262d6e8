// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_places.h"

#include <array>
#include <cerrno>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tally::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Descriptor {
  explicit Descriptor(int value_in) : value(value_in) {}
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value;
};

/// False at the deadline.
bool wait_for(int descriptor, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    ::pollfd entry{descriptor, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Reached failed(int error) {
  if (error == ECONNREFUSED) return {Reached::State::refused};
  return {Reached::State::failed, std::generic_category().message(error)};
}

std::string talk(int descriptor, std::string_view request, Clock::time_point until) {
  std::string out;
  if (::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return out;
  }
  std::array<char, 1024> buffer;
  while (out.size() < buffer.size() && wait_for(descriptor, POLLIN, until)) {
    const ssize_t got = ::recv(descriptor, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    if (out.find("\r\n\r\n") != std::string::npos && out.ends_with('\n')) break;
  }
  return out;
}

Reached connect_to(const addrinfo& address, std::string_view request, Clock::time_point until) {
  const Descriptor socket(
      ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.value < 0) return failed(errno);
  if (::connect(socket.value, address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return failed(errno);
    if (!wait_for(socket.value, POLLOUT, until)) return failed(ETIMEDOUT);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.value, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return failed(error);
  }
  Reached out{Reached::State::open};
  if (!request.empty()) out.answer = talk(socket.value, request, until);
  return out;
}

/// Where a client on this machine reaches what listens on an address.
std::string host_to_ask(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

void check_api(DoctorReport& report, const config::ServeConfig& config) {
  const Endpoint& where = config.listen;
  if (where.port == 0) {
    report.add("api.listen", Finding::note, "a free port is taken at each start");
    return;
  }
  const bool tls = config.api_tls.enabled();
  const std::string_view request =
      tls ? "" : "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const Reached reached = reach(host_to_ask(where.host), where.port, request);
  switch (reached.state) {
    case Reached::State::refused:
      report.add("api.listen", Finding::fine, where.text() + " is free; serve does not run");
      return;
    case Reached::State::failed:
      report.add("api.listen", Finding::warning, where.text() + ": " + reached.why);
      return;
    case Reached::State::open: break;
  }
  const std::size_t body = reached.answer.find("\r\n\r\n");
  const bool ours = reached.answer.starts_with("HTTP/1.1 200") && body != std::string::npos &&
                    reached.answer.find("ok", body) != std::string::npos;
  if (tls) {
    report.add("api.listen", Finding::note,
               where.text() + " is taken; with TLS it is not asked by whom");
  } else if (ours) {
    report.add("api.listen", Finding::fine, "serve runs on " + where.text() + " and is ready");
  } else if (reached.answer.starts_with("HTTP/1.1 503") && body != std::string::npos) {
    std::string why = reached.answer.substr(body + 4);
    while (!why.empty() && (why.back() == '\n' || why.back() == '\r')) why.pop_back();
    report.add("api.listen", Finding::failed, "serve on " + where.text() + " is not ready: " + why);
  } else {
    report.add("api.listen", Finding::failed, "something else listens on " + where.text(),
               "choose another address with --listen");
  }
}

void check_proxy(DoctorReport& report, const config::ProxyConfig& proxy) {
  const std::string name = proxy.name.empty() ? proxy.listen.text() : proxy.name;
  if (proxy.listen.port != 0) {
    const Reached listener = reach(host_to_ask(proxy.listen.host), proxy.listen.port, "");
    const bool open = listener.state == Reached::State::open;
    report.add("proxy." + name + ".listen",
               listener.state == Reached::State::failed ? Finding::warning : Finding::fine,
               proxy.listen.text() + (open                   ? " takes connections"
                                      : listener.why.empty() ? " is free; serve does not run"
                                                             : ": " + listener.why));
  }
  const Reached upstream = reach(proxy.upstream.host, proxy.upstream.port, "");
  if (upstream.state == Reached::State::open) {
    report.add("proxy." + name + ".upstream", Finding::fine,
               proxy.upstream.origin() + " takes connections");
  } else {
    report.add("proxy." + name + ".upstream", Finding::warning,
               proxy.upstream.origin() + ": " +
                   (upstream.why.empty() ? "connection refused" : upstream.why),
               "calls are answered 502 until it is there");
  }
}

}  // namespace

Reached reach(const std::string& host, std::uint16_t port, std::string_view request) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (error != 0) return {Reached::State::failed, ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  const Clock::time_point until = Clock::now() + kDoctorConnectWait;
  Reached last{Reached::State::failed, "no address"};
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    last = connect_to(*each, request, until);
    if (last.state == Reached::State::open) return last;
  }
  return last;
}

void check_places(DoctorReport& report, const config::ServeConfig& config) {
  check_api(report, config);
  for (const config::ProxyConfig& proxy : config.proxies) check_proxy(report, proxy);
}

}  // namespace tally::cli
