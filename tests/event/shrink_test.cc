// SPDX-License-Identifier: Apache-2.0
// An event always fits, loses previews first, and says what it lost.
#include "base/json.h"
#include "base/limits.h"
#include "event/codec.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

TEST(Shrink, WhatFitsStaysAsItIs) { EXPECT_EQ(shrink_to_fit(full_event()), full_event()); }

TEST(Shrink, PreviewsGoFirst) {
  Event e = full_event();
  const std::string arguments(12'000, 'a');
  e.details = R"({"arguments":{"text":")" + arguments + R"("},"result":{"preview":")" +
              std::string(40'000, 'p') + R"(","bytes":40000}})";
  const Event small = shrink_to_fit(e);
  EXPECT_LE(encode(small).size(), kEntryBytesMax - 32);
  EXPECT_NE(small.details.find(arguments), std::string::npos);
  EXPECT_NE(small.details.find(std::string(1024, 'p') + "…\",\"bytes\":40000"), std::string::npos);
  EXPECT_EQ(small.unknown.back(), (RawMember{"truncated", R"(["details"])"}));
  EXPECT_EQ(small.error_message, e.error_message);
}

TEST(Shrink, OtherLongStringsFollowAndKeysStay) {
  Event e;
  e.event_name = "n";
  e.details = R"({"preview":"short","body":")" + std::string(60'000, 'b') + R"("})";
  const Event small = shrink_to_fit(e);
  EXPECT_EQ(small.details, R"({"preview":"short","body":")" + std::string(2048, 'b') + R"(…"})");
}

TEST(Shrink, CutsBetweenCharactersAndKeepsEscapes) {
  Event e;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "漢";
  e.details = R"({"preview":")" + text + R"(\n"})";
  const Event small = shrink_to_fit(e, 4096);
  json::Document document;
  const auto root = document.parse(small.details);
  ASSERT_TRUE(root) << small.details.substr(0, 80);
  std::string expected;
  for (int i = 0; i < 1024 / 3; ++i) expected += "漢";
  EXPECT_EQ(root->find("preview")->text(), expected + "…");
}

TEST(Shrink, DropsLargeMembersWhenCuttingStringsIsNotEnough) {
  Event e;
  std::string numbers = "[0";
  for (int i = 0; i < 30'000; ++i) numbers += ",1";
  e.details = R"({"transport":"stdio","huge":)" + numbers + R"(],"jsonrpc_id":7})";
  const Event small = shrink_to_fit(e);
  EXPECT_EQ(small.details, R"({"transport":"stdio","jsonrpc_id":7})");
  EXPECT_EQ(small.unknown.back().json, R"(["details"])");
}

TEST(Shrink, AChainThatLosesItsEndSaysSo) {
  Event e;
  e.event_name = "n";
  for (int i = 0; i < 1'000; ++i) e.on_behalf_of.push_back("user-" + std::to_string(i));
  const Event small = shrink_to_fit(e, 4096);
  EXPECT_EQ(small.on_behalf_of.size(), 8U);
  EXPECT_EQ(small.unknown.back(), (RawMember{"truncated", R"(["on_behalf_of"])"}));
}

TEST(Shrink, AnythingFitsEvenTheSmallestLimit) {
  EventMaker make(3);
  for (int i = 0; i < 100; ++i) {
    Event e = make.next();
    const auto blow_up = [&](std::string text) {
      std::string out;
      for (unsigned n = 1 + make.pick(6000); n > 0; --n) out += text;
      return out;
    };
    if (make.coin()) e.actor_id = blow_up("\x01");
    if (make.coin()) e.event_name = blow_up("n");
    if (make.coin()) e.error_message = blow_up("é\"");
    if (make.coin())
      e.new_values = R"({"a":")" + blow_up("x") + R"(","b":[)" + blow_up("1,") + "2]}";
    for (unsigned n = make.pick(60); n > 0; --n)
      e.redactions.push_back({blow_up("p"), "r", "mask"});
    for (unsigned n = make.pick(40); n > 0; --n) e.on_behalf_of.push_back(blow_up("o"));
    for (unsigned n = make.pick(40); n > 0; --n)
      e.unknown.push_back({"k" + std::to_string(n), '"' + blow_up("u") + '"'});
    const std::size_t limit = make.coin() ? 4096 : kEntryBytesMax - 32;
    const Event small = shrink_to_fit(e, limit);
    const std::string line = encode(small);
    EXPECT_LE(line.size(), limit);
    ASSERT_TRUE(decode(line)) << decode(line).error().detail;
    EXPECT_EQ(small.event_id, e.event_id);
    EXPECT_EQ(small.event_result, e.event_result);
  }
}

}  // namespace
}  // namespace tally::event
