// SPDX-License-Identifier: Apache-2.0
#include "cli/option_set.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/nearest.h"

#include <algorithm>
#include <utility>

namespace tally::cli {
namespace {

constexpr std::size_t kHelpColumn = 26;

std::string value_missing(std::string_view flag) { return std::string(flag) + ": needs a value"; }

}  // namespace

OptionSet::OptionSet(std::string_view command, std::string_view usage, std::string_view description)
    : command_(command), usage_(usage), description_(description) {
  add("-h,--help", std::monostate(), "", "show this help");
}

void OptionSet::add(std::string_view names, Target target, std::string_view value,
                    std::string_view help) {
  const bool both = !names.starts_with("--");
  TALLY_CHECK(names.starts_with('-') && (!both || names.substr(2, 3) == ",--"));
  options_.push_back({both ? names[1] : '\0', std::string(names.substr(both ? 3 : 0)),
                      std::string(value), std::string(help), target});
}

void OptionSet::flag(std::string_view names, bool& out, std::string_view help) {
  add(names, &out, "", help);
}

void OptionSet::text(std::string_view names, std::string& out, std::string_view value,
                     std::string_view help) {
  add(names, &out, value, help);
}

void OptionSet::texts(std::string_view names, std::vector<std::string>& out, std::string_view value,
                      std::string_view help) {
  add(names, &out, value, help);
}

void OptionSet::number(std::string_view names, std::optional<std::uint64_t>& out,
                       std::string_view value, std::string_view help) {
  add(names, &out, value, help);
}

void OptionSet::words(std::vector<std::string>& out, std::size_t most) {
  words_ = &out;
  words_max_ = most;
}

void OptionSet::words_too(std::function<bool(std::string_view)> is_word) {
  is_word_ = std::move(is_word);
}

std::string OptionSet::Option::shown() const {
  std::string out = short_name == '\0' ? "      " : std::string("  -") + short_name + ", ";
  out += long_name;
  return value.empty() ? out : out + " " + value;
}

std::string OptionSet::help() const {
  std::string out = "Usage: tallystick " + command_;
  if (!usage_.empty()) out += ' ' + usage_;
  out += "\n\n" + description_ + "\n\n";
  for (const Option& option : options_) {
    if (std::holds_alternative<std::monostate>(option.target)) continue;  // stands last
    out += option.shown();
    std::size_t column = option.shown().size();
    std::string_view rest = option.help;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      if (column + 2 > kHelpColumn) {
        out += '\n';
        column = 0;
      }
      out.append(kHelpColumn - column, ' ').append(rest.substr(0, end));
      column = kHelpColumn;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    out += '\n';
  }
  out += "  -h, --help              show this help\n";
  return footer_.empty() ? out : out + '\n' + footer_ + '\n';
}

OptionSet::Option* OptionSet::find(std::string_view long_name) {
  const auto at = std::ranges::find(options_, long_name, &Option::long_name);
  return at == options_.end() ? nullptr : &*at;
}

OptionSet::Option* OptionSet::find(char short_name) {
  const auto at = std::ranges::find(options_, short_name, &Option::short_name);
  return at == options_.end() ? nullptr : &*at;
}

Error OptionSet::unknown(std::string_view flag) const {
  std::vector<std::string> names;
  for (const Option& option : options_) names.push_back(option.long_name);
  const std::string meant = nearest(flag, names);
  std::string detail(flag);
  detail += ": no such flag; ";
  if (!meant.empty()) detail += "did you mean " + meant + "? ";
  return {Errc::invalid_argument, detail + "See tallystick " + command_ + " --help"};
}

bool OptionSet::is_flag(std::string_view word) const {
  return word.size() > 1 && word.front() == '-' && !(is_word_ && is_word_(word));
}

/// `--log --json` is a forgotten value, not a log called --json.
bool OptionSet::is_value(const std::string* next) {
  return next != nullptr && (!next->starts_with("--") || find(*next) == nullptr);
}

Result<void> OptionSet::set(Option& option, std::string_view value) {
  const bool repeatable =
      option.value.empty() || std::holds_alternative<std::vector<std::string>*>(option.target);
  if (std::exchange(option.given, true) && !repeatable) {
    return fail(Errc::invalid_argument, option.long_name + ": given twice");
  }
  if (value.empty() && !option.value.empty()) {
    return fail(Errc::invalid_argument, option.long_name + ": the value is empty");
  }
  if (std::holds_alternative<std::monostate>(option.target)) {
    help_ = true;
  } else if (auto* flag = std::get_if<bool*>(&option.target)) {
    **flag = true;
  } else if (auto* text = std::get_if<std::string*>(&option.target)) {
    **text = value;
  } else if (auto* texts = std::get_if<std::vector<std::string>*>(&option.target)) {
    (*texts)->emplace_back(value);
  } else {
    auto& number = *std::get<std::optional<std::uint64_t>*>(option.target);
    TALLY_TRY(number, parse_number(value, option.long_name));
  }
  return {};
}

Result<std::size_t> OptionSet::take_long(std::string_view word, const std::string* next) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  Option* option = find(name);
  if (option == nullptr) return tl::unexpected(unknown(name));
  if (option->value.empty()) {
    if (equals != std::string_view::npos) {
      return fail(Errc::invalid_argument, std::string(name) + ": takes no value");
    }
    TALLY_TRY_VOID(set(*option, {}));
    return 1;
  }
  if (equals != std::string_view::npos) {
    TALLY_TRY_VOID(set(*option, word.substr(equals + 1)));
    return 1;
  }
  if (!is_value(next)) return fail(Errc::invalid_argument, value_missing(name));
  TALLY_TRY_VOID(set(*option, *next));
  return 2;
}

