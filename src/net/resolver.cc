// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.h"

#include <algorithm>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>

namespace tally::net {

Result<std::vector<SocketAddress>> addresses_of(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return fail(Errc::not_found, host + ": no address: " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<SocketAddress> out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    const SocketAddress address(at->ai_addr, at->ai_addrlen);
    const auto same = [&](const SocketAddress& other) { return other.text() == address.text(); };
    if (std::ranges::none_of(out, same)) out.push_back(address);
  }
  if (out.empty()) return fail(Errc::not_found, host + ": no address");
  return out;
}

Resolver::Resolver(Loop& loop) : loop_(loop), thread_([this] { run(); }) {}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

void Resolver::ask(const std::string& host, std::uint16_t port, Done done) {
  {
    const std::lock_guard lock(mutex_);
    questions_.push_back({host, port, std::move(done)});
  }
  asked_.notify_one();
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
    if (stopping_) return;
    Question question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    const auto addresses = addresses_of(question.host, question.port);
    lock.lock();
    answer(question, addresses);
  }
}

/// Whoever asked the same meanwhile, too: else a slow name server leaves a line of questions that
/// is longer than the patience of anybody in it. With the mutex held.
void Resolver::answer(Question& first, const Result<std::vector<SocketAddress>>& addresses) {
  const auto tell = [&](Done done) {
    loop_.post([done = std::move(done), addresses] { done(addresses); });
  };
  tell(std::move(first.done));
  std::erase_if(questions_, [&](Question& other) {
    if (other.host != first.host || other.port != first.port) return false;
    tell(std::move(other.done));
    return true;
  });
}

}  // namespace tally::net
