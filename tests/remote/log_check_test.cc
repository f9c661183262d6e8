// SPDX-License-Identifier: Apache-2.0
#include "remote/log_check.h"

#include "crypto/note_vectors.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"
#include "remote/canned_server.h"

#include <algorithm>

namespace tally::remote {
namespace {

using log::ProblemKind;

constexpr std::size_t kEntries = 600;

/// A server with a log of its own, and what it says of it.
class RemoteLogCheck : public ::testing::Test {
 protected:
  RemoteLogCheck() {
    for (std::size_t i = 0; i < kEntries; ++i)
      entries_.push_back("{\"seq\":" + std::to_string(i) + ",\"n\":1}");
    publish();
  }

  /// A checkpoint over the first `size` entries as they are now.
  std::string note(std::size_t size) {
    merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
    merkle::CompactRange range{TreeSize{0}};
    for (std::size_t i = 0; i < size; ++i)
      range.append(hasher, merkle::as_node(hasher.leaf(entries_[i])));
    return *merkle::sign_checkpoint({key_.name(), TreeSize{size}, range.root(hasher)}, signer_);
  }
  void publish() {
    server_.answer("/log/checkpoint", note(kEntries));
    merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
    for (std::size_t tile = 0; tile * 256 < kEntries; ++tile) {
      const std::size_t width = std::min<std::size_t>(256, kEntries - tile * 256);
      std::string hashes;
      for (std::size_t i = 0; i < width; ++i) {
        const auto leaf = hasher.leaf(entries_[tile * 256 + i]);
        hashes += as_text(leaf.bytes());
      }
      server_.answer("/log/tile/0/" + name(tile, width), hashes);
      publish_bundle(tile, width);
    }
  }
  void publish_bundle(std::size_t tile, std::size_t width) {
    std::string bundle;
    for (std::size_t i = 0; i < width; ++i) {
      const std::string& entry = entries_[tile * 256 + i];
      bundle += static_cast<char>(entry.size() >> 8U);
      bundle += static_cast<char>(entry.size() & 0xffU);
      bundle += entry;
    }
    server_.answer("/log/tile/entries/" + name(tile, width), bundle);
  }
  static std::string name(std::size_t tile, std::size_t width) {
    return tile_path(tile) + (width == 256 ? "" : ".p/" + std::to_string(width));
  }
  Result<log::VerifyReport> check(const std::vector<log::OutsideCheckpoint>& against = {}) {
    auto client = Client::open({server_.url(), "", ""});
    return check_log(*client, key_, against, {});
  }
  static bool has(const log::VerifyReport& report, ProblemKind kind,
                  std::optional<std::uint64_t> seq = std::nullopt) {
    return std::ranges::any_of(report.problems, [&](const log::Problem& p) {
      return p.kind == kind && (!seq || p.seq == seq);
    });
  }

  CannedServer server_;
  crypto::NoteSigner signer_ = crypto::NoteSigner::parse(crypto::kTesseraSkey).value();
  crypto::NoteVerifier key_ = crypto::NoteVerifier::parse(crypto::kTesseraVkey).value();
  std::vector<std::string> entries_;
};

TEST_F(RemoteLogCheck, AnHonestServerIsFine) {
  const auto report = check({{"kept", note(300)}, {"empty", note(0)}, {"now", note(kEntries)}});
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_TRUE(report->ok());
  EXPECT_EQ(report->size, kEntries);
  EXPECT_EQ(report->outside_checked, 3U);
  EXPECT_GT(report->bytes, kEntries * 10);
}

TEST_F(RemoteLogCheck, AChangedEntryIsNamed) {
  entries_[517] = R"({"seq":517,"n":2})";
  publish_bundle(2, kEntries - 512);
  const auto report = check();
  ASSERT_TRUE(report);
  EXPECT_TRUE(has(*report, ProblemKind::root));
  EXPECT_TRUE(has(*report, ProblemKind::entry_altered, 517));
  EXPECT_EQ(report->problems.size(), 2U);
}

TEST_F(RemoteLogCheck, ARewrittenLogWithASoundCheckpointIsFoundByAnOlderOne) {
  const std::string kept = note(300);
  entries_[5] = R"({"seq":5,"n":2})";
  publish();
  EXPECT_TRUE(check()->ok()) << "who has the key can rewrite";
  EXPECT_TRUE(has(*check({{"kept", kept}}), ProblemKind::outside_checkpoint));
}

TEST_F(RemoteLogCheck, ACutLogIsFoundByAnOlderOne) {
  const std::string kept = note(kEntries);
  server_.answer("/log/checkpoint", note(256));
  EXPECT_TRUE(check()->ok());
  EXPECT_TRUE(has(*check({{"kept", kept}}), ProblemKind::outside_checkpoint, 256));
}

TEST_F(RemoteLogCheck, AWrongNumberIsNamed) {
  entries_[256] = R"({"seq":257,"n":1})";
  publish();
  EXPECT_TRUE(has(*check(), ProblemKind::entry_order, 256));
}

TEST_F(RemoteLogCheck, AnotherKeyIsNotBelieved) {
  std::string note_text = note(kEntries);
  note_text[note_text.find('\n') + 1] ^= 1;
  server_.answer("/log/checkpoint", note_text);
  const auto report = check();
  ASSERT_TRUE(report);
  EXPECT_TRUE(has(*report, ProblemKind::checkpoint));
}

TEST_F(RemoteLogCheck, WhatIsNoBundleIsAnError) {
  server_.answer("/log/tile/entries/001", "nonsense");
  EXPECT_EQ(check().error().code, Errc::malformed);
}

TEST(TilePath, IsThatOfTlogTiles) {
  EXPECT_EQ(tile_path(0), "000");
  EXPECT_EQ(tile_path(67), "067");
  EXPECT_EQ(tile_path(999), "999");
  EXPECT_EQ(tile_path(1'000), "x001/000");
  EXPECT_EQ(tile_path(1'234'067), "x001/x234/067");
}

TEST(Bundle, HasExactlySoManyEntries) {
  using namespace std::string_view_literals;
  const auto two = split_bundle("\0\1a\0\2bc"sv, 2);
  ASSERT_TRUE(two);
  EXPECT_EQ(*two, (std::vector<std::string_view>{"a", "bc"}));
  for (const std::size_t count : {0U, 1U, 3U}) EXPECT_FALSE(split_bundle("\0\1a\0\2bc"sv, count));
  EXPECT_FALSE(split_bundle("\0\1a\0\2b"sv, 2));
  EXPECT_FALSE(split_bundle("\0"sv, 1));
  EXPECT_TRUE(split_bundle("", 0));
}

}  // namespace
}  // namespace tally::remote
