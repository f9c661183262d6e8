// SPDX-License-Identifier: Apache-2.0
#include "index/expression.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "index/pattern.h"
#include "index/query_keys.h"
#include "index/query_time.h"

#include <algorithm>
#include <limits>

namespace tally::index {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

enum class Operator : std::uint8_t { is, greater, greater_equal, less, less_equal };

/// A value as it was written: `*` outside quotes is a wildcard.
struct Written {
  std::vector<std::string> pieces{std::string()};
  [[nodiscard]] bool has_wildcard() const { return pieces.size() > 1; }
  [[nodiscard]] std::string text() const {
    std::string out = pieces.front();
    for (std::size_t i = 1; i < pieces.size(); ++i) out += '*' + pieces[i];
    return out;
  }
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, utf8_prefix(text, 64));
  return out;
}

/// Reads terms one after the other; recursion-free.
class Parser {
 public:
  Parser(std::string_view text, const ParseOptions& options) : text_(text), options_(options) {}

  Result<Expression> run() {
    Expression expression;
    for (skip_space(); at_ < text_.size(); skip_space()) {
      if (expression.terms.size() >= kExpressionTermsMax) {
        return refuse(at_, "more than " + std::to_string(kExpressionTermsMax) + " terms");
      }
      TALLY_TRY(Term term, read_term());
      expression.terms.push_back(std::move(term));
    }
    return expression;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  /// Position as people count: characters from 1.
  [[nodiscard]] tl::unexpected<Error> refuse(std::size_t at, const std::string& reason) const {
    std::size_t characters = 1;
    for (const char c : text_.substr(0, at))
      characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return fail(Errc::invalid_argument, "position " + std::to_string(characters) + ": " + reason);
  }

  Result<Term> read_term() {
    Term term{.key = Key::text, .negated = false, .value = Pattern{}, .position = at_};
    if (text_[at_] == '-' && at_ + 1 < text_.size() && !is_space(text_[at_ + 1])) {
      term.negated = true;
      ++at_;
    }
    std::size_t end = at_;
    while (end < text_.size() && is_key_char(text_[end])) ++end;
    const std::string_view name = text_.substr(at_, end - at_);
    if (!name.empty() && end < text_.size()) {
      const std::size_t name_at = at_;
      at_ = end;
      if (const auto op = read_operator(term.negated))
        return read_keyed(std::move(term), name, name_at, *op);
      at_ = name_at;
    }
    return read_free_text(std::move(term));
  }

  std::optional<Operator> read_operator(bool& negated) {
    const auto take = [this](std::string_view sign) {
      if (!text_.substr(at_).starts_with(sign)) return false;
      at_ += sign.size();
      return true;
    };
    if (take(">=")) return Operator::greater_equal;
    if (take("<=")) return Operator::less_equal;
    if (take(">")) return Operator::greater;
    if (take("<")) return Operator::less;
    if (take("!=")) {
      negated = !negated;
      return Operator::is;
    }
    if (take(":") || take("=")) return Operator::is;
    return std::nullopt;
  }

  Result<Term> read_free_text(Term term) {
    const std::size_t start = at_;
    TALLY_TRY(const Written written, read_value());
    const std::string_view raw = text_.substr(start, at_ - start);
    if (raw == "AND" || raw == "OR" || raw == "NOT") {
      return refuse(start, std::string(raw) +
                               " is no operator here: terms with the same key are alternatives, "
                               "others must all hold, and "
                               "'-' in front excludes; write \"" +
                               std::string(raw) + "\" in quotes to search for the word");
    }
    Pattern pattern = pattern_of(written);
    // Free text is found anywhere, so wildcards at its ends say nothing.
    std::erase(pattern.pieces, "");
    if (pattern.pieces.empty()) return refuse(start, "nothing to search for");
    term.value = std::move(pattern);
    return term;
  }

  static Pattern pattern_of(const Written& written) {
    Pattern pattern;
    for (const std::string& piece : written.pieces) pattern.pieces.push_back(fold(piece));
    return pattern;
  }

  /// Up to white space; quoted parts keep it, and their `*` is a character.
  Result<Written> read_value() {
    Written written;
    while (at_ < text_.size() && !is_space(text_[at_])) {
      const char c = text_[at_];
      if (c == '"') {
        TALLY_TRY_VOID(read_quoted(written.pieces.back()));
      } else if (c == '*') {
        ++at_;
        written.pieces.emplace_back();
      } else {
        written.pieces.back() += c;
        ++at_;
      }
    }
    return written;
  }

  Result<void> read_quoted(std::string& out) {
    const std::size_t open = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\'))
        ++at_;
      out += text_[at_++];
    }
    if (at_ == text_.size()) return refuse(open, "this quote is not closed");
    ++at_;
    return {};
  }

