// SPDX-License-Identifier: Apache-2.0
// Parts of MCP payloads that are sensitive by their nature, whatever they say: digests stand in for
// them.
#pragma once

#include "event/event.h"
#include "redact/keyed_digest.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

enum class HideAction : std::uint8_t {
  handle,  ///< a string that whoever holds it can use: its keyed digest, so that it stays
           ///< comparable
  digest,  ///< {"bytes":N,"digest":"hmac:..."}
  blob,    ///< the same, for strings only: base64 in images, audio and resources
  query,   ///< a URL: what follows '?' or '#' is masked
};

struct HideRule {
  std::string_view key;  ///< member name, at any depth
  HideAction action;
};

/// What each kind of payload hides. Static storage.
std::span<const HideRule> hides_of_requests();    ///< messages to models, URL queries, handles
std::span<const HideRule> hides_of_tasks();       ///< requests and results: a task may hold both
std::span<const HideRule> hides_of_answers();     ///< what users and models answered, handles
std::span<const HideRule> hides_of_results();     ///< base64 data, handles
std::span<const HideRule> hides_of_everything();  ///< all of these: for messages that fit nowhere

/// JSON with the members named by `rules` replaced, all other values byte for byte. Findings are
/// added with paths that start with `path`. A value with more parts than can be looked at becomes
/// one digest as a whole.
[[nodiscard]] std::string hide(std::string_view json, std::span<const HideRule> rules,
                               std::string_view path, const redact::KeyedDigest& digest,
                               std::vector<event::Redaction>& redactions);

}  // namespace tally::record
