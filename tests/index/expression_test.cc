// SPDX-License-Identifier: Apache-2.0
// The language: what parses to what, and errors that say where and what was meant.
#include "index/expression.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tally::index {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
const ParseOptions kOptions = {.now = *parse_time("2026-11-21T19:00:00Z"), .hash_session = {}};

std::vector<Term> parse(std::string_view text, const ParseOptions& options = kOptions) {
  const auto expression = parse_expression(text, options);
  EXPECT_TRUE(expression) << text << ": " << (expression ? "" : expression.error().detail);
  return expression ? expression->terms : std::vector<Term>();
}

std::string refusal(std::string_view text) {
  const auto expression = parse_expression(text, kOptions);
  return expression ? "accepted" : expression.error().detail;
}

std::vector<std::string> pieces(const Term& term) { return std::get<Pattern>(term.value).pieces; }
Range range(const Term& term) { return std::get<Range>(term.value); }
std::int64_t micros(std::string_view time) { return parse_time(time)->time_since_epoch().count(); }

TEST(Expression, TheExampleOfTheDesign) {
  const auto terms = parse(R"(actor:alice tool:read_* result:failure -severity:debug "free text")");
  ASSERT_EQ(terms.size(), 5U);
  EXPECT_EQ(terms[0].key, Key::actor);
  EXPECT_EQ(pieces(terms[0]), std::vector<std::string>{"alice"});
  EXPECT_EQ(terms[1].key, Key::tool);
  EXPECT_EQ(pieces(terms[1]), (std::vector<std::string>{"read_", ""}));
  EXPECT_EQ(terms[2].key, Key::result);
  EXPECT_EQ(terms[3].key, Key::severity);
  EXPECT_TRUE(terms[3].negated);
  EXPECT_EQ(range(terms[3]), (Range{0, 0}));
  EXPECT_EQ(terms[4].key, Key::text);
  EXPECT_EQ(pieces(terms[4]), std::vector<std::string>{"free text"});
  EXPECT_EQ(terms[4].position, 55U);
}

TEST(Expression, NothingMatchesEverything) {
  EXPECT_TRUE(parse("").empty());
  EXPECT_TRUE(parse("  \t\n ").empty());
}