  Result<Term> read_keyed(Term term, std::string_view name, std::size_t name_at, Operator op) {
    const QueryKey* key = find_query_key(name);
    if (key == nullptr) return unknown_key(name, name_at);
    term.key = key->key;
    term.bound = op != Operator::is;
    const std::size_t value_at = at_;
    if (at_ >= text_.size() || is_space(text_[at_])) {
      return refuse(value_at, std::string(key->name) + " needs a value; " + std::string(key->name) +
                                  ":* stands for any, " + std::string(key->name) +
                                  ":\"\" for none");
    }
    TALLY_TRY(const Written written, read_value());
    const bool takes_range = key->kind != ValueKind::text && key->kind != ValueKind::word;
    if (term.bound && !takes_range) {
      return refuse(name_at + name.size(), std::string(key->name) + " has no order; use ':'");
    }
    // "any" and "none" work for every key.
    const bool any_or_none =
        op == Operator::is && (written.text() == "*" || written.text().empty());
    if (any_or_none || key->kind == ValueKind::text) {
      term.value = text_value(*key, written);
      return term;
    }
    if (key->kind == ValueKind::word ||
        (key->kind == ValueKind::ordered && written.has_wildcard() && !term.bound)) {
      return word_term(std::move(term), *key, written, value_at);
    }
    TALLY_TRY(term.value, range_value(*key, written.text(), op, value_at));
    return term;
  }

  [[nodiscard]] tl::unexpected<Error> unknown_key(std::string_view name, std::size_t at) const {
    std::vector<std::string> names;
    for (const std::string_view known : key_names()) names.emplace_back(known);
    std::string reason = "unknown key " + quoted(name);
    if (const auto guess = nearest(name, names)) {
      reason += "; did you mean " + *guess + "?";
    } else {
      reason += "; put the text in quotes to search for it, or use one of:";
      for (const std::string& known : names) reason += ' ' + known;
    }
    return refuse(at, reason);
  }

  [[nodiscard]] Pattern text_value(const QueryKey& key, const Written& written) const {
    const std::string raw = written.text();
    const bool hashed = key.key == Key::session && options_.hash_session &&
                        !written.has_wildcard() && !raw.empty() && !raw.starts_with("hmac:");
    if (hashed) return Pattern{{fold(options_.hash_session(raw))}};
    return pattern_of(written);
  }

  Result<Term> word_term(Term term, const QueryKey& key, const Written& written, std::size_t at) {
    Pattern pattern = pattern_of(written);
    if (!written.has_wildcard()) {
      const auto known = word_texts(key.key);
      if (std::ranges::find(known, pattern.pieces.front()) == known.end())
        return unknown_word(key, written.text(), at);
    }
    term.value = std::move(pattern);
    return term;
  }

