// SPDX-License-Identifier: Apache-2.0
// Four processes that append to one log as fast as they can: each one's share, and how long one
// append waits, in multiples of one commit by a process alone.
#include "bench.h"

#include <algorithm>
#include <cmath>
#include <sys/wait.h>

namespace tally::bench {
namespace {

constexpr int kProcesses = 4;
constexpr std::size_t kEventBytes = 500;

struct Sample {
  std::uint64_t commits = 0;
  double p50 = 0;
  double p99 = 0;
};

/// Appends one entry at a time for `duration`; the first fifth warms up and is not counted.
Sample saturate(const ScratchDirectory& scratch, std::chrono::milliseconds duration) {
  auto writer = open_log(scratch, "shared");
  const std::string object = event_object(1, kEventBytes);
  std::vector<double> waits;
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < duration) {
    const double wait = seconds([&] {
      TALLY_CHECK(writer->append(*log::EntryText::from_object(object), std::chrono::seconds(30))
                      .has_value());
    });
    if (std::chrono::steady_clock::now() - start > duration / 5) waits.push_back(wait);
  }
  TALLY_CHECK(writer->close().has_value());
  std::ranges::sort(waits);
  return {waits.size(), waits.at(waits.size() / 2), waits.at(waits.size() * 99 / 100)};
}

/// `quick` only shows that it runs: bars are for a quiet machine.
int run(std::chrono::milliseconds duration, bool quick) {
  const ScratchDirectory scratch;
  const Sample alone = saturate(scratch, duration / 2);
  int pipes[2];
  TALLY_CHECK(::pipe(pipes) == 0);
  for (int i = 0; i < kProcesses; ++i) {
    if (::fork() == 0) {
      const Sample sample = saturate(scratch, duration);
      TALLY_CHECK(::write(pipes[1], &sample, sizeof sample) == static_cast<ssize_t>(sizeof sample));
      ::_exit(0);
    }
  }
  std::vector<Sample> samples(kProcesses);
  for (Sample& sample : samples) {
    TALLY_CHECK(::read(pipes[0], &sample, sizeof sample) == static_cast<ssize_t>(sizeof sample));
  }
  while (::wait(nullptr) > 0) {
  }
  double total = 0;
  for (const Sample& s : samples) total += static_cast<double>(s.commits);
  double least = 1;
  double worst = 0;
  std::printf("four processes on one log, one entry at a time (alone: p50 %.0f us, p99 %.0f us)\n",
              alone.p50 * 1e6, alone.p99 * 1e6);
  for (const Sample& s : samples) {
    const double share = static_cast<double>(s.commits) / total;
    least = std::min(least, share);
    worst = std::max(worst, s.p99);
    std::printf("  share %.1f %%  p50 %.0f us  p99 %.0f us\n", 100 * share, s.p50 * 1e6,
                s.p99 * 1e6);
  }
  const double waits = worst / alone.p50;
  std::printf(
      "  least share %.1f %% (bar 20 %%), worst p99 %.1f commits of a process alone (bar 8)\n",
      100 * least, waits);
  return quick || (least >= 0.20 && waits <= 8) ? 0 : 1;
}

}  // namespace
}  // namespace tally::bench

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  return tally::bench::run(std::chrono::milliseconds(quick ? 1'000 : 10'000), quick);
}
