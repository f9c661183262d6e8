// SPDX-License-Identifier: Apache-2.0
// A key for digests and times, as several tests of this folder need them.
#pragma once

#include "base/clock.h"
#include "base/encoding.h"
#include "mcp/types.h"
#include "redact/keyed_digest.h"

#include <chrono>

namespace tally::rest::test {

inline const redact::KeyedDigest& digest() {
  static const redact::KeyedDigest kDigest(as_bytes("0123456789abcdef0123456789abcdef"));
  return kDigest;
}

/// So many seconds after both clocks began.
inline mcp::Moment at(int seconds) {
  return {WallTime{std::chrono::seconds(seconds)}, MonoTime{std::chrono::seconds(seconds)}};
}

}  // namespace tally::rest::test