TEST(Expression, QuotesKeepSpaceAndStars) {
  EXPECT_EQ(pieces(parse(R"(tool:"read * file"*)")[0]),
            (std::vector<std::string>{"read * file", ""}));
  EXPECT_EQ(pieces(parse(R"("a \"b\" \\ c")")[0]), std::vector<std::string>{"a \"b\" \\ c"});
  EXPECT_EQ(pieces(parse(R"(actor:"")")[0]), std::vector<std::string>{""});
  EXPECT_EQ(pieces(parse("actor:*")[0]), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(pieces(parse("Foo*Bar")[0]), (std::vector<std::string>{"foo", "bar"}));
  EXPECT_EQ(pieces(parse("*mid*")[0]), std::vector<std::string>{"mid"});
}

TEST(Expression, OperatorsAndAliases) {
  EXPECT_EQ(parse("outcome=denied")[0].key, Key::result);
  EXPECT_EQ(parse("actor_id:x")[0].key, Key::actor);
  EXPECT_TRUE(parse("actor!=x")[0].negated);
  EXPECT_FALSE(parse("-actor!=x")[0].negated);
  EXPECT_EQ(parse("resource:file:///a/b?c=d")[0].key, Key::resource);
  EXPECT_EQ(pieces(parse("resource:file:///a/b?c=d")[0]),
            std::vector<std::string>{"file:///a/b?c=d"});
  EXPECT_EQ(parse("/etc/shadow")[0].key, Key::text);
  EXPECT_EQ(parse("a-b:c")[0].key, Key::text);
  EXPECT_EQ(parse("- x").size(), 2U);
}

TEST(Expression, Ranges) {
  EXPECT_EQ(range(parse("seq:10..20")[0]), (Range{10, 20}));
  EXPECT_EQ(range(parse("seq:10..")[0]), (Range{10, kHighest}));
  EXPECT_EQ(range(parse("seq:..20")[0]), (Range{kLowest, 20}));
  EXPECT_EQ(range(parse("seq:7")[0]), (Range{7, 7}));
  EXPECT_EQ(range(parse("seq>7")[0]), (Range{8, kHighest}));
  EXPECT_EQ(range(parse("seq<=7")[0]), (Range{kLowest, 7}));
  EXPECT_EQ(range(parse("seq<0")[0]), (Range{kLowest, -1}));
  EXPECT_TRUE(parse("seq>7")[0].bound);
  EXPECT_FALSE(parse("seq:7")[0].bound);
  EXPECT_EQ(range(parse("severity>=warning")[0]), (Range{2, kHighest}));
  EXPECT_EQ(range(parse("level:low..high")[0]), (Range{0, 2}));
  EXPECT_EQ(range(parse("duration>1.5s")[0]), (Range{1'500'001, kHighest}));
}

TEST(Expression, TimesCoverWhatTheyName) {
  EXPECT_EQ(range(parse("time:2026-11-20")[0]),
            (Range{micros("2026-11-20T00:00:00Z"), micros("2026-11-20T23:59:59.999999Z")}));
  EXPECT_EQ(range(parse("time>2026-11-20")[0]).low, micros("2026-11-21T00:00:00Z"));
  EXPECT_EQ(range(parse("time>=2026-11-20")[0]).low, micros("2026-11-20T00:00:00Z"));
  EXPECT_EQ(range(parse("time<2026-11-20")[0]).high, micros("2026-11-19T23:59:59.999999Z"));
  EXPECT_EQ(range(parse("time<=2026-11-20")[0]).high, micros("2026-11-20T23:59:59.999999Z"));
  EXPECT_EQ(range(parse("time:2026-11-19..2026-11-20")[0]),
            (Range{micros("2026-11-19T00:00:00Z"), micros("2026-11-20T23:59:59.999999Z")}));
  EXPECT_EQ(range(parse("time:-1h")[0]), (Range{micros("2026-11-21T18:00:00Z"), kHighest}));
  EXPECT_EQ(range(parse("time:-1h..now-30m")[0]),
            (Range{micros("2026-11-21T18:00:00Z"), micros("2026-11-21T18:30:00Z")}));
  EXPECT_EQ(range(parse(R"(recorded>="2026-11-20 10:30")")[0]).low, micros("2026-11-20T10:30:00Z"));
}

TEST(Expression, RawSessionIdsAreHashed) {
  const ParseOptions options = {
      .now = {}, .hash_session = [](std::string_view id) { return "hmac:K:" + std::string(id); }};
  EXPECT_EQ(pieces(parse("session:ABC", options)[0]), std::vector<std::string>{"hmac:k:abc"});
  EXPECT_EQ(pieces(parse("session:hmac:k:1", options)[0]), std::vector<std::string>{"hmac:k:1"});
  EXPECT_EQ(pieces(parse("session:hmac*", options)[0]), (std::vector<std::string>{"hmac", ""}));
  EXPECT_EQ(pieces(parse("session:*", options)[0]), (std::vector<std::string>{"", ""}));
}

TEST(Expression, ErrorsSayWhereAndWhatWasMeant) {
  const std::pair<const char*, const char*> rows[] = {
      {"actor:a tol:b", "position 9: unknown key \"tol\"; did you mean tool?"},
      {"é tol:b", "position 3: unknown key \"tol\"; did you mean tool?"},
      {"result:failed", "position 8: result is never \"failed\"; did you mean failure?"},
      {"result:nonsense",
       "position 8: result is never \"nonsense\"; it is one of: success failure denied "
       "error deferred pending unknown"},
      {"severity>=warn",
       "position 11: severity is never \"warn\"; it is one of: debug info warning error "
       "critical"},
      {"actor>=a", "position 6: actor has no order; use ':'"},
      {"actor: x", "position 7: actor needs a value; actor:* stands for any, actor:\"\" for none"},
      {"actor:\"x", "position 7: this quote is not closed"},
      {"seq:1x", "position 5: \"1x\" is no sequence number; write 41, 10..20 or >=10"},
      {"seq:99999999999999999999",
       "position 5: \"99999999999999999999\" is no sequence number; write 41, 10..20 or "
       ">=10"},
      {"seq:9223372036854775808",
       "position 5: \"9223372036854775808\" is no sequence number; write 41, 10..20 or "
       ">=10"},
      {"seq:..", "position 5: a range needs a start or an end"},
      {"seq:20..10", "position 5: this range ends before it starts"},
      {"seq:1*", "position 5: \"1*\" is no sequence number; write 41, 10..20 or >=10"},
      {"duration:fast",
       "position 10: \"fast\" is no duration; write 250 (milliseconds), 1.5s or 2m"},
      {"\"\"", "position 1: nothing to search for"},
      {"*", "position 1: nothing to search for"},
  };
  for (const auto& [text, detail] : rows) EXPECT_EQ(refusal(text), detail) << text;
  EXPECT_EQ(refusal("time:soon").substr(0, 47),
            "position 6: \"soon\" is no time; write 2026-11-20");
  EXPECT_EQ(refusal("a OR b").substr(0, 37), "position 3: OR is no operator here: t");
  EXPECT_NE(refusal("https://example.com").find("put the text in quotes"), std::string::npos);
}

TEST(Expression, InputIsLimited) {
  EXPECT_NE(refusal(std::string(kExpressionBytesMax + 1, 'a')), "accepted");
  std::string many;
  for (std::size_t i = 0; i <= kExpressionTermsMax; ++i) many += "a ";
  EXPECT_NE(refusal(many).find("more than 128 terms"), std::string::npos);
  EXPECT_EQ(refusal("a\xFF"), "the expression must be UTF-8 text without NUL");
  EXPECT_EQ(refusal(std::string_view("a\0b", 3)), "the expression must be UTF-8 text without NUL");
}

TEST(Expression, AnyTextParsesOrIsRefusedWithAPosition) {
  std::mt19937 random(31);
  const char* const pieces_of[] = {
      "actor", "seq",        "time",     "severity", ":", ">=",  "..",      "10",
      "-1h",   "2026-11-20", "*",        "\"",       " ", "-",   "x",       "warning",
      "é",     "\\",         "duration", "=",        "!", "now", "type:mcp"};
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (auto n = random() % 9; n > 0; --n) text += pieces_of[random() % std::size(pieces_of)];
    const auto expression = parse_expression(text, kOptions);
    if (expression) {
      ++accepted;
      for (const Term& term : expression->terms) EXPECT_LT(term.position, text.size());
    } else {
      EXPECT_EQ(expression.error().detail.find("position "), 0U) << text;
    }
  }
  EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace tally::index
