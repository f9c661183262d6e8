// SPDX-License-Identifier: Apache-2.0
#include "log/head.h"

#include "crypto/hash.h"
#include "merkle/tree_hasher.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

HeadKey test_key(std::string origin = "origin.example/log") {
  std::array<std::byte, 32> key{};
  key[0] = std::byte{7};
  return HeadKey(key, std::move(origin));
}

Head test_head(std::uint64_t commit) {
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  return {commit, TreeSize{commit * 3}, hasher.empty_root(), LeafIndex{commit}, commit * 100};
}

class HeadTest : public ::testing::Test {
 protected:
  HeadTest() { file_ = std::move(*fs_.open("/head", storage::OpenMode::create)); }
  HeadSlots read() {
    auto slots = read_head_slots(*file_);
    EXPECT_TRUE(slots);
    return std::move(*slots);
  }
  storage::SimulatedFileSystem fs_;
  std::unique_ptr<storage::File> file_;
};

TEST_F(HeadTest, ASlotIsReadBack) {
  const std::string slot = encode_head_slot(test_head(5), test_key());
  EXPECT_EQ(slot.size(), kHeadSlotBytes);
  const auto decoded = decode_head_slot(slot);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->head, test_head(5));
  EXPECT_TRUE(is_authentic(*decoded, test_key()));
}

TEST_F(HeadTest, AnotherKeyOrOriginIsNotAuthentic) {
  const auto decoded = decode_head_slot(encode_head_slot(test_head(5), test_key()));
  EXPECT_FALSE(is_authentic(*decoded, test_key("origin.example/other")));
  EXPECT_FALSE(is_authentic(*decoded, HeadKey({}, "origin.example/log")));
}

TEST_F(HeadTest, EveryChangedByteIsFound) {
  const std::string good = encode_head_slot(test_head(123456789), test_key());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_EQ(decode_head_slot(bad), std::nullopt) << "byte " << i;
  }
}

TEST_F(HeadTest, NoPartOfASlotIsASlot) {
  const std::string good = encode_head_slot(test_head(5), test_key());
  EXPECT_EQ(decode_head_slot(""), std::nullopt);
  EXPECT_EQ(decode_head_slot(std::string(kHeadSlotBytes, '\0')), std::nullopt);
  EXPECT_EQ(decode_head_slot(std::string_view(good).substr(1)), std::nullopt);
  EXPECT_EQ(decode_head_slot(good + "\n"), std::nullopt);
}

/// A slot with a right checksum but fields that we would not write.
std::string forged(std::string_view root, std::string_view size = "15") {
  std::string text = "tallystick head v1\ncommit 5\nsize " + std::string(size) + "\nroot " +
                     std::string(root) + "\nsegment 5\nbytes 500\nhmac " + std::string(64, '0') +
                     "\n";
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  text += "sha256 " + hasher.hash<struct ForgedTag>({as_bytes(text)}).to_hex() + "\n";
  text.resize(kHeadSlotBytes, '\n');
  return text;
}

TEST_F(HeadTest, AForgedSlotWithARootOfNoHashIsNotOne) {
  EXPECT_TRUE(decode_head_slot(forged(to_base64(as_bytes(std::string(32, 'r'))))));
  for (const std::size_t bytes : {0U, 1U, 20U, 31U, 65U, 300U}) {
    EXPECT_EQ(decode_head_slot(forged(to_base64(as_bytes(std::string(bytes, 'r'))))), std::nullopt)
        << bytes;
  }
  EXPECT_EQ(decode_head_slot(forged(to_base64(as_bytes(std::string(32, 'r'))), "015")),
            std::nullopt);
}

TEST_F(HeadTest, TheLargestHeadFitsOneSector) {
  constexpr std::uint64_t kMost = ~std::uint64_t{0};
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha512);
  const Head head{kMost, TreeSize{kMost}, hasher.empty_root(), LeafIndex{kMost}, kMost};
  const std::string slot = encode_head_slot(head, test_key());
  EXPECT_EQ(decode_head_slot(slot)->head, head);
  EXPECT_EQ(slot.find_first_not_of('\n', kHeadTextBytesMax), std::string::npos);
}

TEST_F(HeadTest, TheSlotWithTheHigherCommitNumberCounts) {
  ASSERT_TRUE(write_head_slot(*file_, 0, test_head(7), test_key()));
  ASSERT_TRUE(write_head_slot(*file_, 1, test_head(8), test_key()));
  EXPECT_EQ(read().newest(), 1U);
  EXPECT_EQ(read().certainly_durable(), 0U);
  ASSERT_TRUE(write_head_slot(*file_, 0, test_head(9), test_key()));
  EXPECT_EQ(read().newest(), 0U);
  EXPECT_EQ(read().certainly_durable(), 1U);
}

TEST_F(HeadTest, ATornSlotLeavesTheOther) {
  ASSERT_TRUE(write_head_slot(*file_, 0, test_head(7), test_key()));
  ASSERT_TRUE(write_head_slot(*file_, 1, test_head(8), test_key()));
  ASSERT_TRUE(file_->write_at(kHeadSlotBytes + 30, as_bytes("torn")));
  EXPECT_EQ(read().newest(), 0U);
  EXPECT_EQ(read().certainly_durable(), 0U);
}

TEST_F(HeadTest, AnEmptyOrShortFileHasNoSlotOrOne) {
  EXPECT_EQ(read().newest(), std::nullopt);
  EXPECT_EQ(read().certainly_durable(), std::nullopt);
  ASSERT_TRUE(write_head_slot(*file_, 0, test_head(7), test_key()));
  EXPECT_EQ(read().newest(), 0U);
  ASSERT_TRUE(file_->truncate(kHeadSlotBytes - 1));
  EXPECT_EQ(read().newest(), std::nullopt);
}

}  // namespace
}  // namespace tally::log
