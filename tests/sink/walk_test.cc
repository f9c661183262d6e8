// SPDX-License-Identifier: Apache-2.0
#include "sink/walk.h"

#include "index/index_fixture.h"
#include "index/random_queries.h"
#include "index/scan_index.h"
#include "index/sqlite/sqlite_index.h"
#include "merkle/tree_hasher.h"
#include "sink/formats.h"

namespace tally::sink {
namespace {

using std::chrono::milliseconds;

/// Time passes with every look: a piece ends in the middle of whatever it does.
class TickingClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return {}; }
  [[nodiscard]] MonoTime mono() const override { return MonoTime(milliseconds(++looks_)); }

 private:
  mutable std::int64_t looks_ = 0;
};

class WalkTest : public index::IndexFixture {
 protected:
  struct Outcome {
    std::string text;
    std::uint64_t entries = 0;
    std::size_t pieces = 0;
    std::size_t piece_max = 0;
    bool used_index = false;
    std::optional<Error> error;
  };

  Outcome walk(const index::Filter& filter, const index::Index* index = nullptr,
               const char* format = "ndjson", WalkBudget budget = {20'000, milliseconds(50)}) {
    auto lines = *log::Reader::open(fs_, log_);
    log::TreeReader tree(fs_, lines.layout(), crypto::digest_bytes(lines.info().hash));
    const TickingClock clock;
    Walk walk({*lines.head(), lines.info().hash, filter, index}, find_format(format)->make(),
              clock);
    Outcome out;
    out.used_index = walk.uses_index();
    for (bool more = true; more;) {
      std::string piece;
      const auto next = walk.next(lines, tree, budget, piece);
      if (!next) {
        out.error = next.error();
        return out;
      }
      more = *next;
      ++out.pieces;
      out.piece_max = std::max(out.piece_max, piece.size());
      out.text += piece;
    }
    out.entries = walk.entries();
    EXPECT_EQ(walk.position(), walk.end());
    return out;
  }

  /// What it must be, made in the simplest way.
  std::string expected(const index::Filter& filter) {
    auto lines = *log::Reader::open(fs_, log_);
    const log::Head head = *lines.head();
    const index::FilterMatcher matcher(filter);
    merkle::TreeHasher hasher(lines.info().hash);
    const auto exporter = make_ndjson();
    std::string out, previous;
    EXPECT_TRUE(lines.scan(head, LeafIndex(0), [&](LeafIndex seq, std::string_view line) {
      const std::string checksum = to_hex(hasher.leaf(line).bytes());
      if (matcher.matches(line)) exporter->entry(out, {seq.value(), line, checksum, previous});
      previous = checksum;
      return true;
    }));
    return out;
  }

  static index::Filter filter(const std::string& expression) {
    index::Filter out;
    auto parsed = index::parse_expression(expression, {});
    EXPECT_TRUE(parsed) << expression << ": " << parsed.error().detail;
    if (parsed) out.all.push_back(std::move(*parsed));
    return out;
  }

  /// Replaces text of the same length in a segment.
  void damage(const std::string& from, const std::string& to) {
    ASSERT_EQ(from.size(), to.size());
    const std::vector<std::string> segments = *fs_.list(log_ + "/segments");
    for (const std::string& name : segments) {
      auto file = *fs_.open(log_ + "/segments/" + name, storage::OpenMode::write);
      const std::string text = *storage::read_file(fs_, log_ + "/segments/" + name, 100'000'000);
      const std::size_t at = text.find(from);
      if (at == std::string::npos) continue;
      ASSERT_TRUE(file->write_at(at, as_bytes(to)));
      return;
    }
    FAIL() << from << " is nowhere";
  }
};

TEST_F(WalkTest, EveryEntryOnceInOrderInSmallPieces) {
  index::Events events(1);
  append(events, 3'000);
  const Outcome out = walk({});
  ASSERT_FALSE(out.error) << out.error->detail;
  EXPECT_EQ(out.text, expected({}));
  EXPECT_EQ(out.entries, 3'000U);
  EXPECT_GT(out.pieces, 50U);
  EXPECT_LT(out.piece_max, 20'000U + kEntryBytesMax);
  const Outcome array = walk({}, nullptr, "json");
  EXPECT_TRUE(array.text.starts_with("[\n{\"seq\":0,"));
  EXPECT_TRUE(array.text.ends_with("}\n]\n"));
}

TEST_F(WalkTest, TheIndexChangesTheTimeAndNotTheAnswer) {
  index::Events events(2);
  append(events, 9'000);
  auto built = index::sqlite::open(fs_, log_,
                                   {.access = index::sqlite::Access::write, .partition_rows = 512});
  ASSERT_TRUE(built) << built.error().detail;
  auto scanning = index::open_scan_index(fs_, log_);
  ASSERT_TRUE(scanning);
  feed(**built);
  feed(**scanning);
  append(events, 700);  // which the indexes do not know
  std::size_t used = 0;
  std::vector<index::Filter> filters{{},
                                     filter("event:none"),
                                     filter("request:R3"),
                                     filter("interaction:i7"),
                                     filter("seq:100..140"),
                                     filter("seq:5"),
                                     filter("request:R3 \"p7\""),
                                     filter("seq>9500"),
                                     filter("trace:t12"),
                                     filter("seq:99999")};
  index::RandomQueries random(3);
  for (int i = 0; i < 12; ++i) filters.push_back(random.filter());
  for (const index::Filter& each : filters) {
    const std::string wanted = expected(each);
    const Outcome plain = walk(each);
    ASSERT_FALSE(plain.error) << plain.error->detail;
    EXPECT_EQ(plain.text, wanted);
    for (const index::Index* index : {built->get(), scanning->get()}) {
      const Outcome out = walk(each, index);
      ASSERT_FALSE(out.error) << out.error->detail;
      EXPECT_EQ(out.text, wanted) << index->status().engine << random.take_shown();
      used += out.used_index ? 1U : 0U;
    }
  }
  EXPECT_GE(used, 8U) << "else nothing was proved";
}

TEST_F(WalkTest, AScopeIsOneMoreCondition) {
  index::Events events(4);
  append(events, 500);
  index::Filter scoped;
  scoped.servers = {"files"};
  const Outcome out = walk(scoped);
  EXPECT_EQ(out.text, expected(scoped));
  EXPECT_GT(out.entries, 0U);
  EXPECT_LT(out.entries, 500U);
  scoped.servers->clear();
  EXPECT_EQ(walk(scoped).text, "");
}

TEST_F(WalkTest, WhatIsBoundedByNumberIsNotReadBeyond) {
  index::Events events(5);
  append(events, 2'000);
  damage("{\"seq\":1900,", "{\"seq\":1901,");
  EXPECT_FALSE(walk(filter("seq:100..110")).error);
  EXPECT_EQ(walk(filter("seq:100..110")).entries, 11U);
  EXPECT_EQ(walk(filter("seq:3")).entries, 1U);
  EXPECT_TRUE(walk(filter("actor:alice")).error);
}

TEST_F(WalkTest, ADamagedEntryIsAnErrorAlsoWhereItDoesNotMatchAnyMore) {
  for (int i = 0; i < 3; ++i) {
    index::Events events(6);
    append(events, 300);
    ASSERT_TRUE(writer_->append_all(
        {*log::EntryText::from_object(R"({"event_id":"wanted","actor_id":"mallory"})")}));
  }
  EXPECT_EQ(walk(filter("actor:mallory")).entries, 3U);
  damage("\"mallory\"", "\"nobody!\"");
  for (const auto& each : {filter("actor:mallory"), filter("actor:nobody!"), index::Filter()}) {
    const Outcome out = walk(each);
    ASSERT_TRUE(out.error);
    EXPECT_EQ(out.error->code, Errc::corrupt);
    EXPECT_NE(out.error->detail.find("entry 300 "), std::string::npos) << out.error->detail;
  }
}

TEST_F(WalkTest, ADamagedEntryThatTheIndexFindsIsAnErrorToo) {
  index::Events events(7);
  append(events, 300);
  ASSERT_TRUE(writer_->append_all(
      {*log::EntryText::from_object(R"({"actor_id":"mallory","error_message":"first"})")}));
  append(events, 300);
  auto built = index::sqlite::open(fs_, log_, {.access = index::sqlite::Access::write});
  ASSERT_TRUE(built);
  feed(**built);
  damage("\"error_message\":\"first\"", "\"error_message\":\"later\"");
  const Outcome out = walk(filter("actor:mallory"), built->get());
  EXPECT_TRUE(out.used_index);
  ASSERT_TRUE(out.error) << out.text;
  EXPECT_EQ(out.error->code, Errc::corrupt) << out.error->detail;
}

TEST_F(WalkTest, AnEmptyLogIsAWholeExport) {
  EXPECT_EQ(walk({}, nullptr, "json").text, "[]\n");
  EXPECT_EQ(walk({}).pieces, 1U);
}

}  // namespace
}  // namespace tally::sink
