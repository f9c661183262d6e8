// SPDX-License-Identifier: Apache-2.0
// Tells the service manager how it goes: sd_notify(3), without its library.
#pragma once

#include "log/keyring.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// Says nothing when nobody listens. Any thread; never waits, never fails: what a manager does not
/// take it does not get.
class ServiceManager {
 public:
  /// By $NOTIFY_SOCKET (a path, or '@' and an abstract name), $WATCHDOG_USEC and $WATCHDOG_PID.
  explicit ServiceManager(const log::Environment& environment);

  void ready(std::string_view status) const;
  void stopping() const;
  /// Still at work: at least this often when watchdog() says so.
  void alive() const;
  /// Half of what the manager allows between two signs of life; nullopt: it wants none.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const { return watchdog_; }

 private:
  void send(std::string_view message) const;
  std::string socket_;  // empty: nobody listens
  std::optional<std::chrono::milliseconds> watchdog_;
};

}  // namespace tally::server
