// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/block_file.h"

#include "index/sqlite/partition_fixture.h"

#include <gtest/gtest.h>

#include <fstream>

namespace tally::index::sqlite {
namespace {

class BlockFileTest : public ::testing::Test {
 protected:
  void write(const std::vector<std::string>& blocks, std::uint64_t name = 5) {
    auto writer = BlockWriter::create(path_, kSeed, name);
    ASSERT_TRUE(writer) << writer.error().detail;
    std::uint32_t expected = 2;
    for (const auto& block : blocks) ASSERT_EQ(*writer->add("part", block), expected++);
    ASSERT_TRUE(writer->finish("head"));
  }
  std::unique_ptr<BlockReader> open(std::uint64_t name = 5, const Seed& seed = kSeed) {
    auto reader = BlockReader::open(path_, seed, name, cache_);
    EXPECT_TRUE(reader) << reader.error().detail;
    return std::move(*reader);
  }
  storage::TemporaryDirectory directory_;
  std::string path_ = directory_ / "blocks.sqlite";
  BlockCache cache_{50'000};
};

TEST_F(BlockFileTest, BlocksAreReadBack) {
  write({"", std::string(40'000, 'x'), "z"});
  const auto reader = open();
  EXPECT_EQ(**reader->read(1), "head");
  EXPECT_EQ(**reader->read(2), "");
  EXPECT_EQ((*reader->read(3))->size(), 40'000U);
  EXPECT_EQ(**reader->read(4), "z");
  EXPECT_FALSE(reader->broken());
  EXPECT_EQ(reader->read(5).error().code, Errc::corrupt);
  EXPECT_TRUE(reader->broken());
}

TEST_F(BlockFileTest, AnotherNameOrSeedDoesNotFit) {
  write({"x"});
  EXPECT_EQ(open(6)->read(2).error().code, Errc::corrupt);
  EXPECT_EQ(open(5, {1, 2})->read(2).error().code, Errc::corrupt);
}

TEST_F(BlockFileTest, AnyChangedByteIsNoticedOrDoesNotMatter) {
  const std::vector<std::string> blocks{"first block", std::string(3'000, 'y'), "last"};
  write(blocks);
  std::string bytes;
  {
    std::ifstream in(path_, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  int noticed = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at / 15) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x11);
    std::ofstream(path_, std::ios::binary) << changed;
    const auto reader = BlockReader::open(path_, kSeed, 5, cache_);
    if (!reader) {
      ++noticed;
      continue;
    }
    for (std::uint32_t id = 2; id < 5; ++id) {
      const auto block = (*reader)->read(id);
      if (block) {
        EXPECT_EQ(**block, blocks[id - 2]) << "byte " << at;
      }
      if (!block) ++noticed;
    }
  }
  EXPECT_GT(noticed, 5);
}

TEST_F(BlockFileTest, TheCacheKeepsWhatWasUsedLast) {
  const auto block = [](std::size_t size) {
    return std::make_shared<const std::string>(size, 'x');
  };
  BlockCache cache(100);
  cache.keep(1, 1, block(60));
  cache.keep(1, 2, block(30));
  EXPECT_NE(cache.find(1, 1), nullptr);
  cache.keep(2, 1, block(30));
  EXPECT_EQ(cache.find(1, 2), nullptr);
  EXPECT_NE(cache.find(1, 1), nullptr);
  EXPECT_NE(cache.find(2, 1), nullptr);
  cache.keep(3, 1, block(500));
  EXPECT_NE(cache.find(3, 1), nullptr);
  EXPECT_EQ(cache.find(1, 1), nullptr);
}

}  // namespace
}  // namespace tally::index::sqlite
