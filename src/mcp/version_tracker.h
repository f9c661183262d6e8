// SPDX-License-Identifier: Apache-2.0
// Which protocol version a message is in. Both generations may share one connection, so it is
// decided per message.
#pragma once

#include "mcp/types.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::mcp {

/// Version of one message: the text as on the wire (also of versions we do not know), and what we
/// make of it.
struct MessageVersion {
  std::string text;  ///< empty: not known
  Version version = Version::unknown;
  /// 2026-07-28 and later: no session; every request states its version in _meta.
  bool stateless = false;
};

MessageVersion message_version(std::string_view text, bool stateless);

/// What a connection has agreed on. One per connection; not thread-safe.
class VersionTracker {
 public:
  /// From the result of initialize.
  void negotiated(std::string_view text) { negotiated_ = message_version(text, false); }
  /// As it was negotiated; empty when it was not.
  [[nodiscard]] const std::string& negotiated_text() const { return negotiated_.text; }
  /// Version of a request. `stated` = its _meta io.modelcontextprotocol/protocolVersion, if any.
  MessageVersion of_request(std::optional<std::string_view> stated);
  /// Version of a notification that belongs to no request we know. `stated` as above; `subscribed`
  /// = it bears the id of a 2026-07-28 subscription.
  [[nodiscard]] MessageVersion of_notification(std::optional<std::string_view> stated,
                                               bool subscribed) const;
  /// What a message without any sign of its own is taken for.
  [[nodiscard]] MessageVersion current() const;

 private:
  MessageVersion negotiated_;
  MessageVersion stateless_;  // of the last request that stated one
};

}  // namespace tally::mcp
