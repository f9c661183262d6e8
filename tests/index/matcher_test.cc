// SPDX-License-Identifier: Apache-2.0
// Matching whole expressions, and agreement with a plain evaluation over decoded events.
#include "index/matcher.h"

#include "event/codec.h"
#include "event/duration.h"
#include "event/samples.h"
#include "index/pattern.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace tally::index {
namespace {

const ParseOptions kOptions = {.now = *parse_time("2026-11-21T19:00:00Z"), .hash_session = {}};

Matcher matcher(std::string_view text) {
  auto expression = parse_expression(text, kOptions);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : expression.error().detail);
  return Matcher(expression ? std::move(*expression) : Expression{});
}

std::string line_of(const event::Event& e, std::uint64_t seq = 41) {
  return "{\"seq\":" + std::to_string(seq) + "," + event::encode(e).substr(1);
}

TEST(Matcher, SameKeyIsOrDifferentKeysAreAnd) {
  const std::string line = line_of(event::full_event());
  for (const char* yes : {"",
                          "result:failure",
                          "result:success result:failure",
                          "result:failure type:mcp",
                          "-result:success",
                          "tool:read_*",
                          "tool:READ_TEXT_FILE",
                          "server:files",
                          "severity>=warning",
                          "severity:debug..warning",
                          "seq:41",
                          "seq>=40 seq<42",
                          "seq:1 seq:41",
                          "time:2026-11-21",
                          "time>=2026-11-21T19:00 time<2026-11-21T19:01",
                          "duration>3 duration<4",
                          "\"access denied\"",
                          "access denied",
                          "outside*directories",
                          "actor:j*@example.com",
                          "recorded:2026-11-21T19:00:05",
                          "id:019aa7c2*",
                          "actor:*",
                          "-flow:\"\"",
                          "result:fail*",
                          "level:*"}) {
    EXPECT_TRUE(matcher(yes).matches(line)) << yes;
  }
  for (const char* no :
       {"result:success", "result:failure type:auth", "-result:failure", "result:failure -type:mcp",
        "tool:write*", "resource:read_text_file", "server:file", "severity>warning", "seq:42",
        "seq:41 seq>41", "time:2026-11-20", "time>=2026-11-21 time<2026-11-21", "duration>4",
        "\"denied access\"", "access granted", "-denied", "actor:\"\"", "-actor:*",
        "error_message"}) {
    EXPECT_FALSE(matcher(no).matches(line)) << no;
  }
}

TEST(Matcher, BrokenLinesMatchNothingButTheEmptyExpression) {
  for (const char* line : {"", "x", "{", "[]", "{\"seq\":1"}) {
    EXPECT_TRUE(matcher("").matches(line));
    EXPECT_FALSE(matcher("-actor:x").matches(line)) << line;
  }
}

TEST(Matcher, EscapesInALineHideNothing) {
  const std::string line =
      R"({"seq":0,"actor_id":"\u0061lice","details":{"server":{"name":"\u0066iles"},"t":"caf\u00e9"}})";
  for (const char* yes : {"actor:alice", "server:files", "café", "ALICE"})
    EXPECT_TRUE(matcher(yes).matches(line)) << yes;
}

TEST(Matcher, SeqRangeBoundsWhatCanMatch) {
  const std::int64_t all = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(matcher("actor:x").seq_range(), (Range{0, all}));
  EXPECT_EQ(matcher("seq:10..20 seq:40").seq_range(), (Range{10, 40}));
  EXPECT_EQ(matcher("seq:10..20 seq>=15").seq_range(), (Range{15, 20}));
  EXPECT_EQ(matcher("-seq:10").seq_range(), (Range{0, all}));
  EXPECT_EQ(matcher("seq:*").seq_range(), (Range{0, all}));
  const Range none = matcher("seq<5 seq>7").seq_range();
  EXPECT_GT(none.low, none.high);
}

/// The semantics written down once more, over the decoded event and without any shortcut.
class Reference {
 public:
  Reference(const event::Event& e, std::uint64_t seq) : e_(e), seq_(seq) {}

  bool matches(const Expression& expression) const {
    for (const Term& term : expression.terms) {
      if (term.negated ? holds(term) : !required(term, expression)) return false;
    }
    return true;
  }

