// SPDX-License-Identifier: Apache-2.0
// The start of a payload that is too large to be copied, as a payload of its own.
#pragma once

#include "base/limits.h"
#include "record/hide.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// About the first `bytes_max` bytes of `json` (one valid value) as one valid value: containers
/// that go on end early, strings over kTextStartBytes are cut, white space is dropped, and what
/// `rules` name is replaced as hide() does it. A string that is cut and looks like JSON in itself
/// is left out, because only the whole of it can be redacted. Takes time and memory for the start
/// only.
[[nodiscard]] std::string json_start(std::string_view json, std::span<const HideRule> rules,
                                     std::string_view path, const redact::KeyedDigest& digest,
                                     std::vector<event::Redaction>& redactions,
                                     std::size_t bytes_max = kPayloadStartBytes);

}  // namespace tally::record
