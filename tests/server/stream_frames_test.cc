// SPDX-License-Identifier: Apache-2.0
#include "server/stream_frames.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

std::string frame(const std::string& line) {
  std::string out;
  append_entry_frame(out, 41, line);
  return out;
}

TEST(StreamFramesTest, AnEntryIsOneEventWithItsNumberAndName) {
  const std::string out = frame(R"({"seq":41,"event_name":"mcp-ping"})");
  EXPECT_TRUE(out.starts_with("id: 41\nevent: mcp-ping\ndata: {\"seq\":41,")) << out;
  EXPECT_TRUE(out.ends_with("}\n\n")) << out;
  EXPECT_NE(out.find("\"error_message\":null"), std::string::npos) << "as the API shows entries";
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4);
}

TEST(StreamFramesTest, NamesThatMeanSomethingElseAreNotTaken) {
  for (const char* name : {"dropped", "lagging", "ended", "error", "open", "message", "", "a\\nb",
                           "a b", "\\u000aid: 7", "é"}) {
    const std::string out = frame(R"({"event_name":")" + std::string(name) + "\"}");
    EXPECT_TRUE(out.starts_with("id: 41\nevent: entry\ndata: {")) << out;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4) << out;
  }
  EXPECT_TRUE(frame("{}").starts_with("id: 41\nevent: entry\n"));
  EXPECT_TRUE(frame("no object").ends_with("event: entry\ndata: null\n\n"));
}

TEST(StreamFramesTest, WhatWouldEndALineDoesNot) {
  const std::string out = frame("{\"seq\":41,\r\"x\":1}");
  EXPECT_EQ(out.find('\r'), std::string::npos);
}

TEST(StreamFramesTest, PositionsAndNotices) {
  std::string out;
  append_position_frame(out, 0);
  append_position_frame(out, 8);
  append_retry_frame(out, 8, std::chrono::milliseconds(1'500));
  append_notice_frame(out, "dropped", 8, ",\"reason\":\"slow\"");
  EXPECT_EQ(out,
            ":\n\n"
            ":\nid: 7\n\n"
            "retry: 1500\nid: 7\n\n"
            "id: 7\nevent: dropped\ndata: {\"resume\":8,\"reason\":\"slow\"}\n\n");
}

}  // namespace
}  // namespace tally::server
