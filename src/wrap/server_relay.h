// SPDX-License-Identifier: Apache-2.0
// From the server to the client: bytes go out as they come, then their frames are shown.
#pragma once

#include "mcp/framer.h"
#include "wrap/oversize_line.h"
#include "wrap/relay_state.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace tally::wrap {

/// The server thread. Memory: one line (at most kMessageBytesMax) and one chunk.
class ServerRelay {
 public:
  /// Reads the server's output `server` and closes it at the end.
  ServerRelay(RelayState& state, Descriptor server);
  /// The whole direction; returns when it has ended. Call once.
  void run();

 private:
  [[nodiscard]] ServerEnd relay();
  void pass_on(std::string_view bytes);
  void put_replies();
  void show(std::string_view bytes);
  void take_steps();
  void on_part(const mcp::OversizePart& part);

  RelayState& state_;
  Descriptor server_;
  mcp::Framer framer_;
  std::vector<char> chunk_;
  LineAllowance allowance_;
  mcp::Moment seen_{};
  OversizeLine oversize_;
  bool delivered_ = true;  // false once the client is gone or we were told to give up
  std::size_t undelivered_bytes_ = 0;
};

}  // namespace tally::wrap
