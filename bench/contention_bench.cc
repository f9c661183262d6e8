// SPDX-License-Identifier: Apache-2.0
// Four processes that append to one log as fast as they can: each one's share, and how long one
// append waits, in multiples of one commit by a process alone. Next to it what the disk alone makes
// of four commits in a row, which is what waiting in line for three others comes to.
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
  double four_p99 = 0;  ///< of four commits in a row
};

double percentile_99(std::vector<double> values) {
  std::ranges::sort(values);
  return values.at(values.size() * 99 / 100);
}

std::vector<double> sums_of_four(const std::vector<double>& waits) {
  std::vector<double> sums;
  for (std::size_t i = 3; i < waits.size(); ++i)
    sums.push_back(waits[i - 3] + waits[i - 2] + waits[i - 1] + waits[i]);
  return sums;
}

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
  const double four_p99 = percentile_99(sums_of_four(waits));
  std::ranges::sort(waits);
  return {waits.size(), waits.at(waits.size() / 2), percentile_99(waits), four_p99};
}

std::vector<Sample> saturate_together(const ScratchDirectory& scratch,
                                      std::chrono::milliseconds duration) {
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
  ::close(pipes[0]);
  ::close(pipes[1]);
  return samples;
}

/// One round: a process alone, then four together, so that both see the same disk.
struct Round {
  double alone_p50 = 0;
  double alone_four_p99 = 0;
  double least_share = 1;
  double worst_p50 = 0;
  double worst_p99 = 0;
  [[nodiscard]] double wait() const { return worst_p99 / alone_p50; }
  [[nodiscard]] double disk() const { return alone_four_p99 / alone_p50; }
};

Round run_round(const ScratchDirectory& scratch, std::chrono::milliseconds duration) {
  Round round;
  const Sample alone = saturate(scratch, duration / 2);
  round.alone_p50 = alone.p50;
  round.alone_four_p99 = alone.four_p99;
  const auto samples = saturate_together(scratch, duration);
  double total = 0;
  for (const Sample& s : samples) total += static_cast<double>(s.commits);
  for (const Sample& s : samples) {
    round.least_share = std::min(round.least_share, static_cast<double>(s.commits) / total);
    round.worst_p50 = std::max(round.worst_p50, s.p50);
    round.worst_p99 = std::max(round.worst_p99, s.p99);
  }
  std::printf(
      "  alone p50 %.0f us, p99 %.0f us, four in a row p99 %.1f commits; four processes: least "
      "share %.1f %%, worst p50 %.0f us, worst p99 "
      "%.0f us = %.1f commits\n",
      alone.p50 * 1e6, alone.p99 * 1e6, round.disk(), 100 * round.least_share,
      round.worst_p50 * 1e6, round.worst_p99 * 1e6, round.wait());
  return round;
}

/// `quick` only shows that it runs: bars are for a quiet machine.
int run(std::chrono::milliseconds duration, int rounds, bool quick) {
  const ScratchDirectory scratch;
  std::printf("four processes on one log, one entry at a time\n");
  std::vector<Round> all;
  for (int i = 0; i < rounds; ++i) all.push_back(run_round(scratch, duration));
  const double share = std::ranges::min(all, {}, &Round::least_share).least_share;
  std::ranges::sort(all, {}, &Round::wait);
  const double waits = all[all.size() / 2].wait();
  std::printf(
      "  least share %.1f %% (bar 20 %%), p99 %.1f commits of a process alone, median of %d rounds "
      "(bar 8)\n",
      100 * share, waits, rounds);
  return quick || (share >= 0.20 && waits <= 8) ? 0 : 1;
}

}  // namespace
}  // namespace tally::bench

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  return tally::bench::run(std::chrono::milliseconds(quick ? 1'000 : 4'000), quick ? 1 : 5, quick);
}
