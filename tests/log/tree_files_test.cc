// SPDX-License-Identifier: Apache-2.0
#include "log/tree_files.h"

#include "merkle/compact_range.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class TreeFilesTest : public ::testing::TestWithParam<crypto::HashAlgorithm> {
 protected:
  TreeFilesTest() {
    EXPECT_TRUE(fs_.make_directory("/log"));
    EXPECT_TRUE(fs_.make_directory(layout_.tree()));
    EXPECT_TRUE(fs_.sync_directory("/"));
    EXPECT_TRUE(fs_.sync_directory("/log"));
  }
  /// Adds leaves to the tree and, in one batch, to the files.
  void grow(TreeFiles& files, std::uint64_t count) {
    TreeBatch batch;
    const TreeSize from = range_.end();
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto leaf = hasher_.leaf("entry " + std::to_string(range_.end().value()));
      batch.add_leaf(leaf);
      range_.append(hasher_, merkle::as_node(leaf),
                    [&](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
                      batch.add(height, hash);
                    });
    }
    ASSERT_TRUE(files.append(from, batch));
  }
  std::uint64_t bytes(unsigned level) {
    return fs_.content(layout_.tree_level(level)).value_or("").size();
  }
  storage::SimulatedFileSystem fs_;
  Layout layout_{"/log"};
  merkle::TreeHasher hasher_{GetParam()};
  std::size_t digest_bytes_ = crypto::digest_bytes(GetParam());
  merkle::CompactRange range_{TreeSize{0}};
};

TEST_P(TreeFilesTest, TheFrontierReadBackHasTheRoot) {
  TreeFiles files(fs_, layout_, digest_bytes_);
  TreeReader reader(fs_, layout_, digest_bytes_);
  for (const std::uint64_t count : {1U, 2U, 252U, 1U, 1U, 300U, 1000U}) {
    grow(files, count);
    const auto read = merkle::range_from_tiles(hasher_, reader, range_.end());
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->root(hasher_), range_.root(hasher_)) << range_.end().value();
  }
  EXPECT_EQ(bytes(0), 1557 * digest_bytes_);
  EXPECT_EQ(bytes(1), 6 * digest_bytes_);
  EXPECT_EQ(bytes(2), 0U);
}

TEST_P(TreeFilesTest, TruncatingLeavesExactlyTheSmallerTree) {
  TreeFiles files(fs_, layout_, digest_bytes_);
  grow(files, 1000);
  ASSERT_TRUE(files.truncate(TreeSize{511}));
  EXPECT_EQ(bytes(0), 511 * digest_bytes_);
  EXPECT_EQ(bytes(1), 1 * digest_bytes_);
  ASSERT_TRUE(files.truncate(TreeSize{2000}));
  EXPECT_EQ(bytes(0), 511 * digest_bytes_) << "nothing is made longer";
}

TEST_P(TreeFilesTest, AMissingHashIsCorruptAndNamed) {
  TreeFiles files(fs_, layout_, digest_bytes_);
  TreeReader reader(fs_, layout_, digest_bytes_);
  grow(files, 10);
  std::vector<merkle::NodeHash> out;
  const auto read = reader.read(0, 8, 4, out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::corrupt);
  EXPECT_NE(read.error().detail.find("hash 10"), std::string::npos) << read.error().detail;
  EXPECT_EQ(reader.read(3, 0, 1, out).error().code, Errc::corrupt) << "no such file";
  EXPECT_EQ(*reader.level_bytes(0), 10 * digest_bytes_);
  EXPECT_EQ(*reader.level_bytes(3), 0U);
}

TEST_P(TreeFilesTest, SyncedFilesAreThereAfterAPowerCut) {
  TreeFiles files(fs_, layout_, digest_bytes_);
  grow(files, 600);
  ASSERT_TRUE(files.sync());
  const auto after = fs_.after_power_cut(0);
  for (const unsigned level : {0U, 1U}) {
    EXPECT_EQ(after->content(layout_.tree_level(level)) == fs_.content(layout_.tree_level(level)),
              true)
        << level;
  }
}

TEST_P(TreeFilesTest, AfterReopenTheFileWithTheNameIsUsed) {
  TreeFiles files(fs_, layout_, digest_bytes_);
  TreeReader reader(fs_, layout_, digest_bytes_);
  grow(files, 3);
  ASSERT_TRUE(reader.read_bytes(0, 0, 3));
  fs_.erase(layout_.tree_level(0));
  files.reopen();
  reader.reopen();
  EXPECT_EQ(reader.read_bytes(0, 0, 3).error().code, Errc::corrupt);
  grow(files, 1);
  EXPECT_EQ(bytes(0), 4 * digest_bytes_);
}

INSTANTIATE_TEST_SUITE_P(Some, TreeFilesTest,
                         ::testing::Values(crypto::HashAlgorithm::sha256,
                                           crypto::HashAlgorithm::sha384,
                                           crypto::HashAlgorithm::sha512),
                         [](const auto& algorithm) {
                           return std::string(crypto::hash_name(algorithm.param));
                         });

}  // namespace
}  // namespace tally::log
