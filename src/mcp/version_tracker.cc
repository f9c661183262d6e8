// SPDX-License-Identifier: Apache-2.0
#include "mcp/version_tracker.h"

#include "base/encoding.h"

namespace tally::mcp {
namespace {

/// Versions are dates; anything longer is cut, because it goes into every record.
constexpr std::size_t kVersionBytesMax = 32;

}  // namespace

MessageVersion message_version(std::string_view text, bool stateless) {
  return {std::string(utf8_prefix(text, kVersionBytesMax)), parse_version(text), stateless};
}

MessageVersion VersionTracker::of_request(std::optional<std::string_view> stated) {
  if (!stated) return negotiated_;
  stateless_ = message_version(*stated, true);
  return stateless_;
}

MessageVersion VersionTracker::of_notification(std::optional<std::string_view> stated,
                                               bool subscribed) const {
  if (stated) return message_version(*stated, true);
  if (subscribed && stateless_.stateless) return stateless_;
  return current();
}

MessageVersion VersionTracker::current() const {
  return negotiated_.text.empty() ? stateless_ : negotiated_;
}

}  // namespace tally::mcp
