// SPDX-License-Identifier: Apache-2.0
#include "index/filter.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

constexpr std::string_view kLine =
    R"({"seq":4,"timestamp":"2026-11-21T19:00:00.000000Z","status":"initiated","actor_id":"Alice*",)"
    R"("target_type":"tool","target_id":"@scope/files/read","target_name":"read"})";

Filter with(std::string_view text) {
  return {.all = {*parse_expression(text, {})}, .servers = {}, .outcomes_only = false};
}
bool matches(const Filter& filter, std::string_view line = kLine) {
  return FilterMatcher(filter).matches(line);
}
std::string server(std::string_view line) {
  event::EventView view;
  EXPECT_TRUE(view.parse(line));
  return server_of(view);
}

TEST(Filter, EveryPartMustHold) {
  Filter filter = with("tool:read");
  EXPECT_TRUE(matches(filter));
  filter.all.push_back({{exact_term(Key::actor, "ALICE*")}});
  EXPECT_TRUE(matches(filter));
  // Another value of the same key in a part of its own narrows.
  filter.all.push_back({{exact_term(Key::actor, "bob")}});
  EXPECT_FALSE(matches(filter));
}

TEST(Filter, AnExactTermHasNoWildcards) {
  EXPECT_TRUE(matches({.all = {{{exact_term(Key::actor, "alice*")}}}, .servers = {}}));
  EXPECT_FALSE(matches({.all = {{{exact_term(Key::actor, "al*")}}}, .servers = {}}));
}

TEST(Filter, TimesAreClosedRanges) {
  const std::int64_t at = parse_time("2026-11-21T19:00:00Z")->time_since_epoch().count();
  EXPECT_TRUE(matches({.all = {{{time_term({at, at})}}}, .servers = {}}));
  EXPECT_FALSE(matches({.all = {{{time_term({at + 1, at + 1})}}}, .servers = {}}));
  Filter both = with("time:2026-11-21");
  both.all.front().terms.push_back(time_term({at + 1, INT64_MAX}));
  EXPECT_FALSE(matches(both));
}

TEST(Filter, ServersAreComparedWholeAndWithCase) {
  Filter filter;
  filter.servers = {{"@scope/files"}};
  EXPECT_TRUE(matches(filter));
  for (const char* other : {"files", "@Scope/files", "", "@scope"}) {
    filter.servers = {{other}};
    EXPECT_FALSE(matches(filter)) << other;
  }
  filter.servers.emplace();
  EXPECT_FALSE(matches(filter));
  filter.servers = {{""}};
  EXPECT_TRUE(matches(filter, R"({"seq":0})"));
  EXPECT_FALSE(matches(filter, "no event"));
}

TEST(Filter, OutcomesLeaveInitiatedRecordsOut) {
  Filter filter;
  EXPECT_TRUE(matches(filter));
  EXPECT_TRUE(matches(filter, "no event"));
  filter.outcomes_only = true;
  EXPECT_FALSE(matches(filter));
  EXPECT_TRUE(matches(filter, R"({"seq":0})"));
  EXPECT_FALSE(matches(filter, "no event"));
}

TEST(Filter, ServerOf) {
  EXPECT_EQ(server(kLine), "@scope/files");
  EXPECT_EQ(server(R"({"target_type":"server","target_id":"a/b","target_name":"b"})"), "a/b");
  EXPECT_EQ(server(R"({"target_type":"server","target_name":"b"})"), "b");
  EXPECT_EQ(
      server(R"({"target_type":"session","target_id":"x/y","details":{"server":{"name":"s"}}})"),
      "s");
  EXPECT_EQ(server(R"({"target_type":"resource","target_id":"x/file:///y"})"), "x");
  EXPECT_EQ(server(R"({"target_type":"user","target_id":"x/y"})"), "");
}

TEST(Filter, RangesOfNumbersAreIntersected) {
  Filter filter = with("seq:10..20");
  filter.all.push_back(*parse_expression("seq>=15 actor:a", {}));
  const Range range = FilterMatcher(filter).seq_range();
  EXPECT_EQ(range.low, 15);
  EXPECT_EQ(range.high, 20);
  EXPECT_LE(FilterMatcher({}).seq_range().low, 0);
  EXPECT_EQ(FilterMatcher({}).seq_range().high, INT64_MAX);
}

TEST(Filter, DifferentFiltersHaveDifferentTexts) {
  std::vector<Filter> all{{},
                          with(""),
                          with("actor:a"),
                          with("-actor:a"),
                          with("actor:a*"),
                          with("actor:a actor:b"),
                          with("actor:\"a b\""),
                          with("tool:a"),
                          with("seq:1..2"),
                          with("seq>=1"),
                          with("a b"),
                          with("\"a b\"")};
  Filter split = with("actor:a");
  split.all.push_back(*parse_expression("actor:b", {}));
  all.push_back(split);
  all.push_back({.all = {}, .servers = {}, .outcomes_only = true});
  all.push_back({.all = {}, .servers = std::vector<std::string>{}, .outcomes_only = false});
  all.push_back({.all = {}, .servers = {{"a", "b"}}, .outcomes_only = false});
  all.push_back({.all = {}, .servers = {{"ab"}}, .outcomes_only = false});
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      EXPECT_NE(canonical_text(all[i]), canonical_text(all[k])) << i << " " << k;
    }
  }
}

}  // namespace
}  // namespace tally::index
