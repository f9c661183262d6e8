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

/// What hides single members; for those who walk the JSON themselves. Refers to what it is given.
class Hiding {
 public:
  Hiding(std::span<const HideRule> rules, const redact::KeyedDigest& digest,
         std::vector<event::Redaction>& redactions)
      : rules_(rules), digest_(digest), redactions_(redactions) {}

  /// nullptr when no rule names the key (unescaped).
  [[nodiscard]] const HideRule* rule_for(std::string_view key) const;
  /// Appends what stands for the value `raw` at `path` and notes it; false when there is nothing to
  /// hide in a value of this kind.
  bool replace(std::string_view raw, const HideRule& rule, std::string_view path,
               std::string& out) const;

 private:
  std::span<const HideRule> rules_;
  const redact::KeyedDigest& digest_;
  std::vector<event::Redaction>& redactions_;
};

/// Whether hide() would have to look closer: some key of `rules`, or an escape that might spell
/// one, stands in `json`. False: it gives `json` itself.
[[nodiscard]] bool may_need_hiding(std::string_view json, std::span<const HideRule> rules);

/// JSON with the members named by `rules` replaced, all other values byte for byte. Findings are
/// added with paths that start with `path`. A value with more parts than can be looked at becomes
/// one digest as a whole.
[[nodiscard]] std::string hide(std::string_view json, std::span<const HideRule> rules,
                               std::string_view path, const redact::KeyedDigest& digest,
                               std::vector<event::Redaction>& redactions);
/// The same without a copy where there is nothing to hide: gives `json` itself, else `buffer`,
/// which gets the text.
[[nodiscard]] std::string_view hide(std::string_view json, std::span<const HideRule> rules,
                                    std::string_view path, const redact::KeyedDigest& digest,
                                    std::vector<event::Redaction>& redactions, std::string& buffer);

}  // namespace tally::record
