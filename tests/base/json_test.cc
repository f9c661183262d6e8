// SPDX-License-Identifier: Apache-2.0
// Our JSON reader: what RFC 8259 allows and forbids, and that every value keeps its exact bytes.
#include "base/json.h"

#include <gtest/gtest.h>

#include <vector>

namespace tally::json {
namespace {

using namespace std::string_literals;

Result<void> accepts(std::string_view text, Options options = {}) {
  Document document;
  TALLY_TRY_VOID(document.parse(text, options));
  return {};
}

Errc refusal(std::string_view text, Options options = {}) {
  const auto result = accepts(text, options);
  EXPECT_FALSE(result) << "accepted: " << text;
  return result ? Errc::invalid_argument : result.error().code;
}

std::string nested(std::size_t levels, std::string_view open, std::string_view inner,
                   std::string_view close) {
  std::string out;
  for (std::size_t i = 0; i < levels; ++i) out += open;
  out += inner;
  for (std::size_t i = 0; i < levels; ++i) out += close;
  return out;
}

TEST(JsonParse, AcceptsWhatTheGrammarAllows) {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-0",
                           "10",
                           "-1.5",
                           "1e5",
                           "1E+5",
                           "1e-5",
                           "0.0",
                           "0e0",
                           "1.0E10",
                           R"("")",
                           R"("a")",
                           R"("\"\\\/\b\f\n\r\t")",
                           R"("\u0000\uFFFF\uabcd")",
                           R"("\ud83d\ude00")",
                           "[]",
                           "{}",
                           "[ ]",
                           "{ }",
                           "[1]",
                           "[1,2]",
                           " [ 1 , 2 ] ",
                           "\t\r\n {\"a\":1}\n",
                           R"({"a":{"b":[{}]}})",
                           R"({"":""})",
                           "\"\x7F\"",
                           "\"\xC3\xA9\"",
                           "\"\xF4\x8F\xBF\xBF\"",
                           "[[[[]]],[]]",
                           R"({"a":1,"a":2})"}) {
    EXPECT_TRUE(accepts(text)) << text;
  }
}

TEST(JsonParse, RefusesWhatTheGrammarForbids) {
  for (const char* text : {"",           " ",
                           "nul",        "nulll",
                           "True",       "tru",
                           "NaN",        "Infinity",
                           "-",          "+1",
                           "01",         "-01",
                           "00",         "1.",
                           ".5",         "-.5",
                           "1e",         "1e+",
                           "1.e5",       "0x10",
                           "1_000",      "1 2",
                           "\"",         "\"a",
                           "'a'",        R"("\x41")",
                           R"("\u12")",  R"("\u12G4")",
                           R"("\)",      R"("\")",
                           "\"\n\"",     "\"\t\"",
                           "\"\x1F\"",   "[",
                           "]",          "[1",
                           "[1,",        "[1,]",
                           "[,1]",       "[,]",
                           "[1 2]",      "[1:2]",
                           "{",          "}",
                           "{\"a\"",     "{\"a\":",
                           "{\"a\":1",   "{\"a\":1,",
                           "{\"a\":1,}", "{,}",
                           "{a:1}",      "{1:1}",
                           "{\"a\" 1}",  "{\"a\":1 \"b\":2}",
                           "{\"a\":1]",  "[1}",
                           "{\"a\"}",    "[]]",
                           "{}{}",       "null null",
                           "[1]x",       "// c\n1",
                           "/**/1",      "\xEF\xBB\xBFnull",
                           "\f1",        "\v1",
                           "\"\\u\"",    "\"\\uD83D\\u12\""}) {
    EXPECT_EQ(refusal(text), Errc::malformed) << text;
  }
  for (const std::string& text : {"null\0"s, "\0"s, "[1,\0]"s, "\"a\0b\""s, "\"\\\0\""s, "1\0"s}) {
    EXPECT_EQ(refusal(text), Errc::malformed);
  }
}