Result<std::size_t> OptionSet::take_short(std::string_view word, const std::string* next) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    Option* option = find(word[i]);
    if (option == nullptr) {
      return tl::unexpected(unknown(i == 1 ? word : std::string("-") + word[i]));
    }
    if (option->value.empty()) {
      TALLY_TRY_VOID(set(*option, {}));
      continue;
    }
    if (i + 1 < word.size()) {
      TALLY_TRY_VOID(set(*option, word.substr(i + 1)));
      return 1;
    }
    if (!is_value(next)) return fail(Errc::invalid_argument, value_missing(option->long_name));
    TALLY_TRY_VOID(set(*option, *next));
    return 2;
  }
  return 1;
}

Result<void> OptionSet::take_word(const std::string& word) {
  if (words_ != nullptr && words_->size() < words_max_) {
    words_->push_back(word);
    return {};
  }
  return fail(Errc::invalid_argument,
              "\"" + word + "\": unexpected; see tallystick " + command_ + " --help");
}

Result<bool> OptionSet::parse(const std::vector<std::string>& arguments) {
  bool flags = true;
  for (std::size_t i = 0; i < arguments.size();) {
    const std::string& word = arguments[i];
    const std::string* next = i + 1 < arguments.size() ? &arguments[i + 1] : nullptr;
    if (flags && word == "--") {
      flags = false;
      ++i;
    } else if (flags && is_flag(word)) {
      TALLY_TRY(const std::size_t taken,
                word.starts_with("--") ? take_long(word, next) : take_short(word, next));
      i += taken;
      if (help_) return false;  // whatever comes behind it
    } else {
      TALLY_TRY_VOID(take_word(word));
      ++i;
    }
  }
  return true;
}

std::optional<int> take_flags(OptionSet& options, Invocation& call) {
  const auto parsed = options.parse(call.arguments);
  if (!parsed) return call.refuse(parsed.error());
  if (*parsed) return std::nullopt;
  call.console.print(options.help());
  return kOk;
}

Result<std::uint64_t> parse_number(std::string_view text, std::string_view what) {
  const auto number = parse_decimal(text);
  if (number) return *number;
  return fail(Errc::invalid_argument,
              std::string(what) + ": \"" + std::string(text) + "\" is not a number from 0 on");
}

}  // namespace tally::cli
