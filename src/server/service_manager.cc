// SPDX-License-Identifier: Apache-2.0
#include "server/service_manager.h"

#include "base/encoding.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tally::server {

ServiceManager::ServiceManager(const log::Environment& environment) {
  std::string socket = environment("NOTIFY_SOCKET").value_or("");
  const bool usable = socket.size() > 1 && (socket[0] == '/' || socket[0] == '@') &&
                      socket.size() < sizeof(::sockaddr_un::sun_path);
  if (!usable) return;
  socket_ = std::move(socket);
  const auto pid = environment("WATCHDOG_PID");
  if (pid && parse_decimal(*pid) != static_cast<std::uint64_t>(::getpid())) return;
  const auto micros = parse_decimal(environment("WATCHDOG_USEC").value_or(""));
  if (!micros || *micros == 0) return;
  constexpr std::uint64_t kDayMs = 86'400'000;
  watchdog_ = std::chrono::milliseconds(std::clamp<std::uint64_t>(*micros / 2'000, 1, kDayMs));
}

void ServiceManager::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status));
}

void ServiceManager::stopping() const { send("STOPPING=1\nSTATUS=requests under way may end"); }

void ServiceManager::alive() const { send("WATCHDOG=1"); }

void ServiceManager::send(std::string_view message) const {
  if (socket_.empty()) return;
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const auto bytes = static_cast<::socklen_t>(offsetof(::sockaddr_un, sun_path) + socket_.size() +
                                              (socket_[0] == '@' ? 0 : 1));
  static_cast<void>(::sendto(descriptor, message.data(), message.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const ::sockaddr*>(&address), bytes));
  static_cast<void>(::close(descriptor));
}

}  // namespace tally::server
