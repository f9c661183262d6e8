// SPDX-License-Identifier: Apache-2.0
#include "remote/event_reader.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace tally::remote {
namespace {

constexpr std::string_view kStream =
    "retry: 100\n\nid: 4\nevent: mcp-tool-execution\ndata: {\"seq\":4}\n\n: alive\nid: 9\n\n"
    "id:10\r\ndata:one\r\ndata: two\r\n\r\nevent: ended\ndata: {}\n\n";

std::vector<std::string> read(EventReader& reader, std::string_view text, std::size_t piece) {
  std::vector<std::string> out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    EXPECT_EQ(reader.feed(text.substr(0, piece),
                          [&](const StreamEvent& event) {
                            out.push_back(event.id + "|" + event.name + "|" + event.data);
                            return true;
                          }),
              true);
  }
  return out;
}

TEST(EventReader, TheSameInPiecesOfAnySize) {
  const std::vector<std::string> expected{"4|mcp-tool-execution|{\"seq\":4}", "10|message|one\ntwo",
                                          "10|ended|{}"};
  for (std::size_t piece = 1; piece <= kStream.size(); ++piece) {
    EventReader reader;
    EXPECT_EQ(read(reader, kStream, piece), expected) << piece;
    EXPECT_EQ(reader.last_id(), "10");
  }
}

TEST(EventReader, AnIdCountsOnceItsEventIsComplete) {
  EventReader reader;
  read(reader, "id: 1\ndata: a\n\nid: 2\ndata: b\n", 100);
  EXPECT_EQ(reader.last_id(), "1");
  reader.restart();
  EXPECT_EQ(read(reader, "data: c\n\n", 100), std::vector<std::string>{"1|message|c"});
}

TEST(EventReader, StopsWhenNobodyWantsMore) {
  EventReader reader;
  int seen = 0;
  EXPECT_EQ(reader.feed("data: a\n\ndata: b\n\n",
                        [&](const StreamEvent&) {
                          ++seen;
                          return false;
                        }),
            false);
  EXPECT_EQ(seen, 1);
}

TEST(EventReader, ALineWithoutAnEndDoesNotFillMemory) {
  EventReader reader;
  const std::string piece(kMiB, 'x');
  const auto nobody = [](const StreamEvent&) { return true; };
  for (std::size_t i = 0; i < kRemoteBodyBytesMax / kMiB; ++i)
    ASSERT_TRUE(reader.feed(piece, nobody));
  EXPECT_EQ(reader.feed(piece, nobody).error().code, Errc::too_large);
}

}  // namespace
}  // namespace tally::remote