TEST(JsonParse, RefusesIllFormedUtf8Everywhere) {
  for (const char* bytes :
       {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xC3"}) {
    EXPECT_EQ(refusal("\""s + bytes + "\""), Errc::malformed);
    EXPECT_EQ(refusal("{\""s + bytes + "\":1}"), Errc::malformed);
    EXPECT_EQ(refusal("1"s + bytes), Errc::malformed);
  }
}

TEST(JsonParse, EveryControlCharacterMustBeEscapedAtEveryPosition) {
  // The string scanner looks at eight bytes at a time: try each place in and around such a word.
  for (int c = 0; c < 0x20; ++c) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text = "\"" + std::string(20, 'x') + "\"";
      text[1 + at] = static_cast<char>(c);
      ASSERT_EQ(refusal(text), Errc::malformed) << c << " at " << at;
    }
  }
}

TEST(JsonParse, QuotesAndBackslashesAreSeenAtEveryPosition) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string body = std::string(before, '\x7F') + "\\\"\\\\" + std::string(after, '!');
      const std::string text = "[\"" + body + "\",1]";
      Document document;
      const auto root = document.parse(text);
      ASSERT_TRUE(root) << text;
      const Value first = *root->children().begin();
      ASSERT_EQ(first.raw(), "\"" + body + "\"");
      ASSERT_EQ(first.text(), std::string(before, '\x7F') + "\"\\" + std::string(after, '!'));
    }
  }
}

TEST(JsonParse, ErrorsNameTheByte) {
  const auto message = [](std::string_view text) { return accepts(text).error().detail; };
  EXPECT_EQ(message("{\"a\":1,}"), "JSON: a key is missing at byte 7");
  EXPECT_EQ(message("[1 2]"), "JSON: a comma or closing bracket is missing at byte 3");
  EXPECT_EQ(message("[tru]"), "JSON: an unknown word at byte 1");
  EXPECT_EQ(message("[1"), "JSON: the text ends inside a container at byte 2");
  EXPECT_EQ(message("{} x"), "JSON: more after the value at byte 3");
  EXPECT_EQ(message("[01]"), "JSON: a number with a leading zero at byte 2");
  EXPECT_EQ(message("\xFF"), "JSON: not well-formed UTF-8");
}

TEST(JsonParse, DepthIsLimited) {
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"a\":", "}"}}) {
    EXPECT_TRUE(accepts(nested(kJsonDepthMax, open, "1", close)));
    EXPECT_EQ(refusal(nested(kJsonDepthMax + 1, open, "1", close)), Errc::too_large);
    EXPECT_EQ(refusal(nested(1'000'000, open, "1", close)), Errc::too_large);
    // Below what is listed the limit holds too.
    EXPECT_EQ(refusal(nested(kJsonDepthMax + 1, open, "1", close), {.depth_indexed = 0}),
              Errc::too_large);
  }
}

TEST(JsonParse, NumberOfValuesIsLimited) {
  EXPECT_TRUE(accepts("[1,2,3]", {.nodes_max = 4}));
  EXPECT_EQ(refusal("[1,2,3,4]", {.nodes_max = 4}), Errc::too_large);
  // What is not listed does not count.
  EXPECT_TRUE(accepts("[[1,2,3,4],[5,6,7]]", {.depth_indexed = 1, .nodes_max = 3}));
}

TEST(JsonParse, BelowTheIndexedDepthEverythingIsCheckedAndNothingListed) {
  const Options shallow{.depth_indexed = 1};
  Document document;
  const std::string text = R"({"params":{"name":"x","a":[1]},"id":1})";
  const auto root = document.parse(text, shallow);
  ASSERT_TRUE(root);
  const auto params = root->find("params");
  ASSERT_TRUE(params);
  EXPECT_EQ(params->raw(), R"({"name":"x","a":[1]})");
  EXPECT_EQ(params->children().begin(), params->children().end());
  EXPECT_FALSE(params->find("name"));
  EXPECT_EQ(root->find("id")->raw(), "1");
  EXPECT_EQ(refusal(R"({"params":{"name":"x",}})", shallow), Errc::malformed);
  EXPECT_EQ(refusal(R"({"params":{"name":01}})", shallow), Errc::malformed);
}

