// SPDX-License-Identifier: Apache-2.0
#include "storage/simulated_content.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>

namespace tally::storage {
namespace {

std::string sectors(std::string_view letters) {
  std::string content;
  for (const char letter : letters) content.append(kSectorBytes, letter);
  return content;
}

/// One letter per sector, '.' for zeros, '?' for a mixture.
std::string letters_of(const std::string& content) {
  std::string letters;
  for (std::size_t at = 0; at < content.size(); at += kSectorBytes) {
    const std::string sector = content.substr(at, kSectorBytes);
    const bool same = sector.find_first_not_of(sector[0]) == std::string::npos;
    letters.push_back(!same ? '?' : sector[0] == '\0' ? '.' : sector[0]);
  }
  return letters;
}

SimulatedContent synced(std::string_view letters) {
  SimulatedContent content;
  content.write(0, as_bytes(sectors(letters)));
  content.sync();
  return content;
}

std::string after_cut(SimulatedContent content, std::uint64_t seed) {
  PowerCutChoices choices(seed);
  content.cut(choices);
  EXPECT_EQ(content.visible(), content.durable());
  EXPECT_FALSE(content.has_unsynced());
  return content.visible();
}

std::set<std::string> all_outcomes(const SimulatedContent& content) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 500; ++seed)
    outcomes.insert(letters_of(after_cut(content, seed)));
  return outcomes;
}

TEST(SimulatedContent, WriteIsVisibleAtOnceAndDurableOnlyAfterSync) {
  SimulatedContent content;
  content.write(0, as_bytes("abc"));
  EXPECT_EQ(content.visible(), "abc");
  EXPECT_EQ(content.durable(), "");
  EXPECT_TRUE(content.has_unsynced());
  content.sync();
  EXPECT_EQ(content.durable(), "abc");
  EXPECT_FALSE(content.has_unsynced());
}

TEST(SimulatedContent, OverwrittenSectorsSurviveIndependentlyAndOutOfOrder) {
  SimulatedContent content = synced("ab");
  content.write(0, as_bytes(sectors("x")));
  content.write(kSectorBytes, as_bytes(sectors("y")));
  EXPECT_EQ(all_outcomes(content), (std::set<std::string>{"ab", "xb", "ay", "xy"}));
}

TEST(SimulatedContent, OneWriteMayBeTornBetweenItsSectors) {
  SimulatedContent content = synced("aaa");
  content.write(0, as_bytes(sectors("xyz")));
  EXPECT_EQ(all_outcomes(content).size(), 8U);
}

TEST(SimulatedContent, SectorWrittenTwiceShowsAnyOfItsVersions) {
  SimulatedContent content = synced("a");
  content.write(0, as_bytes(sectors("x")));
  content.write(0, as_bytes(sectors("y")));
  EXPECT_EQ(all_outcomes(content), (std::set<std::string>{"a", "x", "y"}));
}

TEST(SimulatedContent, AppendMayGrowOverSectorsThatNeverArrived) {
  SimulatedContent content = synced("a");
  content.write(kSectorBytes, as_bytes(sectors("xy")));
  EXPECT_EQ(all_outcomes(content), (std::set<std::string>{"a", "a..", "ax.", "a.y", "axy"}));
}

TEST(SimulatedContent, TruncationMayBeUndoneByACut) {
  SimulatedContent content = synced("ab");
  content.truncate(kSectorBytes);
  EXPECT_EQ(all_outcomes(content), (std::set<std::string>{"a", "ab"}));
}

TEST(SimulatedContent, WhatATruncationCutOffDoesNotComeBackByGrowing) {
  SimulatedContent content = synced("ab");
  content.truncate(100);
  content.sync();
  content.truncate(2 * kSectorBytes);
  EXPECT_EQ(content.visible(), std::string(100, 'a') + std::string(924, '\0'));
  content.sync();
  EXPECT_EQ(content.durable(), content.visible());
}

TEST(SimulatedContent, FailedSyncNeverBecomesDurableUnlessWrittenAgain) {
  SimulatedContent content = synced("ab");
  content.write(0, as_bytes(sectors("x")));
  PowerCutChoices none(PowerCutChoices::kNothing);
  content.fail_sync(none);
  EXPECT_EQ(letters_of(content.visible()), "xb");
  content.sync();  // succeeds without the data
  EXPECT_FALSE(content.has_unsynced());
  EXPECT_EQ(letters_of(content.durable()), "ab");
  EXPECT_EQ(letters_of(content.visible()), "xb");
  EXPECT_EQ(all_outcomes(content), (std::set<std::string>{"ab"}));

  content.write(0, as_bytes(sectors("x")));
  content.sync();
  EXPECT_EQ(letters_of(content.durable()), "xb");
}

