// SPDX-License-Identifier: Apache-2.0
// Searches over a log in small partitions, some of them stored.
#pragma once

#include "index/index_fixture.h"
#include "index/sqlite/partition_set.h"
#include "index/sqlite/search.h"

namespace tally::index::sqlite {

class SearchFixture : public IndexFixture {
 protected:
  /// `entries` events; those of one actor are every tenth.
  void fill(int entries, std::uint32_t partition_rows = 100) {
    std::vector<log::EntryText> texts;
    for (int i = 0; i < entries; ++i) {
      const std::string time = format_time(WallTime(std::chrono::seconds(1'800'000'000 + i / 2)));
      texts.push_back(*log::EntryText::from_object(
          "{\"timestamp\":\"" + time + "\",\"actor_id\":\"" + (i % 10 == 0 ? "rare" : "usual") +
          "\",\"event_result\":\"" + (i % 2 == 0 ? "success" : "failure") + "\",\"duration_ms\":" +
          std::to_string(i) + ",\"error_message\":\"word" + std::to_string(i) + "\"}"));
    }
    ASSERT_TRUE(writer_->append_all(std::move(texts)));
    auto set = PartitionSet::open(
        fs_, log_, {.access = Access::write, .partition_rows = partition_rows, .on_problem = {}});
    ASSERT_TRUE(set) << set.error().detail;
    set_ = std::move(*set);
    auto follower = follow::Follower::open(fs_, log_, {});
    for (;;) {
      const auto batch = follower->next({}, std::chrono::milliseconds(0));
      ASSERT_TRUE(batch) << batch.error().detail;
      if ((*batch)->lines.empty()) break;
      ASSERT_TRUE(set_->add((*batch)->lines, (*batch)->after));
    }
    auto lines = LineSource::open(fs_, log_);
    ASSERT_TRUE(lines);
    lines_ = std::make_unique<LineSource>(std::move(*lines));
  }
  Search search(const std::string& text, std::chrono::milliseconds time = std::chrono::hours(1)) {
    const Filter filter{
        .all = {*parse_expression(text, {})}, .servers = {}, .outcomes_only = false};
    return {*set_->parts(), filter, set_->seed(), *lines_, time};
  }

  std::unique_ptr<PartitionSet> set_;
  std::unique_ptr<LineSource> lines_;
};

}  // namespace tally::index::sqlite