 private:
  bool required(const Term& term, const Expression& expression) const {
    if (holds(term)) return true;
    if (term.bound || term.key == Key::text) return false;
    for (const Term& other : expression.terms) {
      if (other.key == term.key && !other.negated && !other.bound && holds(other)) return true;
    }
    return false;
  }

  bool holds(const Term& term) const {
    if (const auto* range = std::get_if<Range>(&term.value)) {
      const auto n = number(term.key);
      return n && *n >= range->low && *n <= range->high;
    }
    const auto& pattern = std::get<Pattern>(term.value);
    if (term.key == Key::text) {
      std::string duration;
      if (e_.duration) event::append_milliseconds(duration, *e_.duration);
      for (const std::optional<std::string>& text :
           {e_.actor_id, e_.target_id, e_.error_message, std::optional(e_.event_name),
            std::optional(format_time(e_.timestamp)), std::optional(duration),
            std::optional(std::string(to_text(e_.event_type)) + ',' +
                          std::string(to_text(e_.severity)) + ",success,succeeded,medium")}) {
        if (text && occurs_in(pattern, *text)) return true;
      }
      return false;
    }
    return text(term.key, pattern);
  }

  bool text(Key key, const Pattern& p) const {
    const auto whole = [&](const std::optional<std::string>& t) {
      if (p.pieces == std::vector<std::string>{"", ""}) return t.has_value();
      return matches_whole(p, t.value_or(""));
    };
    switch (key) {
      case Key::actor: return whole(e_.actor_id);
      case Key::event: return whole(e_.event_name);
      case Key::type: return whole(std::string(to_text(e_.event_type)));
      case Key::target:
        return matches_whole(p, e_.target_id.value_or("")) ||
               matches_whole(p, e_.target_name.value_or("")) ||
               matches_whole(p, e_.target_type.value_or(""));
      default: ADD_FAILURE(); return false;
    }
  }

  std::optional<std::int64_t> number(Key key) const {
    switch (key) {
      case Key::seq: return static_cast<std::int64_t>(seq_);
      case Key::severity: return static_cast<std::int64_t>(e_.severity);
      case Key::duration: return e_.duration ? std::optional(e_.duration->count()) : std::nullopt;
      default: ADD_FAILURE(); return std::nullopt;
    }
  }

  const event::Event& e_;
  std::uint64_t seq_;
};

TEST(Matcher, AgreesWithThePlainEvaluation) {
  event::EventMaker make(41);
  const char* const terms[] = {"actor:a*",
                               "actor:*a*",
                               "actor:\"\"",
                               "-actor:*",
                               "actor:é*",
                               "type:mcp",
                               "type:auth",
                               "-type:api",
                               "type:s*",
                               "severity>=warning",
                               "severity:info",
                               "-severity:debug",
                               "seq:3..9",
                               "seq>5",
                               "seq<8",
                               "-seq:7",
                               "duration>100ms",
                               "duration<=1s",
                               "target:*z",
                               "target:a",
                               "a",
                               "\"z\"",
                               "-漢",
                               "event:a*",
                               "\"\\\\\"",
                               "-\"\\\"\"",
                               "mcp",
                               "😀"};
  int matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    event::Event e = make.next();
    // Short texts, so that terms hit often, and nothing outside the fields that the reference looks
    // at.
    const event::Event random = std::exchange(e, event::Event{});
    e.timestamp = random.timestamp;
    e.event_name = random.event_name.substr(0, 2);
    e.event_type = random.event_type;
    e.severity = random.severity;
    e.actor_id = random.actor_id;
    e.target_id = random.target_id;
    e.duration = random.duration;
    e.error_message = random.error_message;
    std::string text;
    for (unsigned n = 1 + make.pick(4); n > 0; --n)
      text += std::string(terms[make.pick(std::size(terms))]) + ' ';
    const auto expression = parse_expression(text, kOptions);
    ASSERT_TRUE(expression) << text;
    const std::uint64_t seq = make.pick(12);
    const bool expected = Reference(e, seq).matches(*expression);
    ASSERT_EQ(Matcher(*expression).matches(line_of(e, seq)), expected) << text << "\n"
                                                                       << line_of(e, seq);
    matched += expected ? 1 : 0;
  }
  EXPECT_GT(matched, 2000);
}

}  // namespace
}  // namespace tally::index