TEST(JsonValue, KeepsTheBytesOfNumbers) {
  const std::string text =
      "[1.0, -0, 1E400 ,123456789012345678901234567890, 0.1000, 9007199254740993, 1e-999]";
  Document document;
  const auto root = document.parse(text);
  ASSERT_TRUE(root);
  std::vector<std::string_view> seen;
  for (const Value item : root->children()) {
    EXPECT_TRUE(item.is(Kind::number));
    EXPECT_EQ(item.text(), "");
    seen.push_back(item.raw());
  }
  EXPECT_EQ(seen,
            (std::vector<std::string_view>{"1.0", "-0", "1E400", "123456789012345678901234567890",
                                           "0.1000", "9007199254740993", "1e-999"}));
}

TEST(JsonValue, RawPointsIntoTheSource) {
  const std::string text = R"(  { "a" : [ 1 , {"b":"c"} ] , "d\u0065" : null }  )";
  Document document;
  const auto root = document.parse(text);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->raw().data(), text.data() + 2);
  EXPECT_EQ(root->raw(), R"({ "a" : [ 1 , {"b":"c"} ] , "d\u0065" : null })");
  EXPECT_EQ(root->find("a")->raw(), R"([ 1 , {"b":"c"} ])");
  EXPECT_EQ(root->find("de")->raw(), "null");
  EXPECT_EQ(root->find("de")->key_raw(), R"(d\u0065)");
  EXPECT_EQ(root->find("de")->key(), "de");
  EXPECT_EQ(root->key_raw(), "");
}

TEST(JsonValue, ChildrenInSourceOrderOverNestedOnes) {
  const std::string text = R"({"a":[[1,2],{"x":3}],"b":{},"c":[],"d":"e"})";
  Document document;
  const auto root = document.parse(text);
  ASSERT_TRUE(root);
  std::string keys;
  std::vector<Kind> kinds;
  for (const Value child : root->children()) {
    keys += child.key();
    kinds.push_back(child.kind());
  }
  EXPECT_EQ(keys, "abcd");
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::array, Kind::object, Kind::array, Kind::string}));
  for (const char* leaf : {"b", "c", "d"}) {
    const auto children = root->find(leaf)->children();
    EXPECT_EQ(children.begin(), children.end()) << leaf;
  }
}

TEST(JsonValue, FindTakesTheFirstAndComparesAfterUnescaping) {
  const std::string text =
      R"({"n\u0061me":1,"name":2,"":3,"Name":4,"\ud83d\ude00":{"x":{"y":"z"}}})";
  Document document;
  const auto root = document.parse(text);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("name")->raw(), "1");
  EXPECT_EQ(root->find("Name")->raw(), "4");
  EXPECT_EQ(root->find("")->raw(), "3");
  EXPECT_FALSE(root->find("n\\u0061me"));
  EXPECT_TRUE(root->find_path({"\xF0\x9F\x98\x80", "x", "y"})->text_is("z"));
  EXPECT_FALSE(root->find_path({"name", "x"}));
  EXPECT_FALSE(root->find_path({"missing", "x"}));
  EXPECT_EQ(root->find_path({})->raw(), text);
}

TEST(JsonValue, FindOnOtherKindsFindsNothing) {
  for (const char* text : {"[{\"a\":1}]", "\"a\"", "1", "null"}) {
    Document document;
    EXPECT_FALSE(document.parse(text)->find("a")) << text;
  }
}

TEST(JsonValue, TextComparesAfterUnescaping) {
  Document document;
  const std::string text = R"(["\u0074ools/call","tools/call","tools\/call",1,"true"])";
  const auto root = document.parse(text);
  ASSERT_TRUE(root);
  int matches = 0;
  for (const Value item : root->children()) {
    matches += item.text_is("tools/call") ? 1 : 0;
    EXPECT_FALSE(item.is_true());
  }
  EXPECT_EQ(matches, 3);
}

