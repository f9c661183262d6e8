// SPDX-License-Identifier: Apache-2.0
// Library append against the raw loop of bench.h: batches of 1,024 and of 1. Interleaved rounds,
// best of each.
#include "bench.h"

#include <algorithm>
#include <cstdlib>
#include <deque>

namespace tally::bench {
namespace {

constexpr std::size_t kEventBytes = 500;
/// Of the bar; the log would take more in one commit.
constexpr std::size_t kBatch = 1024;

double append_batches(const ScratchDirectory& scratch, int round, std::uint64_t entries) {
  log::WriterOptions options;
  options.batch_entries = kBatch;
  auto writer = open_log(scratch, "batch" + std::to_string(round), options);
  const std::string object = event_object(1, kEventBytes);
  const double time = seconds([&] {
    std::deque<log::Writer::Ticket> open;
    for (std::uint64_t i = 0; i < entries; i += kBatch) {
      std::vector<log::EntryText> batch;
      batch.reserve(kBatch);
      for (std::uint64_t k = 0; k < std::min<std::uint64_t>(kBatch, entries - i); ++k) {
        batch.push_back(*log::EntryText::from_object(object));
      }
      auto ticket = writer->submit(std::move(batch), std::chrono::seconds(10));
      TALLY_CHECK(ticket.has_value());
      open.push_back(std::move(*ticket));
      if (open.size() > 4) {
        TALLY_CHECK(writer->wait(std::move(open.front()), std::chrono::seconds(10)).has_value());
        open.pop_front();
      }
    }
    for (auto& ticket : open)
      TALLY_CHECK(writer->wait(std::move(ticket), std::chrono::seconds(10)).has_value());
  });
  TALLY_CHECK(writer->close().has_value());
  std::filesystem::remove_all(scratch.path() + "/batch" + std::to_string(round));
  return time;
}

double append_singles(const ScratchDirectory& scratch, int round, std::uint64_t entries) {
  auto writer = open_log(scratch, "single" + std::to_string(round));
  const std::string object = event_object(1, kEventBytes);
  const double time = seconds([&] {
    for (std::uint64_t i = 0; i < entries; ++i) {
      TALLY_CHECK(writer->append(*log::EntryText::from_object(object)).has_value());
    }
  });
  TALLY_CHECK(writer->close().has_value());
  std::filesystem::remove_all(scratch.path() + "/single" + std::to_string(round));
  return time;
}

/// `--quick` only shows that it runs: bars are for a quiet machine.
int run(int rounds, std::uint64_t batched, std::uint64_t single) {
  const ScratchDirectory scratch;
  double raw_batch = 1e9, log_batch = 1e9, raw_single = 1e9, log_single = 1e9;
  for (int round = 0; round < rounds; ++round) {
    raw_batch =
        std::min(raw_batch, raw_loop(scratch.path() + "/raw", batched, kBatch, kEventBytes, 1));
    log_batch = std::min(log_batch, append_batches(scratch, round, batched));
    raw_single = std::min(raw_single, raw_loop(scratch.path() + "/raw", single, 1, kEventBytes, 2));
    log_single = std::min(log_single, append_singles(scratch, round, single));
  }
  const auto rate = [](std::uint64_t n, double time) { return static_cast<double>(n) / time; };
  std::printf(
      "append, %zu-byte events, batches of %zu: %.0f events/s; raw loop %.0f/s; ratio %.2f (bar "
      "0.60; 400000/s)\n",
      kEventBytes, kBatch, rate(batched, log_batch), rate(batched, raw_batch),
      raw_batch / log_batch);
  std::printf(
      "append, batch 1: %.0f events/s; raw loop with two syncs %.0f/s; ratio %.2f (bar 0.80)\n",
      rate(single, log_single), rate(single, raw_single), raw_single / log_single);
  const bool ok = raw_batch / log_batch >= 0.6 && rate(batched, log_batch) >= 400'000 &&
                  raw_single / log_single >= 0.8;
  return ok || rounds == 1 ? 0 : 1;
}

}  // namespace
}  // namespace tally::bench

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  return tally::bench::run(quick ? 1 : 5, quick ? 100'000 : 500'000, quick ? 500 : 5'000);
}
