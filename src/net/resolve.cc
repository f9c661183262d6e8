// SPDX-License-Identifier: Apache-2.0
// Names to addresses, on Asio's resolver thread.
#include "net/asio_loop.h"
#include "net/connector.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
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
  using Tcp = boost::asio::ip::tcp;
  auto resolver = std::make_shared<Tcp::resolver>(loop.impl().context);
  const auto finish = [resolver, host, done = std::move(done)](
                          const boost::system::error_code& error,
                          const Tcp::resolver::results_type& results) {
    if (error) {
      done(fail(Errc::not_found, host + ": no address: " + error.message()));
      return;
    }
    std::vector<SocketAddress> out;
    for (const auto& result : results) {
      const Tcp::endpoint endpoint = result.endpoint();
      const SocketAddress address(endpoint.data(), static_cast<socklen_t>(endpoint.size()));
      const auto same = [&](const SocketAddress& other) { return other.text() == address.text(); };
      if (std::ranges::none_of(out, same)) out.push_back(address);
    }
    if (out.empty()) {
      done(fail(Errc::not_found, host + ": no address"));
      return;
    }
    done(std::move(out));
  };
  resolver->async_resolve(host, std::to_string(port), finish);
}

}  // namespace tally::net
