// SPDX-License-Identifier: Apache-2.0
#include "index/table.h"

#include "base/json.h"
#include "event/codec.h"
#include "event/samples.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

std::string line_of(const event::Event& e) { return "{\"seq\":41," + event::encode(e).substr(1); }

std::string print(Format format, const std::vector<std::string>& lines, TableOptions options = {}) {
  Printer printer(format, options);
  std::string out;
  printer.begin(out);
  for (const std::string& line : lines) printer.event(out, line);
  printer.end(out);
  return out;
}

TEST(Table, FormatsHaveNames) {
  EXPECT_EQ(format_from_text("ndjson"), Format::ndjson);
  EXPECT_EQ(format_from_text("table"), Format::table);
  EXPECT_EQ(format_from_text("json"), Format::json);
  EXPECT_EQ(format_from_text("csv"), Format::csv);
  EXPECT_FALSE(format_from_text("TABLE"));
}

TEST(Table, ADanglingRequestIsUnknownAndMarkedAsJudged) {
  event::Event e = event::full_event();
  e.event_result = event::EventResult::pending;
  const std::string line = line_of(e);
  const auto shown = [&line](Format format) {
    Printer printer(format, {.width = 140});
    std::string out;
    printer.event(out, line, true);
    return out;
  };
  EXPECT_NE(shown(Format::table).find("  unknown   "), std::string::npos);
  EXPECT_EQ(shown(Format::table).find("pending"), std::string::npos);
  EXPECT_NE(shown(Format::json).find(R"(,"reader":{"event_result":"unknown",)"), std::string::npos);
  EXPECT_EQ(shown(Format::ndjson), line + "\n") << "what the log proves";
  EXPECT_NE(shown(Format::csv).find(",unknown,"), std::string::npos);
  EXPECT_EQ(shown(Format::csv).find("pending"), std::string::npos);
  EXPECT_NE(shown(Format::csv).find(R"(""reader"":{""event_result"":""unknown"")"),
            std::string::npos);
}

TEST(Table, WideTable) {
  event::Event e = event::full_event();
  e.error_message = "Access denied - path outside allowed directories";
  EXPECT_EQ(print(Format::table, {line_of(e)}, {.width = 140}),
            "    SEQ  TIME (UTC)           RESULT    EVENT                   ACTOR            "
            "TARGET                          MS  ERROR\n"
            "     41  2026-11-21 19:00:00  failure   mcp-tool-execution      jäne@example.c…  "
            "files/read_text_file         3.412  Access denied - path o…\n");
}

TEST(Table, NarrowTablesDropTheLeastTelling) {
  const std::string line = line_of(event::full_event());
  EXPECT_EQ(print(Format::table, {line}, {.width = 80}),
            "    SEQ  UTC             RESULT    EVENT               ACTOR      TARGET\n"
            "     41  11-21 19:00:00  failure   mcp-tool-execution  jäne@exa…  …ead_text_file\n");
  EXPECT_EQ(print(Format::table, {line}, {.width = 60}),
            "    SEQ  UTC       RESULT    EVENT               TARGET\n"
            "     41  19:00:00  failure   mcp-tool-execution  …_text_file\n");
}

TEST(Table, NoLineIsWiderThanTheTerminalWhateverWasLogged) {
  event::EventMaker make(71);
  for (int i = 0; i < 2000; ++i) {
    event::Event e = make.next();
    e.event_name = make.text() + "x";
    const std::size_t width = 60 + make.pick(140);
    const std::string out =
        print(Format::table, {line_of(e)}, {.width = width, .colour = false, .header = false});
    ASSERT_EQ(out.back(), '\n');
    const std::string row = out.substr(0, out.size() - 1);
    EXPECT_LE(display_width(row), width) << row;
    EXPECT_EQ(visible(row), row);
  }
}

TEST(Table, ColourOnlyWhenAskedFor) {
  const std::string line = line_of(event::full_event());
  EXPECT_EQ(print(Format::table, {line}).find('\x1b'), std::string::npos);
  const std::string coloured = print(Format::table, {line}, {.width = 120, .colour = true});
  EXPECT_NE(coloured.find("\x1b[33mfailure \x1b[0m"), std::string::npos);
  event::Event forged = event::full_event();
  forged.actor_id = "\x1b]0;title\x07";
  const std::string out = print(Format::table, {line_of(forged)}, {.width = 200});
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_NE(out.find("\\x1b]0;title\\x07"), std::string::npos);
}

TEST(Table, LongNumbersAreNotCut) {
  EXPECT_NE(print(Format::table, {R"({"seq":123456789012,"event_name":"x"})"}).find("123456789012"),
            std::string::npos);
}

TEST(Table, ProgramsGetTheLinesAsTheyAre) {
  const std::string line = line_of(event::full_event());
  EXPECT_EQ(print(Format::ndjson, {line, line}), line + "\n" + line + "\n");
  EXPECT_EQ(print(Format::json, {}), "[]\n");
  EXPECT_EQ(print(Format::json, {line, line}), "[\n" + line + ",\n" + line + "\n]\n");
}

TEST(Table, UnreadableLinesAreShownAsSuch) {
  const std::string broken = "{\"seq\":1,\x1b[2J \"x";
  EXPECT_EQ(print(Format::ndjson, {broken}), R"({"unreadable":"{\"seq\":1,\u001b[2J \"x"})"
                                             "\n");
  json::Document document;
  const std::string array = print(Format::json, {"{}", broken, "{}"});
  ASSERT_TRUE(document.parse(array)) << array;
  const std::string table =
      print(Format::table, {broken}, {.width = 120, .colour = false, .header = false});
  EXPECT_EQ(table, "unreadable: {\"seq\":1,\\x1b[2J \"x\n");
  EXPECT_NE(print(Format::csv, {broken}).find(",\"{\"\"seq\"\":1,"), std::string::npos);
}

}  // namespace
}  // namespace tally::index