TEST(SimulatedContent, SizeOfALostAppendStaysPendingAndLeavesZeros) {
  SimulatedContent content = synced("a");
  content.write(kSectorBytes, as_bytes(sectors("x")));
  PowerCutChoices none(PowerCutChoices::kNothing);
  content.fail_sync(none);
  EXPECT_EQ(all_outcomes(content), (std::set<std::string>{"a", "a."}));
  content.sync();
  EXPECT_EQ(letters_of(content.durable()), "a.");
}

TEST(SimulatedContent, FailedSyncMayHaveWrittenAPart) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 2; seed < 200; ++seed) {
    SimulatedContent content = synced("ab");
    content.write(0, as_bytes(sectors("xy")));
    PowerCutChoices choices(seed);
    content.fail_sync(choices);
    EXPECT_EQ(letters_of(content.visible()), "xy");
    outcomes.insert(letters_of(content.durable()));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"ab", "xb", "ay", "xy"}));
}

TEST(SimulatedContent, MemoryPressureShowsWhatAFailedSyncLostButKeepsDirtySectors) {
  SimulatedContent content = synced("ab");
  content.write(0, as_bytes(sectors("x")));
  PowerCutChoices none(PowerCutChoices::kNothing);
  content.fail_sync(none);
  content.write(kSectorBytes, as_bytes(sectors("y")));
  content.drop_clean_pages();
  EXPECT_EQ(letters_of(content.visible()), "ay");
  EXPECT_EQ(letters_of(content.durable()), "ab");
  content.sync();
  EXPECT_EQ(letters_of(content.durable()), "ay");
}

TEST(SimulatedContent, ReplaceIsVisibleAndDurable) {
  SimulatedContent content;
  content.write(0, as_bytes("abc"));
  content.replace("xyz!");
  EXPECT_EQ(content.visible(), "xyz!");
  EXPECT_EQ(content.durable(), "xyz!");
  EXPECT_FALSE(content.has_unsynced());
}

/// Everything that the sector at `at` has shown since the last sync; zeros where the file did not
/// reach.
std::set<std::string> versions(const std::vector<std::string>& shown, std::size_t at) {
  std::set<std::string> found{std::string(kSectorBytes, '\0')};
  for (const std::string& content : shown) {
    std::string sector = at < content.size() ? content.substr(at, kSectorBytes) : "";
    sector.resize(kSectorBytes, '\0');
    found.insert(std::move(sector));
  }
  return found;
}

// The oracle knows nothing of pending lists: it remembers whole states, and a cut may mix only
// those.
TEST(SimulatedContent, CutsMixOnlyWhatWasThereSinceTheLastSync) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    SimulatedContent content;
    std::string model;
    std::vector<std::string> shown{model};
    const std::uint64_t operations = random() % 12;
    for (std::uint64_t i = 0; i < operations; ++i) {
      const std::size_t at = random() % 3000;
      const std::uint64_t action = random() % 8;
      if (action == 0) {
        content.sync();
        shown = {model};
        EXPECT_EQ(content.durable(), model);
      } else if (action == 1) {
        content.truncate(at);
        model.resize(at, '\0');
      } else {
        const std::string bytes(1 + random() % 1500, static_cast<char>('a' + random() % 26));
        content.write(at, as_bytes(bytes));
        model.resize(std::max(model.size(), at + bytes.size()), '\0');
        model.replace(at, bytes.size(), bytes);
      }
      shown.push_back(model);
      ASSERT_EQ(content.visible(), model);
    }
    std::set<std::size_t> sizes;
    for (const std::string& state : shown) sizes.insert(state.size());
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
      std::string left = after_cut(content, seed);
      ASSERT_TRUE(sizes.contains(left.size())) << "round " << round << " seed " << seed;
      const std::size_t whole = left.size() / kSectorBytes * kSectorBytes;
      for (std::size_t sector = 0; sector < whole; sector += kSectorBytes) {
        ASSERT_TRUE(versions(shown, sector).contains(left.substr(sector, kSectorBytes)))
            << "round " << round << " seed " << seed << " sector at " << sector;
      }
    }
    EXPECT_EQ(after_cut(content, PowerCutChoices::kNothing), content.durable());
    EXPECT_EQ(after_cut(content, PowerCutChoices::kEverything), model);
  }
}

}  // namespace
}  // namespace tally::storage