TEST(JsonValue, LoneSurrogatesAreFlaggedAndReplaced) {
  const std::string replacement = "\xEF\xBF\xBD";
  const struct {
    const char* text;
    std::string expected;
    bool lone;
  } cases[] = {
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80", false},
      {R"("\ud83d")", replacement, true},
      {R"("\ude00")", replacement, true},
      {R"("\ud83dx")", replacement + "x", true},
      {R"("\ud83d\n")", replacement + "\n", true},
      {R"("\ud83d\u0041")", replacement + "A", true},
      {R"("\ud83d\ud83d\ude00")", replacement + "\xF0\x9F\x98\x80", true},
      {R"("\ude00\ud83d")", replacement + replacement, true},
      {R"("\uD800\uDC00\uDBFF\uDFFF")", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", false},
      {R"("\uD7FF\uE000\uFFFD")", "\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBD", false},
  };
  Document document;
  for (const auto& c : cases) {
    const auto value = document.parse(c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(value->text(), c.expected) << c.text;
    EXPECT_EQ(document.has_lone_surrogate(), c.lone) << c.text;
  }
  ASSERT_TRUE(document.parse(R"({"\ud800":1})"));
  EXPECT_TRUE(document.has_lone_surrogate());
  EXPECT_FALSE(document.parse("[\"\\ud800\""));
  ASSERT_TRUE(document.parse("1"));
  EXPECT_FALSE(document.has_lone_surrogate());
}

TEST(JsonDocument, IsReusableAfterSuccessAndFailure) {
  Document document;
  ASSERT_TRUE(document.parse("[1,2,3]"));
  ASSERT_FALSE(document.parse("[1,2"));
  const auto root = document.parse(R"({"a":"b"})");
  ASSERT_TRUE(root);
  EXPECT_TRUE(root->find("a")->text_is("b"));
  document.shrink(16);
  const auto again = document.parse("[4]");
  ASSERT_TRUE(again);
  EXPECT_EQ((*again->children().begin()).raw(), "4");
}

TEST(JsonAmbiguousKey, FindsWhatTwoParsersWouldReadDifferently) {
  const auto ambiguous = [](std::string_view text) {
    Document document;
    const auto root = document.parse(text);
    EXPECT_TRUE(root) << text;
    const auto found = ambiguous_key(*root);
    return found ? found->key + (found->case_only ? " (case)" : "") : "";
  };
  EXPECT_EQ(ambiguous(R"({})"), "");
  EXPECT_EQ(ambiguous(R"({"a":1,"b":{"a":1},"c":[{"a":1}]})"), "");
  EXPECT_EQ(ambiguous(R"({"name":1,"x":2,"name":3})"), "name");
  EXPECT_EQ(ambiguous(R"({"name":1,"n\u0061me":3})"), "name");
  EXPECT_EQ(ambiguous(R"({"name":1,"Name":3})"), "Name (case)");
  EXPECT_EQ(ambiguous(R"({"name":1,"N\u0041ME":3})"), "NAME (case)");
  EXPECT_EQ(ambiguous(R"([{"a":1,"a":2}])"), "");
  EXPECT_EQ(ambiguous(R"("a")"), "");
  EXPECT_TRUE(ambiguous("{\"a_b\":1,\"a\x7f"
                        "b\":2}")
                  .empty());
  EXPECT_EQ(ambiguous(R"({"a_b":1,"axb":2,"A_b":3,"a_b":4})"), "A_b (case)");
}

TEST(JsonDocument, FindsAmbiguousKeysAmongManyAsAmongFew) {
  const auto ambiguous = [](const std::string& text) {
    Document document;
    return ambiguous_key(*document.parse(text));
  };
  for (std::size_t count = 1; count < 60; ++count) {
    std::string text = "{";
    const auto key = [](std::size_t i) { return std::to_string(i) + "-" + std::string(i, 'x'); };
    for (std::size_t i = 0; i < count; ++i) text += "\"Key-" + key(i) + "\":0,";
    EXPECT_FALSE(ambiguous(text + "\"last\":0}"));
    for (std::size_t i = 0; i < count; ++i) {
      const auto exact = ambiguous(text + "\"Key-" + key(i) + "\":0}");
      ASSERT_TRUE(exact && exact->key == "Key-" + key(i) && !exact->case_only) << key(i);
      const auto folded = ambiguous(text + "\"key-" + key(i) + "\":0}");
      ASSERT_TRUE(folded && folded->key == "key-" + key(i) && folded->case_only) << key(i);
    }
  }
}

TEST(JsonUnescape, StandsBadInputToo) {
  EXPECT_EQ(unescape(""), "");
  EXPECT_EQ(unescape("plain"), "plain");
  EXPECT_EQ(unescape(R"(a\tb\u00e9\\)"), "a\tb\xC3\xA9\\");
  // Not from our parser: nothing is read behind the end.
  EXPECT_EQ(unescape("a\\"), "a");
  EXPECT_EQ(unescape("\\u"), "\xEF\xBF\xBD");
  EXPECT_EQ(unescape("\\u12"),
            "\xEF\xBF\xBD"
            "12");
  EXPECT_EQ(unescape("\\ud83d\\u12"),
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "12");
}

TEST(Unescape, InPiecesAsAtOnce) {
  const std::string body = R"(plain\tb\u00e9\\\ud83d\ude00\ud83dx)"
                           "\xC3\xA9\xF0\x9F\x98\x80 end";
  const std::string whole = unescape(body);
  for (std::size_t bytes = 1; bytes < whole.size() + 2; ++bytes) {
    std::string all;
    for (std::string_view rest = body; !rest.empty();) {
      std::string piece;
      const std::size_t taken = unescape_some(rest, bytes, piece);
      ASSERT_GT(taken, 0U);
      EXPECT_LE(piece.size(), bytes + 3);
      all += piece;
      rest.remove_prefix(taken);
    }
    EXPECT_EQ(all, whole) << bytes;
  }
}

TEST(Unescape, TheStartEndsAtACharacter) {
  EXPECT_EQ(unescape_start(R"(a\u00e9b)", 1), "a");
  EXPECT_EQ(unescape_start(R"(a\u00e9b)", 2), "a");
  EXPECT_EQ(unescape_start(R"(a\u00e9b)", 3), "a\xC3\xA9");
  EXPECT_EQ(unescape_start(R"(a\u00e9b)", 4),
            "a\xC3\xA9"
            "b");
  EXPECT_EQ(unescape_start(R"(a\u00e9b)", 99),
            "a\xC3\xA9"
            "b");
}

TEST(Value, StartsOfTextsAndKeys) {
  Document document;
  const std::string json = R"({"k\u00e9y":"\ud83d\ude00text","n":12})";
  const auto root = document.parse(std::string_view(json));
  ASSERT_TRUE(root.has_value());
  const Value text = *root->children().begin();
  EXPECT_EQ(text.key_start(3), "k\xC3\xA9");
  EXPECT_EQ(text.text_start(6), "\xF0\x9F\x98\x80te");
  EXPECT_EQ(text.body(), R"(\ud83d\ude00text)");
  EXPECT_EQ(root->find("n")->text_start(9), "");
  EXPECT_EQ(root->find("n")->body(), "");
}

TEST(Json, DescendantsStandInTheOrderOfTheText) {
  Document document;
  const auto root = document.parse(R"({"a":[1,{"b":2}],"c":"d\n"})");
  ASSERT_TRUE(root);
  EXPECT_TRUE(root->is_listed_whole());
  std::string seen;
  for (const Value value : root->descendants()) {
    seen += std::string(value.key_raw()) + '=' + std::string(value.raw()) + ' ';
  }
  EXPECT_EQ(seen, R"(a=[1,{"b":2}] =1 ={"b":2} b=2 c="d\n" )");
  const auto list = root->find("a");
  std::size_t inside = 0;
  for ([[maybe_unused]] const Value value : list->descendants()) ++inside;
  EXPECT_EQ(inside, 3U);
  EXPECT_TRUE(root->find("c")->is_escaped());
  EXPECT_FALSE(list->is_escaped());
}

TEST(Json, WhatIsBelowTheIndexedDepthIsKnownToBeMissing) {
  Document document;
  EXPECT_FALSE(document.parse(R"({"a":[1]})", {.depth_indexed = 1})->is_listed_whole());
  EXPECT_TRUE(document.parse(R"({"a":[]})", {.depth_indexed = 1})->is_listed_whole());
  EXPECT_TRUE(document.parse(R"({"a":[1]})", {.depth_indexed = 2})->is_listed_whole());
}

}  // namespace
}  // namespace tally::json