  [[nodiscard]] tl::unexpected<Error> unknown_word(const QueryKey& key, const std::string& word,
                                                   std::size_t at) const {
    const auto known = word_texts(key.key);
    std::string reason = std::string(key.name) + " is never " + quoted(word);
    if (const auto guess = nearest(word, known)) {
      reason += "; did you mean " + *guess + "?";
    } else {
      reason += "; it is one of:";
      for (const std::string& text : known) reason += ' ' + text;
    }
    return refuse(at, reason);
  }

  /// 10, 10..20, 10.., ..20 with `:`, or one end with a comparison.
  Result<Range> range_value(const QueryKey& key, const std::string& text, Operator op,
                            std::size_t at) const {
    const std::size_t dots = op == Operator::is ? text.find("..") : std::string::npos;
    if (dots != std::string::npos) {
      const std::string low = text.substr(0, dots);
      const std::string high = text.substr(dots + 2);
      if (low.empty() && high.empty()) return refuse(at, "a range needs a start or an end");
      Range range{kLowest, kHighest};
      if (!low.empty()) {
        TALLY_TRY(const TimeSpan first, read_point(key, low, at));
        range.low = first.micros.low;
      }
      if (!high.empty()) {
        TALLY_TRY(const TimeSpan last, read_point(key, high, at));
        range.high = last.micros.high;
      }
      if (range.low > range.high) return refuse(at, "this range ends before it starts");
      return range;
    }
    TALLY_TRY(const TimeSpan point, read_point(key, text, at));
    switch (op) {
      case Operator::is:
        return Range{point.micros.low, point.relative ? kHighest : point.micros.high};
      case Operator::greater:
        return point.micros.high == kHighest ? Range{1, 0} : Range{point.micros.high + 1, kHighest};
      case Operator::greater_equal: return Range{point.micros.low, kHighest};
      case Operator::less:
        return point.micros.low == kLowest ? Range{1, 0} : Range{kLowest, point.micros.low - 1};
      case Operator::less_equal: return Range{kLowest, point.micros.high};
    }
    TALLY_CHECK(!"Operator out of range");
  }

  Result<TimeSpan> read_point(const QueryKey& key, const std::string& text, std::size_t at) const {
    const auto point = [](std::int64_t value) { return TimeSpan{{value, value}, false}; };
    switch (key.kind) {
      case ValueKind::number: {
        const auto number = parse_decimal(text);
        if (number && *number <= static_cast<std::uint64_t>(kHighest))
          return point(static_cast<std::int64_t>(*number));
        return refuse(at, quoted(text) + " is no sequence number; write 41, 10..20 or >=10");
      }
      case ValueKind::time: {
        const auto span = parse_time_span(text, options_.now);
        if (span) return *span;
        return refuse(at, quoted(text) +
                              " is no time; write 2026-11-20, 2026-11-20T10:30, "
                              "2026-11-20T10:30:00+01:00, today, "
                              "yesterday, now or -15m (units us ms s m h d w)");
      }
      case ValueKind::duration: {
        const auto micros = parse_duration(text);
        if (micros) return point(*micros);
        return refuse(at, quoted(text) + " is no duration; write 250 (milliseconds), 1.5s or 2m");
      }
      case ValueKind::ordered: {
        const auto known = word_texts(key.key);
        const auto found = std::ranges::find(known, fold(text));
        if (found != known.end()) return point(found - known.begin());
        return unknown_word(key, text, at);
      }
      case ValueKind::text:
      case ValueKind::word: break;
    }
    TALLY_CHECK(!"not a key with ranges");
  }

  std::string_view text_;
  const ParseOptions& options_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Expression> parse_expression(std::string_view text, const ParseOptions& options) {
  if (text.size() > kExpressionBytesMax) {
    return fail(Errc::too_large, "the expression has " + std::to_string(text.size()) +
                                     " bytes; at most " + std::to_string(kExpressionBytesMax) +
                                     " are allowed");
  }
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return fail(Errc::invalid_argument, "the expression must be UTF-8 text without NUL");
  }
  return Parser(text, options).run();
}

}  // namespace tally::index
