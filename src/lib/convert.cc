// SPDX-License-Identifier: Apache-2.0
#include "lib/convert.h"

namespace tally::lib {
namespace {

/// A new kind stops the build here until the public header has it too.
constexpr tallystick::Errc public_code(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return tallystick::Errc::invalid_argument;
    case Errc::malformed: return tallystick::Errc::malformed;
    case Errc::too_large: return tallystick::Errc::too_large;
    case Errc::not_found: return tallystick::Errc::not_found;
    case Errc::already_exists: return tallystick::Errc::already_exists;
    case Errc::permission_denied: return tallystick::Errc::permission_denied;
    case Errc::io: return tallystick::Errc::io;
    case Errc::disk_full: return tallystick::Errc::disk_full;
    case Errc::sync_failed: return tallystick::Errc::sync_failed;
    case Errc::unsupported: return tallystick::Errc::unsupported;
    case Errc::timeout: return tallystick::Errc::timeout;
    case Errc::overloaded: return tallystick::Errc::overloaded;
    case Errc::closed: return tallystick::Errc::closed;
    case Errc::poisoned: return tallystick::Errc::poisoned;
    case Errc::corrupt: return tallystick::Errc::corrupt;
    case Errc::mismatch: return tallystick::Errc::mismatch;
  }
  return tallystick::Errc::io;
}

}  // namespace

tallystick::Error public_error(Error error) {
  return {public_code(error.code), std::move(error.detail)};
}

}  // namespace tally::lib

namespace tallystick {

std::string_view errc_name(Errc code) {
  static_assert(static_cast<int>(Errc::mismatch) == static_cast<int>(tally::Errc::mismatch));
  return tally::errc_name(static_cast<tally::Errc>(code));
}

}  // namespace tallystick
