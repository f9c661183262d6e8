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
};

struct PolicyOptions {
  std::vector<Rule> rules;  ///< tried before the default ones
  /// Tools that change nothing whatever their definition says, as "server/tool" patterns.
  std::vector<std::string> read_only_tools;
  /// Servers whose annotations are not believed, as patterns (`trust_annotations: false`).
  std::vector<std::string> untrusted_servers;
};

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
  [[nodiscard]] bool known_read_only(const Interaction& interaction) const;

 private:
  std::vector<Rule> rules_;
  std::vector<std::string> read_only_tools_;
  std::vector<std::string> untrusted_servers_;
};

/// The rules that hold when nothing is configured, in order.
const std::vector<Rule>& default_rules();

/// Whether `text` matches a pattern in which * stands for any run of characters. At worst
/// quadratic; patterns are ours.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

}  // namespace tally::policy
