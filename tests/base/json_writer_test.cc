// SPDX-License-Identifier: Apache-2.0
// What is written is always valid JSON and reads back as what was given.
#include "base/json_writer.h"

#include "base/encoding.h"
#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tally::json {
namespace {

using namespace std::string_literals;

std::string json_text(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string milliseconds(std::int64_t micros) {
  std::string out;
  ObjectWriter writer(out);
  writer.milliseconds("d", micros);
  writer.end();
  return out.substr(5, out.size() - 6);
}

TEST(AppendString, Escapes) {
  EXPECT_EQ(json_text(""), R"("")");
  EXPECT_EQ(json_text("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_text("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_text("\0\x01\x1F\x7F"s), "\"\\u0000\\u0001\\u001f\x7F\"");
  EXPECT_EQ(json_text("\xE2\x80\xA8\xF0\x9F\x98\x80"), "\"\xE2\x80\xA8\xF0\x9F\x98\x80\"");
  EXPECT_EQ(json_text("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
}

TEST(AppendString, EveryByteReadsBack) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 20, '\0');
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? random() : random() % 128);
    const std::string written = json_text(text);
    Document document;
    const auto value = document.parse(written);
    ASSERT_TRUE(value) << value.error().detail;
    ASSERT_EQ(value->text(), utf8_repair(text));
    ASSERT_EQ(written.find('\n'), std::string::npos);
  }
}

TEST(AppendString, AnOddByteIsFoundWhereverItStands) {
  for (std::size_t size = 1; size < 50; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const std::string odd : {"\"", "\\", "\n", "\x1F", "\xC3\xA4", "\xFF", "\x7F", " "}) {
        const std::string text = std::string(at, 'a') + odd + std::string(size - at, 'z');
        std::string whole;
        append_string(whole, text);
        std::string alone;
        append_string(alone, odd);
        EXPECT_EQ(whole, '"' + std::string(at, 'a') + alone.substr(1, alone.size() - 2) +
                             std::string(size - at, 'z') + '"');
      }
    }
  }
}

TEST(ObjectWriter, MembersInOrderWithCommas) {
  std::string out = "x=";
  ObjectWriter writer(out);
  writer.string("name", "a\nb");
  writer.number("int", std::int64_t{std::numeric_limits<std::int64_t>::min()});
  writer.number("unsigned", std::numeric_limits<std::uint64_t>::max());
  writer.boolean("yes", true);
  writer.boolean("no", false);
  writer.null("nothing");
  writer.raw("number", "1.50e+400");
  writer.key("list");
  writer.out() += "[1,2]";
  writer.string("odd \"key\"\n", "");
  writer.end();
  EXPECT_EQ(out,
            "x={\"name\":\"a\\nb\",\"int\":-9223372036854775808,\"unsigned\":18446744073709551615,"
            "\"yes\":true,\"no\":false,\"nothing\":null,\"number\":1.50e+400,\"list\":[1,2],"
            "\"odd \\\"key\\\"\\n\":\"\"}");
}

TEST(ObjectWriter, EmptyObject) {
  std::string out;
  ObjectWriter writer(out);
  writer.end();
  EXPECT_EQ(out, "{}");
}

TEST(ObjectWriter, Milliseconds) {
  EXPECT_EQ(milliseconds(0), "0");
  EXPECT_EQ(milliseconds(1), "0.001");
  EXPECT_EQ(milliseconds(500), "0.5");
  EXPECT_EQ(milliseconds(3'412), "3.412");
  EXPECT_EQ(milliseconds(12'000), "12");
  EXPECT_EQ(milliseconds(12'030), "12.03");
  EXPECT_EQ(milliseconds(-1'500), "-1.5");
  EXPECT_EQ(milliseconds(-1), "-0.001");
}

TEST(JsonWriter, KnowsWhichTextsStandAsTheyAre) {
  for (std::size_t length = 0; length <= 70; ++length) {
    std::string text(length, 'x');
    ASSERT_TRUE(stands_as_it_is(text)) << length;
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        text[at] = static_cast<char>(byte);
        const bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
        ASSERT_EQ(stands_as_it_is(text), plain) << length << ' ' << at << ' ' << byte;
      }
      text[at] = 'x';
    }
  }
}

}  // namespace
}  // namespace tally::json
