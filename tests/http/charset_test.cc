// SPDX-License-Identifier: Apache-2.0
#include "http/charset.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

using namespace std::string_literals;

/// `text` (ASCII, U+00E4 as "~" and U+1F600 as "^") in an encoding.
std::string encoded(std::string_view text, TextEncoding encoding) {
  std::string out;
  const auto unit = [&](std::uint32_t value, std::size_t bytes, bool big) {
    for (std::size_t i = 0; i < bytes; ++i) {
      out += static_cast<char>(value >> (8 * (big ? bytes - 1 - i : i)));
    }
  };
  for (const char c : text) {
    const std::uint32_t code = c == '~' ? 0xE4 : c == '^' ? 0x1F600 : static_cast<unsigned char>(c);
    const bool big = encoding == TextEncoding::utf16be || encoding == TextEncoding::utf32be;
    switch (encoding) {
      case TextEncoding::utf8:
        out += c == '~' ? "\xc3\xa4"s : c == '^' ? "\xf0\x9f\x98\x80"s : std::string(1, c);
        break;
      case TextEncoding::utf16le:
      case TextEncoding::utf16be:
        if (code > 0xFFFF) {
          unit(0xD83D, 2, big);
          unit(0xDE00, 2, big);
        } else {
          unit(code, 2, big);
        }
        break;
      case TextEncoding::utf32le:
      case TextEncoding::utf32be: unit(code, 4, big); break;
    }
  }
  return out;
}

std::string mark(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf8: return "\xef\xbb\xbf"s;
    case TextEncoding::utf16le: return "\xff\xfe"s;
    case TextEncoding::utf16be: return "\xfe\xff"s;
    case TextEncoding::utf32le: return "\xff\xfe\0\0"s;
    case TextEncoding::utf32be: return "\0\0\xfe\xff"s;
  }
  return {};
}

constexpr TextEncoding kAll[]{TextEncoding::utf8, TextEncoding::utf16le, TextEncoding::utf16be,
                              TextEncoding::utf32le, TextEncoding::utf32be};

TEST(Charset, ReadsEveryUnicodeEncodingWithAndWithoutMark) {
  for (const std::string_view text : {"{\"a\":\"~^\"}", "[]", "\"^\"", "12"}) {
    for (const TextEncoding encoding : kAll) {
      for (const bool with_mark : {false, true}) {
        const std::string bytes = (with_mark ? mark(encoding) : "") + encoded(text, encoding);
        std::string storage;
        const TextReading reading = read_text(bytes, "", storage);
        EXPECT_EQ(reading.text, encoded(text, TextEncoding::utf8)) << encoding_name(encoding);
        EXPECT_EQ(reading.encoding, encoding);
        EXPECT_EQ(reading.byte_order_mark, with_mark);
        EXPECT_FALSE(reading.ill_formed);
        EXPECT_FALSE(reading.ambiguous);
      }
    }
  }
}

TEST(Charset, DoesNotCopyUtf8) {
  const std::string bytes = "\xef\xbb\xbf{\"a\":\"\xc3\xa4\"}";
  std::string storage;
  EXPECT_EQ(read_text(bytes, "utf-8", storage).text.data(), bytes.data() + 3);
  EXPECT_TRUE(storage.empty());
}

TEST(Charset, ReadsShortBodies) {
  std::string storage;
  EXPECT_EQ(read_text("", "", storage).text, "");
  EXPECT_EQ(read_text("1", "", storage).text, "1");
  EXPECT_EQ(read_text("1\0"s, "", storage).text, "1");
  EXPECT_EQ(read_text("\0"s
                      "1"s,
                      "", storage)
                .text,
            "1");
  EXPECT_EQ(read_text("abc", "", storage).text, "abc");
}

struct Case {
  std::string bytes;
  const char* charset;
  bool ambiguous;
};

TEST(Charset, SaysWhenReadersCouldDiffer) {
  const Case cases[]{
      {"{}", "", false},
      {"{}", "UTF-8", false},
      {"{}", "utf8", false},
      {"{\"\xc3\xa4\":1}", "utf-8", false},
      // ASCII is the same in all of these.
      {"{}", "iso-8859-1", false},
      {"{}", " Windows-1252 ", false},
      {"{}", "us-ascii", false},
      {"{\"\xc3\xa4\":1}", "iso-8859-1", true},
      {"{\"\xc3\xa4\":1}", "ascii", true},
      {"{\"\xc3\xa4\":1}", "binary", true},
      // Read by the wrong one of UTF-8 and UTF-16, JSON is no JSON.
      {"{}", "utf-16", false},
      {encoded("{\"~\":1}", TextEncoding::utf16le), "utf-8", false},
      {encoded("{\"~\":1}", TextEncoding::utf16le), "utf-16", false},
      {encoded("{\"~\":1}", TextEncoding::utf16be), "latin1", false},
      // Libraries know many more, and these can hide ASCII in ASCII.
      {"+AHsAfQ-", "utf-7", true},
      {"e30=", "base64", true},
      {"{}", "ibm037", true},
      {"{}", "x-unknown", true},
      // Some refuse, some replace, and they replace differently.
      {"{\"a\":\"\xff\"}", "", true},
      {"{\"a\":\"\xc0\xaf\"}", "", true},
      {"{\"a\":\"\xed\xa0\x80\"}", "", true},
      {encoded("{}", TextEncoding::utf16le) + "\0\xd8"s, "", true},
      {encoded("{}", TextEncoding::utf16le) + "x"s, "", true},
      {encoded("{}", TextEncoding::utf32le) + "\0\0\x11\0"s, "", true},
      {encoded("{}", TextEncoding::utf32be) + "\0\0\xd8\0"s, "", true},
  };
  for (const Case& c : cases) {
    std::string storage;
    EXPECT_EQ(read_text(c.bytes, c.charset, storage).ambiguous, c.ambiguous)
        << c.charset << ": " << c.bytes;
  }
}

TEST(Charset, ReplacesWhatIsIllFormed) {
  std::string storage;
  EXPECT_EQ(read_text("a\xff"
                      "b",
                      "", storage)
                .text,
            "a\xef\xbf\xbd"
            "b");
  const TextReading wide = read_text("[\0\0\xdc]\0x"s, "", storage);
  EXPECT_EQ(wide.text, "[\xef\xbf\xbd]\xef\xbf\xbd");
  EXPECT_TRUE(wide.ill_formed);
}

}  // namespace
}  // namespace tally::http
