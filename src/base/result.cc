// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include "base/check.h"

namespace tally {

std::string_view errc_name(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::malformed: return "malformed";
    case Errc::too_large: return "too_large";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::permission_denied: return "permission_denied";
    case Errc::io: return "io";
    case Errc::disk_full: return "disk_full";
    case Errc::sync_failed: return "sync_failed";
    case Errc::unsupported: return "unsupported";
    case Errc::timeout: return "timeout";
    case Errc::overloaded: return "overloaded";
    case Errc::closed: return "closed";
    case Errc::poisoned: return "poisoned";
    case Errc::corrupt: return "corrupt";
    case Errc::mismatch: return "mismatch";
  }
  check_failed("Errc out of range", __FILE__, __LINE__);
}

}  // namespace tally
