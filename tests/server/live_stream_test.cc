// SPDX-License-Identifier: Apache-2.0
#include "server/live_stream.h"

#include "server/live_fixture.h"

#include <random>

namespace tally::server {
namespace {

using test::Frame;
using test::StreamClient;
using Lane = BodySource::Lane;

class LiveStreamTest : public test::LiveFixture {};

TEST_F(LiveStreamTest, CatchesUpFromTheLogAndGoesOnLive) {
  append(2'000);
  start_tail(50'000);
  StreamClient client(stream(100));
  EXPECT_EQ(seqs(client.read_until("\"n1999\"")), every(100, 2'000));
  append(5);
  EXPECT_EQ(seqs(client.read_until("\"n2004\"")), every(2'000, 2'005));
  EXPECT_EQ(client.stream().lane(), Lane::live);
}

TEST_F(LiveStreamTest, ReadsTheLogOnItsOwnThreadOnly) {
  append(50);
  start_tail();
  const auto one = stream(0);
  for (;;) {
    const auto piece = one->next();
    ASSERT_TRUE(piece);
    if (one->lane() == Lane::catch_up) {
      EXPECT_EQ(piece->bytes.find("data"), std::string::npos) << "said, not done";
      EXPECT_EQ(piece->state, BodySource::State::more);
      break;
    }
  }
  EXPECT_NE(one->next()->bytes.find("\"n0\""), std::string::npos);
}

/// The promise: whatever is cut off and resumed, with entries coming all the time, in a ring that
/// holds a few of them.
TEST_F(LiveStreamTest, NothingIsMissingOrTwiceAfterRandomDisconnects) {
  append(500);
  start_tail(30'000);
  constexpr std::uint64_t kAll = 8'000;
  std::jthread writing([this] {
    std::mt19937 random(3);
    while (size_ < kAll) append(std::min<std::size_t>(kAll - size_, 1 + random() % 60));
  });
  const auto follow_all = [&](unsigned seed, const index::Filter& filter, std::uint64_t last) {
    std::mt19937 random(seed);
    std::string text;
    std::string id;
    int connections = 0;
    while (text.find("\"n" + std::to_string(last) + '"') == std::string::npos) {
      StreamClient client(stream(id.empty() ? 0 : *parse_decimal(id) + 1, filter));
      ++connections;
      for (auto pieces = random() % 12; pieces > 0; --pieces) {
        const std::string piece = client.piece();
        text += piece;
        for (const Frame& frame : StreamClient::frames(piece)) {
          if (!frame.id.empty()) id = frame.id;
        }
        if (id == std::to_string(last)) break;
      }
    }
    EXPECT_GT(connections, 5);
    return seqs(text);
  };
  std::vector<std::jthread> clients;
  std::vector<std::vector<std::uint64_t>> got(4);
  index::Filter files;
  files.servers = {"files"};
  for (unsigned i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      got[i] = i % 2 == 0 ? follow_all(i, {}, kAll - 1) : follow_all(i, files, kAll - 1);
    });
  }
  clients.clear();
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(got[i], i % 2 == 0 ? every(0, kAll) : every(1, kAll, 2)) << i;
  }
}

TEST_F(LiveStreamTest, SilenceIsBrokenWithThePosition) {
  start_tail();
  append(1);
  index::Filter nothing;
  nothing.servers.emplace();
  StreamClient client(stream(1, nothing));
  client.piece();
  append(9);
  // Until the tail has seen them: a stream that gets everything tells.
  StreamClient witness(stream(1));
  witness.read_until("\"n9\"");
  clock_.pass(kStreamHeartbeat);
  const std::string text = client.read_until("id: 9\n\n");
  EXPECT_TRUE(text.ends_with("\n\n:\nid: 9\n\n")) << text;
  EXPECT_EQ(text.find("data"), std::string::npos) << "a resume need not look at them again";
}

TEST_F(LiveStreamTest, WhoFallsBehindIsToldAndGoesOn) {
  start_tail(10'000);
  StreamClient slow(stream(0));
  append(3);
  slow.read_until("\"n2\"");
  while (slow.stream().next()->state != BodySource::State::wait) {
  }
  append(1'500);
  StreamClient witness(stream(1'503));
  append(1'500);
  witness.read_until("\"n3002\"");
  const std::string text = slow.read_until("\"n3002\"");
  const auto frames = StreamClient::frames(text);
  EXPECT_EQ(frames.front().event, "lagging");
  EXPECT_NE(frames.front().data.find("{\"resume\":3,\"behind\":"), std::string::npos);
  EXPECT_EQ(seqs(text), every(3, 3'003));
}

TEST_F(LiveStreamTest, WhoComesNoNearerIsToldAndDropped) {
  append(3'000);
  start_tail(10'000);
  StreamClient slow(stream(0));
  StreamClient witness(stream(3'000));
  slow.read_until("\"n5\"");
  append(3'000);
  witness.read_until("\"n5999\"");
  clock_.pass(kStreamLagTime);
  const std::string text = slow.read_until("dropped");
  EXPECT_TRUE(slow.over());
  const Frame last = StreamClient::frames(text).back();
  EXPECT_EQ(last.event, "dropped");
  EXPECT_EQ(last.data.substr(0, last.data.find(',')),
            "{\"resume\":" + std::to_string(*parse_decimal(last.id) + 1));
  // It resumes where it was told to, and is as good as any other.
  StreamClient again(stream(*parse_decimal(last.id) + 1));
  EXPECT_EQ(seqs(again.read_until("\"n5999\"")), every(*parse_decimal(last.id) + 1, 6'000));
}

TEST_F(LiveStreamTest, APieceIsSmallHoweverMuchThereIs) {
  append(3'000);
  start_tail();
  StreamClient client(stream(0));
  std::size_t most = 0;
  for (std::string all; all.find("\"n2999\"") == std::string::npos;) {
    const std::string piece = client.piece();
    most = std::max(most, piece.size());
    all += piece;
  }
  EXPECT_LE(most, kStreamPieceBytes + 2'000);
}

}  // namespace
}  // namespace tally::server
