// SPDX-License-Identifier: Apache-2.0
// Makes a connection: name to addresses, each address in turn, then TLS.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "net/address.h"
#include "net/stream.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tally::net {

/// Where to.
struct Target {
  std::string host;  ///< name or literal, without brackets
  std::uint16_t port = 0;
  std::shared_ptr<const TlsContext> tls = nullptr;  ///< null: plain
  std::string server_name = {};  ///< whom the certificate must name; empty: `host`
  std::chrono::milliseconds address_wait = kConnectAddressWait;  ///< for one address, with TLS
};

/// One attempt to connect. Belongs to its loop's thread. Destroying it gives up; `done` is not
/// called then.
class Connector final : private ReadyHandler, private DeadlineHandler {
 public:
  /// Called once, never inside the constructor; the callee may destroy the connector. Errors:
  /// not_found when the name has no address, timeout, io, mismatch when the certificate is not
  /// good; the text says what was tried.
  using Done = std::function<void(Result<std::unique_ptr<Stream>>)>;

  /// Every address is tried in the order of getaddrinfo(3), each for at most its address_wait,
  /// all together for kConnectWait.
  Connector(Loop& loop, Target target, Done done);
  ~Connector();

 private:
  void resolved(Result<std::vector<SocketAddress>> addresses);
  void try_next();
  void connected();
  void shake_hands();
  void finish(Result<std::unique_ptr<Stream>> result);
  void note_failure(const std::string& why);
  void on_readable() override;
  void on_writable() override;
  void on_deadline() override;

  Loop& loop_;
  Target target_;
  Done done_;
  Deadline deadline_;
  MonoTime started_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for work that was posted
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  std::unique_ptr<Watch> connecting_;
  std::unique_ptr<Stream> shaking_;
  std::string failures_;
  bool certificate_failed_ = false;
};

/// Addresses of a name for a TCP port, without repeats. `done` is called on the loop's thread,
/// never inside this call; as long as the loop runs. Errors: not_found with the system's reason.
void resolve(Loop& loop, const std::string& host, std::uint16_t port,
             std::function<void(Result<std::vector<SocketAddress>>)> done);

}  // namespace tally::net
