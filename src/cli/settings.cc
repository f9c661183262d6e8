// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <string>

namespace tally::cli {
namespace {

constexpr std::chrono::milliseconds kIntervalMax = std::chrono::minutes(1);

/// Settings of features that are not there yet. A switch may be off: then it is obeyed.
struct Missing {
  const char* name;
  bool is_switch;
};
constexpr std::array kMissing{
    Missing{"AUDIT_LOG_RETENTION_DAYS", false},
    Missing{"AUDIT_LOG_ARCHIVE_AFTER_DAYS", false},
    Missing{"AUDIT_LOG_ENCRYPTION", true},
    Missing{"AUDIT_LOG_ENCRYPTION_KEY", false},
    Missing{"AUDIT_ALERT_ENABLED", true},
    Missing{"AUDIT_ALERT_FAILED_LOGINS", false},
    Missing{"AUDIT_ALERT_PRIVILEGE_ESCALATION", false},
    Missing{"AUDIT_ALERT_DATA_EXFILTRATION", false},
    Missing{"AUDIT_ALERT_CONFIG_CHANGES", false},
};

class Variables {
 public:
  explicit Variables(const log::Environment& environment) : environment_(environment) {}

  std::optional<std::string> get(const char* name) const {
    auto value = environment_(name);
    return value && !value->empty() ? value : std::nullopt;
  }
  tl::unexpected<Error> bad(const char* name, const std::string& allowed) const {
    return fail(Errc::invalid_argument, std::string(name) + ": must be " + allowed + ", not \"" +
                                            *get(name) + "\"; correct or unset it");
  }

 private:
  const log::Environment& environment_;
};

Result<void> refuse_missing(const Variables& variables) {
  for (const Missing& setting : kMissing) {
    const auto value = variables.get(setting.name);
    if (!value || (setting.is_switch && parse_switch(*value) == false)) continue;
    return fail(
        Errc::unsupported,
        std::string(setting.name) + ": this version of tallystick has no such feature; unset it");
  }
  const auto checks = variables.get("AUDIT_LOG_INTEGRITY_CHECKS");
  if (!checks || parse_switch(*checks) == true) return {};
  if (!parse_switch(*checks)) return variables.bad("AUDIT_LOG_INTEGRITY_CHECKS", "true or false");
  return fail(Errc::unsupported,
              "AUDIT_LOG_INTEGRITY_CHECKS: the log always checks what it signs; unset it");
}

}  // namespace

std::optional<bool> parse_switch(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const auto* yes : {"true", "1", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const auto* no : {"false", "0", "no", "off"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_interval(std::string_view text) {
  const bool in_milliseconds = text.ends_with("ms");
  if (in_milliseconds) {
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  }
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto whole = parse_decimal(text.substr(0, dot));
  if (!whole || *whole > static_cast<std::uint64_t>(kIntervalMax.count())) return std::nullopt;
  std::uint64_t total = in_milliseconds ? *whole : *whole * 1000;
  if (dot != text.size()) {
    const std::string_view digits = text.substr(dot + 1);
    if (in_milliseconds || digits.empty() || digits.size() > 3) return std::nullopt;
    std::uint64_t scale = 100;
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      total += scale * static_cast<std::uint64_t>(c - '0');
      scale /= 10;
    }
  }
  const std::chrono::milliseconds interval(total);
  if (interval > kIntervalMax) return std::nullopt;
  return interval;
}

Result<WriteSettings> write_settings(const log::Environment& environment) {
  const Variables variables(environment);
  TALLY_TRY_VOID(refuse_missing(variables));
  WriteSettings settings;
  if (const auto text = variables.get("AUDIT_LOG_BATCH_SIZE")) {
    const auto number = parse_decimal(*text);
    if (!number || *number == 0 || *number > kCommitEntriesMax) {
      return variables.bad("AUDIT_LOG_BATCH_SIZE",
                           "a number from 1 to " + std::to_string(kCommitEntriesMax));
    }
    settings.batch_entries = static_cast<std::size_t>(*number);
  }
  if (const auto text = variables.get("AUDIT_LOG_FLUSH_INTERVAL")) {
    const auto interval = parse_interval(*text);
    if (!interval || interval->count() == 0) {
      return variables.bad("AUDIT_LOG_FLUSH_INTERVAL",
                           "seconds, or a time such as 250ms, of at most a minute");
    }
    settings.flush_interval = *interval;
  }
  if (const auto text = variables.get("AUDIT_LOG_HASH_ALGORITHM")) {
    TALLY_TRY(settings.hash,
              with_context(crypto::parse_hash_name(*text), "AUDIT_LOG_HASH_ALGORITHM"));
  }
  if (const auto text = variables.get("AUDIT_LOG_ENABLED")) {
    const auto enabled = parse_switch(*text);
    if (!enabled) return variables.bad("AUDIT_LOG_ENABLED", "true or false");
    settings.enabled = *enabled;
  }
  return settings;
}

}  // namespace tally::cli
