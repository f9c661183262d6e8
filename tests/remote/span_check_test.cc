// SPDX-License-Identifier: Apache-2.0
#include "remote/span_check.h"

#include "base/limits.h"
#include "crypto/note_vectors.h"
#include "merkle/compact_range.h"
#include "merkle/tiles.h"
#include "merkle/tree_hasher.h"
#include "remote/canned_server.h"
#include "remote/log_check.h"

#include <algorithm>

namespace tally::remote {
namespace {

using log::EntrySpan;
using log::ProblemKind;

/// A server with all tiles of a log.
class RemoteSpanCheck : public ::testing::Test {
 protected:
  /// Entries 0 to `count` - 1, signed and published.
  void publish(std::size_t count) {
    while (entries_.size() < count)
      entries_.push_back("{\"seq\":" + std::to_string(entries_.size()) + ",\"n\":1}");
    merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
    std::map<unsigned, std::string> levels;
    merkle::CompactRange range{TreeSize{0}};
    for (std::size_t i = 0; i < count; ++i) {
      const auto leaf = hasher.leaf(entries_[i]);
      levels[0] += as_text(leaf.bytes());
      range.append(hasher, merkle::as_node(leaf),
                   [&](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
                     if (height % 8 == 0) levels[height / 8] += as_text(hash.bytes());
                   });
    }
    for (const auto& [level, hashes] : levels)
      put_tiles(std::to_string(level), hashes.size() / 32, [&](std::size_t first, std::size_t n) {
        return hashes.substr(first * 32, n * 32);
      });
    put_tiles("entries", count, [&](std::size_t first, std::size_t n) { return bundle(first, n); });
    server_.answer("/log/checkpoint", note(count));
  }
  std::string note(std::size_t size) {
    merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
    merkle::CompactRange range{TreeSize{0}};
    for (std::size_t i = 0; i < size; ++i)
      range.append(hasher, merkle::as_node(hasher.leaf(entries_[i])));
    return *merkle::sign_checkpoint({key_.name(), TreeSize{size}, range.root(hasher)}, signer_);
  }
  std::string bundle(std::size_t first, std::size_t count) {
    std::string out;
    for (std::size_t i = first; i < first + count; ++i) {
      out += static_cast<char>(entries_[i].size() >> 8U);
      out += static_cast<char>(entries_[i].size() & 0xffU);
      out += entries_[i];
    }
    return out;
  }
  template <class Body>
  void put_tiles(const std::string& level, std::size_t count, const Body& body) {
    for (std::size_t tile = 0; tile * 256 < count; ++tile) {
      const std::size_t width = std::min<std::size_t>(256, count - tile * 256);
      server_.answer("/log/tile/" + level + "/" + tile_path(tile) +
                         (width == 256 ? "" : ".p/" + std::to_string(width)),
                     body(tile * 256, width));
    }
  }
  log::VerifyReport check(EntrySpan span, const std::vector<log::OutsideCheckpoint>& against = {}) {
    auto client = Client::open({server_.url(), "", ""});
    auto report = check_log(*client, key_, against, {}, NamedSpan{span});
    EXPECT_TRUE(report) << report.error().detail;
    return report ? *report : log::VerifyReport();
  }
  static bool has(const log::VerifyReport& report, ProblemKind kind,
                  std::optional<std::uint64_t> seq = std::nullopt) {
    return std::ranges::any_of(report.problems, [&](const log::Problem& p) {
      return p.kind == kind && (!seq || p.seq == seq);
    });
  }
  bool asked_for(const std::string& target) {
    return std::ranges::any_of(server_.heads(), [&](const std::string& head) {
      return head.starts_with("GET " + target + " ");
    });
  }

