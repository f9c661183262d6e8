// SPDX-License-Identifier: Apache-2.0
// The JSON reader against simdjson's DOM: random documents, random damage, and real MCP traffic.
#include "base/json_oracle.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

namespace tally::json {
namespace {

/// Random documents by the grammar of RFC 8259, with the odd forms (escapes, exponents, white
/// space) made likely.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string document() { return space() + value(0) + space(); }

  /// Replaces, removes, repeats or inserts a few bytes.
  std::string damage(std::string text) {
    static constexpr std::string_view kBytes =
        "{}[]\",:\\/u0123456789abcdefDtrulsn-+.eE \n\t\r\x01\x7F\x80\xC3\xED\xFF";
    for (std::size_t i = 0, n = 1 + below(3); i < n && !text.empty(); ++i) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text[at] = kBytes[below(kBytes.size())]; break;
        case 1: text.erase(at, 1 + below(3)); break;
        case 2: text.insert(at, 1, kBytes[below(kBytes.size())]); break;
        case 3: text.insert(at, text.substr(at, below(6))); break;
      }
    }
    return text;
  }

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

 private:
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(choices.size())];
  }
  std::string space() { return below(4) == 0 ? pick({" ", "\n", "\t\r\n ", "  "}) : ""; }

  std::string value(int depth) {
    switch (below(depth > 5 ? 4 : 7)) {
      case 0: return pick({"null", "true", "false"});
      case 1: return number();
      case 2:
      case 3: return string();
      case 4: return container('[', ']', depth);
      default: return container('{', '}', depth);
    }
  }

  std::string container(char open, char close, int depth) {
    std::string out(1, open);
    out += space();
    for (std::size_t i = 0, n = below(5); i < n; ++i) {
      if (i > 0) out += space() + ',' + space();
      if (open == '{') out += string() + space() + ':' + space();
      out += value(depth + 1) + space();
    }
    return out + close;
  }

  std::string number() {
    std::string out = pick({"", "-"}) + pick({"0", "1", "9", "123456789012345678",
                                              "18446744073709551615", "4503599627370497"});
    if (below(3) == 0) out += pick({".0", ".5", ".000001", ".123456789012345678901234567890"});
    if (below(3) == 0) out += pick({"e0", "E+1", "e-1", "E10", "e-300"});
    return out;
  }

  std::string string() {
    std::string out = "\"";
    for (std::size_t i = 0, n = below(12); i < n; ++i) {
      out += pick({"a",
                   "Z",
                   "0",
                   " ",
                   "{",
                   "]",
                   ",",
                   ":",
                   "\\n",
                   "\\\"",
                   "\\\\",
                   "\\/",
                   "\\u0041",
                   "\\u00e9",
                   "\\u20AC",
                   "\\ud83d\\ude00",
                   "\xC3\xA9",
                   "\xE2\x82\xAC",
                   "\xF0\x9F\x98\x80",
                   "method",
                   "12345678"});
    }
    return out + '"';
  }

  std::mt19937_64 random_;
};

TEST(JsonDifferential, RandomDocumentsReadTheSame) {
  Generator generator(20261121);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = generator.document();
    Document document;
    ASSERT_TRUE(document.parse(text)) << text;
    ASSERT_EQ(disagreement(text), "");
  }
}

TEST(JsonDifferential, DamagedDocumentsAreJudgedTheSame) {
  Generator generator(42);
  int refused = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string text = generator.damage(generator.document());
    ASSERT_EQ(disagreement(text), "");
    Document document;
    refused += document.parse(text) ? 0 : 1;
  }
  // The damage must really damage, and not always.
  EXPECT_GT(refused, 20'000);
  EXPECT_LT(refused, 58'000);
}

TEST(JsonDifferential, EveryPrefixOfADocument) {
  Generator generator(9);
  for (int i = 0; i < 300; ++i) {
    const std::string text = generator.document();
    for (std::size_t n = 0; n < text.size(); ++n) ASSERT_EQ(disagreement(text.substr(0, n)), "");
  }
}

TEST(JsonDifferential, RecordedTraffic) {
  int lines = 0;
  Generator generator(5);
  for (const char* name : {"everything", "filesystem", "modern"}) {
    std::ifstream file(std::string(TALLY_TEST_DATA "/mcp/wire/") + name + ".ndjson");
    for (std::string line; std::getline(file, line); ++lines) {
      ASSERT_EQ(disagreement(line), "");
      for (int i = 0; i < 20; ++i) ASSERT_EQ(disagreement(generator.damage(line)), "");
    }
  }
  EXPECT_GT(lines, 200);
}

}  // namespace
}  // namespace tally::json
