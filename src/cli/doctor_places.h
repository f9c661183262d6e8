// SPDX-License-Identifier: Apache-2.0
// `doctor`: the addresses that serve listens on, and the upstreams behind it.
#pragma once

#include "base/endpoint.h"
#include "cli/doctor_report.h"
#include "config/serve_config.h"

#include <chrono>
#include <string>

namespace tally::cli {

/// For a connection and a short answer: what listens on this machine, or next to it, is there at
/// once.
inline constexpr std::chrono::milliseconds kDoctorConnectWait{2'000};

/// Checks api.listen, and for each proxy its listener and whether its upstream takes connections.
/// Each waits at most kDoctorConnectWait, besides the system's resolver.
void check_places(DoctorReport& report, const config::ServeConfig& config);

/// What a TCP connection to host:port came to.
struct Reached {
  enum class State : unsigned char { open, refused, failed };
  State state = State::failed;
  std::string why{};     ///< of failed
  std::string answer{};  ///< the first bytes that came, if `request` was sent
};
/// Connects, sends `request` if there is one, reads until the other side says enough for a status
/// line and a short body. Blocks for at most kDoctorConnectWait, besides resolving.
[[nodiscard]] Reached reach(const std::string& host, std::uint16_t port, std::string_view request);

}  // namespace tally::cli
