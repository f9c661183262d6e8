// SPDX-License-Identifier: Apache-2.0
#include "cli/entry_flags.h"

#include "cli/query_terms.h"
#include "redact/keyed_digest.h"

#include <functional>
#include <limits>
#include <memory>

namespace tally::cli {
namespace {

constexpr std::size_t kWordsMax = 1'000;

/// How raw session ids become what stands in the log; empty for who does not have the key.
std::function<std::string(std::string_view)> session_hasher(Invocation& call, const LogFlags& flags,
                                                            const log::LogInfo& info) {
  const auto folder = log::KeyFolder::locate(info.id, flags.keys, call.environment);
  if (!folder) return {};
  const auto keys = folder->load(call.fs);
  if (!keys) return {};
  return [digest = std::make_shared<redact::KeyedDigest>(keys->digest_key)](std::string_view id) {
    return (*digest)(id);
  };
}

}  // namespace

Result<std::optional<index::Range>> time_window(const WindowFlags& flags, WallTime now) {
  if (flags.from.empty() && flags.to.empty()) return std::optional<index::Range>();
  const auto time_of = [&](const std::string& text, const char* flag) -> Result<std::int64_t> {
    const auto time = index::parse_time_argument(text, now);
    if (time) return time->time_since_epoch().count();
    return fail(Errc::invalid_argument,
                std::string(flag) + ": \"" + text +
                    "\" is no time; write 2026-11-21, 2026-11-21T19:00:00Z, today or -15m");
  };
  index::Range range{std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max()};
  if (!flags.from.empty()) {
    TALLY_TRY(range.low, time_of(flags.from, flags.from_flag));
  }
  if (!flags.to.empty()) {
    TALLY_TRY(range.high, time_of(flags.to, "--to"));
    range.high -= 1;
    if (range.high < range.low) {
      return fail(Errc::invalid_argument,
                  std::string("--to: must be later than ") + flags.from_flag);
    }
  }
  return std::optional(range);
}

index::Term window_term(const index::Range& window) {
  return {.key = index::Key::time, .negated = false, .value = window, .position = 0, .bound = true};
}

void EntryFlags::declare(OptionSet& options) {
  options.text("--from", from, "TIME",
               "from this time on: 2026-11-21, 2026-11-21T19:00Z, today,\nyesterday, -15m, -2h, "
               "-7d");
  options.text("--to", to, "TIME", "before this time");
  options.words(words, kWordsMax);
  options.words_too(is_negated_term);
}

Result<index::Expression> EntryFlags::parse(Invocation& call, const LogFlags& log,
                                            const log::LogInfo& info) const {
  const WallTime now = call.clock.now();
  index::ParseOptions options;
  options.now = now;
  options.hash_session = session_hasher(call, log, info);
  TALLY_TRY(auto expression, index::parse_expression(joined_terms(words), options));
  TALLY_TRY(const auto window, time_window({from, to}, now));
  if (window) expression.terms.push_back(window_term(*window));
  return expression;
}

std::string expression_keys_text() {
  std::string out;
  std::size_t column = 0;
  for (const std::string_view key : index::key_names()) {
    if (column + key.size() + 2 > 90) {
      out += "\n  ";
      column = 0;
    }
    out += out.empty() || out.ends_with(' ') ? "" : " ";
    out += key;
    column += key.size() + 1;
  }
  return out;
}

}  // namespace tally::cli
