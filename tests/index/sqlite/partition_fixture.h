// SPDX-License-Identifier: Apache-2.0
// The same entries in a partition in memory and in a stored one.
#pragma once

#include "index/index_fixture.h"
#include "index/sqlite/memory_partition.h"
#include "index/sqlite/store_partition.h"
#include "index/sqlite/stored_partition.h"
#include "log/entry.h"

#include <string>
#include <vector>

namespace tally::index::sqlite {

inline constexpr Seed kSeed{0x0706050403020100, 0x0f0e0d0c0b0a0908};
inline constexpr std::uint64_t kFirst = 7'000;

class PartitionFixture : public ::testing::Test {
 protected:
  void fill(unsigned seed, int entries) {
    Events events(seed);
    for (int i = 0; i < entries; ++i) {
      std::string line;
      if (i % 97 == 50) {
        line = "{\"broken";
      } else {
        log::append_line(line, LeafIndex{kFirst + static_cast<std::uint64_t>(i)}, events.next());
      }
      memory_->add(line);
      lines_.push_back(line);
    }
    const auto stored = store_partition(*memory_, path_, {kSeed, "0123456789abcdef", "root"});
    ASSERT_TRUE(stored) << stored.error().detail;
    auto opened = StoredPartition::open(path_, kSeed, kFirst, cache_);
    ASSERT_TRUE(opened) << opened.error().detail;
    stored_ = *opened;
  }
  [[nodiscard]] std::vector<const Partition*> both() const {
    return {memory_.get(), stored_.get()};
  }

  storage::TemporaryDirectory directory_;
  std::string path_ = directory_ / "partition.sqlite";
  BlockCache cache_{1 << 20};
  std::shared_ptr<MemoryPartition> memory_ = std::make_shared<MemoryPartition>(kSeed, kFirst);
  std::shared_ptr<const StoredPartition> stored_;
  std::vector<std::string> lines_;
};

}  // namespace tally::index::sqlite
