// SPDX-License-Identifier: Apache-2.0
// Limits of keys, tokens and sessions: the part of limits.h that few files need, so that a change
// here does not build everything again.
#pragma once

#include "base/limits.h"

namespace tally {

/// A key set (JWKS): issuers have a handful of keys of 1 KiB; and how many of them are tried on a
/// token that does not say which one signed it.
inline constexpr std::size_t kKeySetBytesMax = 256 * kKiB;
inline constexpr std::size_t kKeySetKeysMax = 128;
inline constexpr std::size_t kKeysTriedMax = 4;
/// Id of a key, as RFC 7517 leaves it to the issuer.
inline constexpr std::size_t kKeyIdBytesMax = 256;
/// Time to fetch a key set, all in all: nobody waits for it, but a thread does.
inline constexpr std::chrono::milliseconds kKeySetFetchTime{10'000};
/// How often a file of keys is read again to see whether it changed.
inline constexpr std::chrono::milliseconds kKeySetFilePoll{2'000};
/// Values of one claim that are compared with those that give a role.
inline constexpr std::size_t kRoleValuesMax = 256;
/// Browser sessions of one `serve`, and those of one holder, whose oldest goes for a new one: a
/// person has a few browsers.
inline constexpr std::size_t kSessionsMax = 4'096;
inline constexpr std::size_t kSessionsPerHolderMax = 16;

}  // namespace tally
