// SPDX-License-Identifier: Apache-2.0
// The proxy's own HTTP service on --listen: /healthz and /readyz, open to anyone who reaches it.
#pragma once

#include "http/head_parser.h"
#include "net/listener.h"
#include "net/stream.h"
#include "proxy/graveyard.h"
#include "proxy/outbox.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tally::proxy {

/// Belongs to its loop's thread.
class Health {
 public:
  /// Whether the proxy can do its work: empty, or in a few words why not.
  using Ready = std::function<std::string()>;

  /// Both outlive it.
  Health(net::Loop& loop, Graveyard& graveyard, Ready ready);
  ~Health();

  /// A new connection, which it owns.
  void accept(std::unique_ptr<net::Stream> stream);
  void close_all();
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

  /// The whole answer to one request.
  [[nodiscard]] std::string answer(const http::RequestHead& head, bool close) const;

 private:
  class Connection;
  void ended(Connection& connection);

  net::Loop& loop_;
  Graveyard& graveyard_;
  Ready ready_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace tally::proxy
