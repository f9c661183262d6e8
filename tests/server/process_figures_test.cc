// SPDX-License-Identifier: Apache-2.0
#include "server/process_figures.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace tally::server {
namespace {

TEST(ProcessFigures, AreThoseOfAProcessThatRuns) {
  const ProcessFigures figures = own_process_figures();
  EXPECT_GT(figures.cpu_seconds, 0);
  EXPECT_GT(figures.descriptors_max, figures.open_descriptors);
  EXPECT_GE(figures.open_descriptors, 3U);
}

TEST(ProcessFigures, CountDescriptorsAndNotTheirOwn) {
  const std::uint64_t before = own_process_figures().open_descriptors;
  EXPECT_EQ(own_process_figures().open_descriptors, before);
  std::vector<int> open;
  for (int i = 0; i < 5; ++i) open.push_back(::dup(STDERR_FILENO));
  EXPECT_EQ(own_process_figures().open_descriptors, before + 5);
  for (const int descriptor : open) ::close(descriptor);
  EXPECT_EQ(own_process_figures().open_descriptors, before);
}

TEST(ProcessFigures, SeeMemoryThatWasTaken) {
  constexpr std::size_t kBytes = std::size_t{32} * 1024 * 1024;
  const std::uint64_t before = own_process_figures().resident_bytes;
  EXPECT_GT(before, 1'000'000U);
  const std::vector<char> taken(kBytes, 'x');
  EXPECT_GE(own_process_figures().resident_bytes, before + kBytes / 2) << taken.size();
}

}  // namespace
}  // namespace tally::server
