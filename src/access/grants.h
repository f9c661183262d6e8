// SPDX-License-Identifier: Apache-2.0
// Whether what somebody was let in with is good still: asked again and again while an answer is
// being sent.
#pragma once

#include <cstdint>
#include <string_view>

namespace tally::access {

/// What became of it.
enum class Standing : std::uint8_t {
  good,
  revoked,    ///< our token is not there any more, or has expired
  expired,    ///< an issuer's token
  ended,      ///< a session that is over
  withdrawn,  ///< the key that an issuer signed with is not in its set any more
  unsettled,  ///< what is believed of that issuer, and what it gives, was changed (SIGHUP)
};
/// As records have it: "revoked", "expired", "session-ended", "key-withdrawn", "settings-changed";
/// empty for good.
[[nodiscard]] constexpr std::string_view standing_text(Standing standing) {
  switch (standing) {
    case Standing::good: return {};
    case Standing::revoked: return "revoked";
    case Standing::expired: return "expired";
    case Standing::ended: return "session-ended";
    case Standing::withdrawn: return "key-withdrawn";
    case Standing::unsettled: return "settings-changed";
  }
  return {};
}
/// The same for who asks.
[[nodiscard]] constexpr std::string_view standing_told(Standing standing) {
  switch (standing) {
    case Standing::good: return {};
    case Standing::revoked:
    case Standing::expired: return "the token was revoked or expired";
    case Standing::ended: return "the session is over";
    case Standing::withdrawn: return "the issuer withdrew the key that the token was signed with";
    case Standing::unsettled: return "the settings of the token's issuer were changed";
  }
  return {};
}

/// Thread-safe.
class Grants {
 public:
  virtual ~Grants() = default;
  /// `grant`: Principal::holds().
  [[nodiscard]] virtual Standing standing(std::string_view grant) = 0;
  [[nodiscard]] bool still_good(std::string_view grant) {
    return standing(grant) == Standing::good;
  }

 protected:
  Grants() = default;
  Grants(const Grants&) = default;
  Grants& operator=(const Grants&) = default;
};

}  // namespace tally::access
