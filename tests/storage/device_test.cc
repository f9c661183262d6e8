// SPDX-License-Identifier: Apache-2.0
#include "storage/device.h"

#include <gtest/gtest.h>

namespace tally::storage {
namespace {

TEST(Device, TheSameFolderIsOnOneFileSystem) {
  EXPECT_EQ(on_one_file_system("/proc", "/proc"), true);
  EXPECT_EQ(on_one_file_system("/proc/self/status", "/proc"), true);
  EXPECT_EQ(on_one_file_system(".", "./not/there/yet"), true);
}

TEST(Device, OfWhatIsNotThereTheFolderAboveCounts) {
  EXPECT_EQ(on_one_file_system("/proc/not-there/at-all", "/proc"), true);
  EXPECT_EQ(on_one_file_system("relative-and-not-there", "."), true);
}

TEST(Device, ProcIsAnotherThanTheWorkingFolder) {
  EXPECT_EQ(on_one_file_system("/proc", "."), false);
}

TEST(Device, WhatCannotBeLookedAtIsNotTold) {
  EXPECT_EQ(on_one_file_system(std::string(5'000, 'x'), "."), std::nullopt);
}

}  // namespace
}  // namespace tally::storage
