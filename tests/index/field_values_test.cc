// SPDX-License-Identifier: Apache-2.0
// What each key looks at on a line.
#include "index/field_values.h"

#include "event/codec.h"
#include "event/samples.h"
#include "index/pattern.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

class FieldValuesTest : public ::testing::Test {
 protected:
  void use(const event::Event& e) {
    line_ = "{\"seq\":987654," + event::encode(e).substr(1);
    ASSERT_TRUE(values_.parse(line_));
  }
  bool is(Key key, std::string_view text) { return values_.any_text(key, Pattern{{fold(text)}}); }
  bool has(std::string_view text) { return values_.contains(Pattern{{fold(text)}}); }

  std::string line_;
  FieldValues values_;
};

TEST_F(FieldValuesTest, SimpleKeys) {
  use(event::full_event());
  EXPECT_TRUE(is(Key::event, "mcp-tool-execution"));
  EXPECT_TRUE(is(Key::type, "MCP"));
  EXPECT_TRUE(is(Key::action, "execute"));
  EXPECT_TRUE(is(Key::result, "failure"));
  EXPECT_TRUE(is(Key::status, "failed"));
  EXPECT_TRUE(is(Key::actor, "jäne@example.com"));
  EXPECT_TRUE(is(Key::ip, "198.51.100.7"));
  EXPECT_TRUE(is(Key::request, "req-1"));
  EXPECT_TRUE(is(Key::session, "hmac:k1:9b1f"));
  EXPECT_TRUE(is(Key::trace, "4bf92f3577b34da6a3ce929d0e0e4736"));
  EXPECT_TRUE(is(Key::interaction, "019aa7c2-5b1c-7b11-8a3e-0c9d4e5f6a7b"));
  EXPECT_TRUE(is(Key::flow, "019aa7c2-5b1c-7b11-8a3e-0c9d4e5f6a7b"));
  EXPECT_TRUE(is(Key::id, "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"));
  EXPECT_FALSE(is(Key::actor, "jäne"));
}

TEST_F(FieldValuesTest, ToolsByIdNameAndLastPart) {
  event::Event e = event::full_event();
  e.target_id = "files/group/read";
  e.target_name = "Read a file";
  use(e);
  for (const char* text : {"files/group/read", "group/read", "read", "read a file"})
    EXPECT_TRUE(is(Key::tool, text)) << text;
  EXPECT_FALSE(is(Key::tool, "files"));
  EXPECT_FALSE(is(Key::resource, "read"));
  EXPECT_TRUE(is(Key::resource, ""));  // no resource here
  EXPECT_TRUE(is(Key::target, "tool"));
  EXPECT_TRUE(is(Key::target, "files/group/read"));
  e.target_type = "resource";
  e.target_id = "files/file:///a/b.txt";
  use(e);
  EXPECT_TRUE(is(Key::resource, "file:///a/b.txt"));
  EXPECT_TRUE(is(Key::resource, "b.txt"));
}

TEST_F(FieldValuesTest, ServersAndClients) {
  event::Event e = event::full_event();
  e.details = R"({"server":{"version":"1","n\u0061me":"Files"},"client":{"name":"ide"}})";
  use(e);
  EXPECT_TRUE(is(Key::server, "files"));
  EXPECT_TRUE(is(Key::client, "IDE"));
  e.details = "{}";
  e.target_id = "@scope/docs/read_text_file";
  use(e);
  for (const char* text : {"@scope/docs", "docs", "@scope"}) EXPECT_TRUE(is(Key::server, text));
  EXPECT_FALSE(is(Key::server, "files"));
  e.details = R"({"server":{"name":"@scope/Files"}})";
  e.target_id = "plain";
  use(e);
  EXPECT_TRUE(is(Key::server, "files"));  // from details
  e.details = "{}";
  use(e);
  EXPECT_FALSE(is(Key::server, "files"));
  EXPECT_TRUE(is(Key::client, ""));
  e.target_type = "server";
  e.target_id = "memory";
  use(e);
  EXPECT_TRUE(is(Key::server, "memory"));
}

TEST_F(FieldValuesTest, AbsentIsTheEmptyTextAndNotAny) {
  use(event::Event{});
  EXPECT_TRUE(is(Key::actor, ""));
  EXPECT_FALSE(values_.any_text(Key::actor, Pattern{{"", ""}}));
  use(event::full_event());
  EXPECT_FALSE(is(Key::actor, ""));
  EXPECT_TRUE(values_.any_text(Key::actor, Pattern{{"", ""}}));
}

TEST_F(FieldValuesTest, Numbers) {
  use(event::full_event());
  EXPECT_EQ(values_.number(Key::seq), 987654);
  EXPECT_EQ(values_.number(Key::time),
            parse_time("2026-11-21T19:00:00.123456Z")->time_since_epoch().count());
  EXPECT_EQ(values_.number(Key::recorded),
            parse_time("2026-11-21T19:00:05.5Z")->time_since_epoch().count());
  EXPECT_EQ(values_.number(Key::duration), 3412);
  EXPECT_EQ(values_.number(Key::severity), 2);
  EXPECT_EQ(values_.number(Key::level), 1);
  use(event::Event{});
  EXPECT_EQ(values_.number(Key::recorded), 0);
  EXPECT_FALSE(values_.number(Key::duration));
  FieldValues odd;
  ASSERT_TRUE(odd.parse(R"({"seq":18446744073709551615,"timestamp":"x","severity":"loud"})"));
  EXPECT_FALSE(odd.number(Key::seq));
  EXPECT_FALSE(odd.number(Key::time));
  EXPECT_FALSE(odd.number(Key::severity));
}

TEST_F(FieldValuesTest, FreeTextIsSoughtInValuesOnly) {
  event::Event e = event::full_event();
  e.details =
      R"({"arguments":{"path":"C:\\Users\\J\u00e4ne","n":-12.50,"deep":[true,["needle"]]}})";
  use(e);
  for (const char* text : {"NEEDLE", "c:\\users", "Jäne", "-12.50", "true", "outside \"allowed\"",
                           "key:token", "vendor\":"}) {
    EXPECT_EQ(has(text), std::string_view(text) != "vendor\":") << text;
  }
  EXPECT_FALSE(has("error_message"));
  EXPECT_FALSE(has("987654"));  // seq has its own key
  EXPECT_FALSE(has("needle]"));
  EXPECT_TRUE(values_.contains(Pattern{{"access", "denied"}}));
  EXPECT_FALSE(values_.contains(Pattern{{"denied", "access"}}));
}

}  // namespace
}  // namespace tally::index
