// SPDX-License-Identifier: Apache-2.0
// What is recorded of an interaction, when, and what happens when it cannot be recorded: ordered
// rules, first match.
#pragma once

#include "mcp/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::policy {

/// How much of a payload is kept.
enum class Level : std::uint8_t {
  none,      ///< no record at all
  metadata,  ///< no payloads
  request,   ///< arguments
  full,      ///< arguments and result
};

/// What happens to a message whose record cannot be written.
enum class OnFailure : std::uint8_t {
  block,  ///< it is not forwarded: recorded before it happens, or it does not happen
  allow,  ///< it is forwarded; what is missing in the record is counted and reported
};

struct Decision {
  Level level = Level::full;
  bool initiated = false;  ///< a record before the message is passed on
  bool completed = true;   ///< a record when the outcome is known
  OnFailure on_failure = OnFailure::allow;
  std::string_view rule;  ///< name of the rule that decided; lives as long as the policy

  /// Whether the message has to wait until its initiated record is durable.
  [[nodiscard]] bool write_ahead() const { return initiated && on_failure == OnFailure::block; }
};

/// What a rule can look at.
struct Interaction {
  mcp::Direction direction = mcp::Direction::c2s;
  std::string_view method;  ///< empty when it could not be read
  std::string_view tool;    ///< of tools/call; else empty
  std::string_view server;
  std::string_view actor;
  bool hinted_read_only =
      false;               ///< readOnlyHint of the definition last served, and it never changed
  bool ambiguous = false;  ///< two readers could disagree about what it asks for
  bool unparsed = false;   ///< no JSON-RPC message that we can read
};

/// Conditions are patterns with * for any run of characters; an empty list matches everything.
struct Rule {
  std::string name;
  std::optional<mcp::Direction> direction = {};
  std::vector<std::string> methods = {}, tools = {}, servers = {}, actors = {};
  std::optional<bool> read_only = {};  ///< known read-only, see Policy::known_read_only()
  std::optional<bool> ambiguous = {};
  std::optional<bool> unparsed = {};
  Level level = Level::full;
  bool initiated = false;
  bool completed = true;
  OnFailure on_failure = OnFailure::allow;
  /// What the rule leaves open: then the value above is not used, but what the first default rule
  /// that fits says. So a rule that is about payloads does not take the write-ahead stage away.
  bool default_level = false, default_stages = false, default_on_failure = false;
  std::string place = {};  ///< "FILE:LINE", for explanations; empty: built in
};

/// "none", "metadata", "request", "full"; "block", "allow".
[[nodiscard]] std::string_view level_name(Level level);
[[nodiscard]] std::string_view on_failure_name(OnFailure on_failure);

struct PolicyOptions {
  std::vector<Rule> rules;  ///< tried before the default ones
  /// Tools that change nothing whatever their definition says, as "server/tool" patterns.
  std::vector<std::string> read_only_tools;
  /// Servers whose annotations are not believed, as patterns (`trust_annotations: false`), and
  /// those that are believed though such a pattern fits them.
  std::vector<std::string> untrusted_servers;
  std::vector<std::string> trusted_servers = {};
};

/// Why a tools/call counts as known read-only, or does not.
enum class ReadOnly : std::uint8_t {
  not_a_call,    ///< ambiguous, unreadable or another method
  not_hinted,    ///< no hint (or the definition changed), and not on the list
  not_believed,  ///< hinted, but its server's annotations are not trusted, and not on the list
  hinted,        ///< by a server that is trusted
  listed,        ///< by read_only_tools
};
[[nodiscard]] constexpr bool known_read_only(ReadOnly why) {
  return why == ReadOnly::hinted || why == ReadOnly::listed;
}

/// Immutable once made; may be used by several threads.
class Policy {
 public:
  /// The default policy: contract, section 3.
  Policy() : Policy(PolicyOptions{}) {}
  explicit Policy(PolicyOptions options);

  /// The first rule that matches; the last default rule matches everything.
  [[nodiscard]] Decision decide(const Interaction& interaction) const;
  /// Whether a tools/call is known to change nothing: by the server's hint, if it is believed, or
  /// by our list.
  [[nodiscard]] ReadOnly read_only(const Interaction& interaction) const;
  [[nodiscard]] bool known_read_only(const Interaction& interaction) const {
    return policy::known_read_only(read_only(interaction));
  }
  /// All rules in the order in which they are tried, the default ones last.
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

 private:
  [[nodiscard]] const Rule& first_match(std::size_t from, const Interaction& interaction,
                                        bool read_only) const;

  std::vector<Rule> rules_;
  std::vector<std::string> read_only_tools_;
  std::vector<std::string> untrusted_servers_;
  std::vector<std::string> trusted_servers_;
};

/// The condition of `rule` that `interaction` does not meet ("methods", "read_only", ...); empty
/// when it meets all of them. `read_only` = known read-only.
[[nodiscard]] std::string_view unmet_condition(const Rule& rule, const Interaction& interaction,
                                               bool read_only);

/// The rules that hold when nothing is configured, in order.
const std::vector<Rule>& default_rules();

/// Whether `text` matches a pattern in which * stands for any run of characters. At worst
/// quadratic; patterns are ours.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace tally::policy
