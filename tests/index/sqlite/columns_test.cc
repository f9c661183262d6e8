// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/columns.h"

#include "index/field_values.h"
#include "index/index_fixture.h"
#include "index/pattern.h"
#include "log/entry.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::index::sqlite {
namespace {

constexpr Key kKeys[] = {Key::event,       Key::type,        Key::action,   Key::result,
                         Key::status,      Key::severity,    Key::level,    Key::actor_type,
                         Key::actor,       Key::ip,          Key::tool,     Key::resource,
                         Key::prompt,      Key::target,      Key::server,   Key::client,
                         Key::target_type, Key::target_name, Key::target_id};

TEST(Columns, ValuesSatisfyAKeyExactlyWhenTheLineDoes) {
  Events events(3);
  const std::vector<Pattern> patterns{{{""}},        {{"", ""}},       {{"files"}},  {{"read"}},
                                      {{"tool"}},    {{"alice"}},      {{"a", ""}},  {{"", "e"}},
                                      {{"f", "s"}},  {{"@scope/git"}}, {{"ide"}},    {{"info"}},
                                      {{"failure"}}, {{"git"}},        {{"x", "y"}}, {{"b"}}};
  for (int i = 0; i < 2'000; ++i) {
    std::string line;
    log::append_line(line, LeafIndex{1}, events.next());
    FieldValues expected;
    event::EventView view;
    ASSERT_TRUE(expected.parse(line));
    ASSERT_TRUE(view.parse(line));
    for (const Key key : kKeys) {
      const Column column = *column_of(key);
      std::string encoded;
      append_value(encoded, column, view, PartyNames(view));
      const Value value(column, encoded);
      std::set<std::string> terms;
      each_term(value, [&](const TermText& term) {
        if (term.key == static_cast<std::uint8_t>(key)) terms.insert(fold(term.text));
      });
      for (const Pattern& pattern : patterns) {
        const bool match = expected.any_text(key, pattern);
        ASSERT_EQ(matches(value, key, pattern), match) << line;
        if (pattern.pieces.size() == 1) {
          ASSERT_EQ(terms.contains(pattern.pieces[0]), match) << pattern.pieces[0] << line;
        }
      }
      if (key == Key::severity || key == Key::level) {
        ASSERT_EQ(order_of(value, key), expected.number(key)) << line;
      }
    }
  }
}

TEST(Columns, KeysHaveOnePlace) {
  for (const Key key : kKeys) EXPECT_FALSE(id_field_of(key));
  for (const Key key :
       {Key::request, Key::session, Key::trace, Key::interaction, Key::flow, Key::id}) {
    EXPECT_TRUE(id_field_of(key));
    EXPECT_FALSE(column_of(key));
  }
  EXPECT_FALSE(column_of(Key::text));
  EXPECT_FALSE(id_field_of(Key::time));
}

TEST(Columns, IdsAndWhatFacetsShow) {
  event::EventView view;
  const std::string line =
      R"({"seq":1,"request_id":"R\u0031","target_type":"tool","target_id":"s/t","details":)"
      R"({"client":{"name":"ide"}}})";
  ASSERT_TRUE(view.parse(line));
  std::string storage;
  bool has = false;
  EXPECT_EQ(id_text(IdField::request, view, storage, has), "R1");
  EXPECT_TRUE(has);
  EXPECT_EQ(id_text(IdField::session, view, storage, has), "");
  EXPECT_FALSE(has);
  const auto facet = [&](Key key) {
    std::string encoded;
    append_value(encoded, *column_of(key), view, PartyNames(view));
    return facet_text(Value(*column_of(key), encoded), key);
  };
  EXPECT_EQ(facet(Key::tool), "t");
  EXPECT_EQ(facet(Key::prompt), "");
  EXPECT_EQ(facet(Key::server), "s");
  EXPECT_EQ(facet(Key::client), "ide");
  EXPECT_EQ(facet(Key::actor), "");
}

}  // namespace
}  // namespace tally::index::sqlite
