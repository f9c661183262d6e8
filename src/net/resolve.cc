// SPDX-License-Identifier: Apache-2.0
// Names to addresses, for a loop.
#include "net/connector.h"
#include "net/loop_impl.h"

#include <memory>
#include <utility>

namespace tally::net {

void resolve(Loop& loop, const std::string& host, std::uint16_t port,
             std::function<void(Result<std::vector<SocketAddress>>)> done) {
  if (const auto literal = SocketAddress::parse(host, port)) {
    loop.post([literal = *literal, done = std::move(done)] {
      done(std::vector<SocketAddress>{literal});
    });
    return;
  }
  auto& resolver = loop.impl().resolver;
  if (resolver == nullptr) resolver = std::make_unique<Resolver>(loop);
  resolver->ask(host, port, std::move(done));
}

}  // namespace tally::net
