// SPDX-License-Identifier: Apache-2.0
// From the client to the server, one line at a time: shown first, forwarded if the auditor says so.
#pragma once

#include "mcp/framer.h"
#include "wrap/byte_sink.h"
#include "wrap/oversize_line.h"
#include "wrap/relay_state.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tally::wrap {

/// The client thread. Memory: one line (at most kMessageBytesMax) and one chunk.
class ClientRelay {
 public:
  /// Reads `client` (not owned, left to others afterwards) and writes the server's input `server`,
  /// which it closes at the end of `client`'s input or when the session ends.
  ClientRelay(RelayState& state, int client, Descriptor server);
  /// The whole direction; returns when it has ended. Call once.
  void run();

 private:
  enum class Wake : std::uint8_t { readable, stopped, server_closed };
  [[nodiscard]] Wake wait_for_client() const;
  [[nodiscard]] ClientEnd relay();
  void take(std::string_view bytes);
  void take_steps();
  void on_frame(const mcp::Frame& frame);
  void on_part(const mcp::OversizePart& part);
  void reply(const Decision& decision);
  [[nodiscard]] bool may_forward();
  [[nodiscard]] bool forward(std::string_view bytes);

  RelayState& state_;
  int client_;
  Descriptor server_;
  ByteSink sink_;
  mcp::Framer framer_;
  std::vector<char> chunk_;
  LineAllowance allowance_;
  mcp::Moment seen_{};
  OversizeLine oversize_;
  bool oversize_forwarded_ = false;
  std::optional<LostReason> lost_;  // once set, nothing is forwarded any more
};

}  // namespace tally::wrap
