// SPDX-License-Identifier: Apache-2.0
#include "record/preview.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

using C = mcp::Category;

TEST(Preview, TextsOfACall) {
  EXPECT_EQ(
      preview_of_result(R"({"content":[{"type":"text","text":"a\nb"},{"type":"text","text":"c"}]})",
                        C::call),
      "a\nb\nc");
  EXPECT_EQ(
      preview_of_result(R"({"content":[{"type":"image","data":"x","mimeType":"image/png"},)"
                        R"({"type":"resource_link","uri":"file:///a","mimeType":"text/plain"},)"
                        R"({"type":"resource","resource":{"uri":"u","text":"inside"}},)"
                        R"({"type":"resource","resource":{"uri":"u","blob":"x"}}]})",
                        C::call),
      "[image image/png]\n[resource_link text/plain file:///a]\ninside\n[content u]");
}

TEST(Preview, StructuredContentWhereThereIsNoText) {
  EXPECT_EQ(preview_of_result(R"({"content":[],"structuredContent":{"a":1}})", C::call),
            R"({"a":1})");
}

TEST(Preview, ReadsPromptsAndOthers) {
  EXPECT_EQ(preview_of_result(R"({"contents":[{"uri":"a","text":"one"},{"uri":"b","text":"two"}]})",
                              C::read),
            "one\ntwo");
  EXPECT_EQ(
      preview_of_result(R"({"messages":[{"role":"user","content":{"type":"text","text":"hi"}},)"
                        R"({"role":"assistant","content":[{"type":"text","text":"ho"}]}]})",
                        C::prompt),
      "user: hi\nassistant: ho");
  EXPECT_EQ(preview_of_result(R"({"values":[1]})", C::completion), R"({"values":[1]})");
  EXPECT_EQ(preview_of_result("[1]", C::call), "[1]");
}

TEST(Preview, IsCutAtACharacter) {
  const std::string owl = "\xF0\x9F\xA6\x89";
  std::string text;
  for (int i = 0; i < 2000; ++i) text += owl;
  const std::string preview =
      preview_of_result(R"({"content":[{"type":"text","text":")" + text + R"("}]})", C::call);
  EXPECT_LE(preview.size(), kResultPreviewBytesMax);
  EXPECT_GT(preview.size(), kResultPreviewBytesMax - 8);
  EXPECT_TRUE(is_utf8(preview));
  EXPECT_TRUE(preview.ends_with("..."));
  EXPECT_EQ(cut_text("short", 5), "short");
  EXPECT_EQ(cut_text("longer", 5), "lo...");
}

}  // namespace
}  // namespace tally::record