  CannedServer server_;
  crypto::NoteSigner signer_ = crypto::NoteSigner::parse(crypto::kTesseraSkey).value();
  crypto::NoteVerifier key_ = crypto::NoteVerifier::parse(crypto::kTesseraVkey).value();
  std::vector<std::string> entries_;
};

TEST_F(RemoteSpanCheck, RangesOfAnHonestServerAreFineAndNothingElseIsFetched) {
  for (const std::size_t count : {1, 255, 256, 257, 1'000, 1'024}) {
    publish(count);
    for (const EntrySpan span : {EntrySpan{0, 1}, EntrySpan{0, count}, EntrySpan{count - 1, count},
                                 EntrySpan{count / 2, count / 2 + 1}}) {
      const auto report = check(span, {{"kept", note(count / 3)}, {"now", note(count)}});
      EXPECT_TRUE(report.ok()) << count << ": " << span.first << " " << report.problems[0].detail;
      EXPECT_EQ(report.span, span);
      EXPECT_EQ(report.outside_checked, 2U);
    }
  }
  EXPECT_FALSE(asked_for("/log/tile/entries/001.p/244"));
  EXPECT_TRUE(asked_for("/log/tile/entries/003.p/232"));
}

TEST_F(RemoteSpanCheck, AnEntryThatChangedAfterItWasSignedIsNamedAndOthersDoNotMatter) {
  publish(1'000);
  entries_[517] = R"({"seq":517,"n":2})";
  server_.answer("/log/tile/entries/002", bundle(512, 256));
  const auto hit = check({510, 520});
  EXPECT_TRUE(has(hit, ProblemKind::entry_altered, 517));
  EXPECT_TRUE(has(hit, ProblemKind::root));
  EXPECT_EQ(hit.entries_altered, 1U);
  EXPECT_TRUE(check({0, 400}).ok());
  EXPECT_TRUE(has(check({600, 610}), ProblemKind::root)) << "fetched together with the range";
}

TEST_F(RemoteSpanCheck, HashesThatFitChangedEntriesDoNotHideThem) {
  publish(1'000);
  const std::string signed_note = note(1'000);
  entries_[300] = R"({"seq":300,"n":2})";
  publish(1'000);
  server_.answer("/log/checkpoint", signed_note);
  for (const EntrySpan span : {EntrySpan{290, 310}, EntrySpan{0, 10}, EntrySpan{900, 1'000}})
    EXPECT_TRUE(has(check(span), ProblemKind::root)) << span.first;
}

TEST_F(RemoteSpanCheck, ARewrittenOrCutLogIsFoundByACheckpointKeptElsewhere) {
  publish(700);
  const std::string kept = note(300);
  const std::string later = note(700);
  entries_[5] = R"({"seq":5,"n":2})";
  publish(600);
  EXPECT_TRUE(check({400, 500}).ok()) << "who has the key can rewrite";
  EXPECT_TRUE(has(check({400, 500}, {{"kept", kept}}), ProblemKind::outside_checkpoint));
  EXPECT_TRUE(has(check({400, 500}, {{"later", later}}), ProblemKind::outside_checkpoint, 600));
}

TEST_F(RemoteSpanCheck, WhatIsNotSignedYetIsSaid) {
  publish(300);
  const auto partly = check({290, 305});
  EXPECT_TRUE(partly.ok());
  EXPECT_EQ(partly.span, (EntrySpan{290, 300}));
  ASSERT_EQ(partly.notes.size(), 1U);
  EXPECT_NE(partly.notes[0].find("300 to 304"), std::string::npos) << partly.notes[0];
  EXPECT_EQ(check({310, 320}).span.size(), 0U);
  EXPECT_EQ(check({200, 200}).notes.size(), 0U);
}

TEST_F(RemoteSpanCheck, WhatIsNoTileIsAnError) {
  publish(300);
  server_.answer("/log/tile/0/000", "short");
  auto client = Client::open({server_.url(), "", ""});
  EXPECT_EQ(check_log(*client, key_, {}, {}, NamedSpan{{0, 10}}).error().code, Errc::malformed);
  server_.answer("/log/tile/entries/000", "nonsense");
  EXPECT_EQ(check_log(*client, key_, {}, {}, NamedSpan{{0, 10}}).error().code, Errc::malformed);
}

TEST_F(RemoteSpanCheck, TheServerSaysWhichEntriesAreOfATimeAlsoAfterAWhile) {
  const std::string first =
      "/api/audit/integrity?start_time=2026-11-21T19%3A00%3A00.000000Z"
      "&end_time=2026-11-21T20%3A00%3A00.000000Z";
  const WallTime start = *parse_time("2026-11-21T19:00:00Z");
  const WallTime end = *parse_time("2026-11-21T20:00:00Z");
  auto client = Client::open({server_.url(), "", ""});
  server_.answer(first, R"({"total_logs":3,"range":{"start_seq":7,"end_seq":10}})");
  const auto at_once = span_of_times(*client, start, end);
  ASSERT_TRUE(at_once) << at_once.error().detail << " " << server_.heads().back();
  EXPECT_EQ(at_once->entries, (EntrySpan{7, 10}));
  EXPECT_EQ(at_once->start, start);
  EXPECT_EQ(at_once->end, end);
  server_.answer(first, R"({"state":"running","location":"/api/audit/integrity/x1"})", "",
                 "202 Accepted");
  server_.answer("/api/audit/integrity/x1", R"({"range":{"start_seq":1,"end_seq":2}})");
  const auto later = span_of_times(*client, start, end);
  ASSERT_TRUE(later) << later.error().detail;
  EXPECT_EQ(later->entries, (EntrySpan{1, 2}));
  server_.answer(first, R"({"state":"running","location":"/elsewhere"})");
  EXPECT_EQ(span_of_times(*client, start, end).error().code, Errc::malformed);
  server_.answer(first, R"({"range":{"start_seq":7,"end_seq":6}})");
  EXPECT_EQ(span_of_times(*client, start, end).error().code, Errc::malformed);
  server_.answer(first, "[]");
  EXPECT_EQ(span_of_times(*client, start, end).error().code, Errc::malformed);
}

TEST_F(RemoteSpanCheck, AServerThatLooksForEverIsGivenUp) {
  auto client = Client::open({server_.url(), "", ""});
  const std::string running = R"({"state":"running","location":"/api/audit/integrity/x1"})";
  server_.answer("/api/audit/integrity", running, "", "202 Accepted");
  server_.answer("/api/audit/integrity/x1", running, "", "202 Accepted");
  const auto given_up = span_of_times(*client, {}, {}, kRemoteRetry);
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, Errc::timeout);
  EXPECT_EQ(server_.heads().size(), 2U);
}

TEST_F(RemoteSpanCheck, TheFirstAndTheLastEntryThatAreNamedMustBeOfTheTime) {
  for (const char* minute : {"00", "10", "20", "05", "30"}) {  // 3 came late
    entries_.push_back("{\"seq\":" + std::to_string(entries_.size()) +
                       ",\"timestamp\":\"2026-11-21T19:" + minute + ":00.000000Z\"}");
  }
  publish(6);  // the last one has no time
  auto client = Client::open({server_.url(), "", ""});
  const auto named = [&](EntrySpan span, const char* start, const char* end) {
    return check_log(*client, key_, {}, {}, NamedSpan{span, parse_time(start), parse_time(end)});
  };
  const char* const kFive = "2026-11-21T19:05:00Z";
  const char* const kTwenty = "2026-11-21T19:20:00Z";
  const auto fine = named({1, 4}, kFive, kTwenty);
  ASSERT_TRUE(fine) << fine.error().detail;
  EXPECT_TRUE(fine->ok());
  for (const EntrySpan span :
       {EntrySpan{0, 4}, EntrySpan{1, 3}, EntrySpan{1, 5}, EntrySpan{4, 5}, EntrySpan{1, 6}}) {
    const auto wrong = named(span, kFive, kTwenty);
    ASSERT_FALSE(wrong) << span.first << " " << span.end;
    EXPECT_EQ(wrong.error().code, Errc::malformed);
  }
  EXPECT_TRUE(named({1, 5}, kFive, "")) << "open";
  EXPECT_FALSE(named({0, 2}, "", kFive));
  EXPECT_TRUE(named({1, 9}, kFive, kTwenty)) << "the last one is not signed yet";
  // What was changed is told as that.
  entries_[1].replace(entries_[1].find("19:10"), 5, "18:10");
  server_.answer("/log/tile/entries/000.p/6", bundle(0, 6));
  const auto changed = named({1, 4}, kFive, kTwenty);
  ASSERT_TRUE(changed) << changed.error().detail;
  EXPECT_TRUE(has(*changed, ProblemKind::entry_altered, 1));
}

}  // namespace
}  // namespace tally::remote
