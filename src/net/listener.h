// SPDX-License-Identifier: Apache-2.0
// Waits for connections on one address.
#pragma once

#include "base/endpoint.h"
#include "base/result.h"
#include "net/address.h"
#include "net/loop.h"

#include <functional>
#include <memory>

namespace tally::net {

/// Accepts while it lives. Belongs to its loop's thread.
class Listener final : private ReadyHandler, private DeadlineHandler {
 public:
  /// A new connection: a non-blocking socket that the callee owns, and who it is.
  using Accepted = std::function<void(int descriptor, const SocketAddress& peer)>;

  /// Listens on `where`: an address, or "localhost" (127.0.0.1); port 0 takes a free one; "[::]"
  /// takes IPv4 too. Errors: invalid_argument, permission_denied, already_exists when the address
  /// is in use, io; they name the address.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> open(Loop& loop, const Endpoint& where,
                                                              Accepted accepted);

  /// Where it listens, with the port that was taken.
  [[nodiscard]] SocketAddress address() const;
  /// Takes no more connections until resume(); they wait in the kernel.
  void pause();
  void resume();
  /// Accepting that failed for lack of descriptors or memory, so far; it is tried again.
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

  Listener(Loop& loop, int descriptor, Accepted accepted);

 private:
  void on_readable() override;
  void on_writable() override {}
  void on_deadline() override;

  Watch watch_;
  Deadline retry_;
  Accepted accepted_;
  bool paused_ = false;
  std::uint64_t failures_ = 0;
};

}  // namespace tally::net
