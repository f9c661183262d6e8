// SPDX-License-Identifier: Apache-2.0
// Does appending get slower as the log grows? The rate behind 100,000 entries against the rate
// behind 10 million, in rounds of equal size on the same log.
#include "bench.h"

#include <algorithm>
#include <deque>

namespace tally::bench {
namespace {

constexpr std::size_t kEventBytes = 250;

double append(log::Writer& writer, const std::string& object, std::uint64_t entries) {
  return seconds([&] {
    std::deque<log::Writer::Ticket> open;
    for (std::uint64_t i = 0; i < entries; i += kCommitEntriesMax) {
      std::vector<log::EntryText> batch;
      batch.reserve(kCommitEntriesMax);
      for (std::size_t k = 0; k < kCommitEntriesMax; ++k)
        batch.push_back(*log::EntryText::from_object(object));
      auto ticket = writer.submit(std::move(batch), std::chrono::seconds(30));
      TALLY_CHECK(ticket.has_value());
      open.push_back(std::move(*ticket));
      if (open.size() > 4) {
        TALLY_CHECK(writer.wait(std::move(open.front()), std::chrono::seconds(30)).has_value());
        open.pop_front();
      }
    }
    for (auto& ticket : open)
      TALLY_CHECK(writer.wait(std::move(ticket), std::chrono::seconds(30)).has_value());
  });
}

/// `quick` only shows that it runs: bars are for a quiet machine.
int run(std::uint64_t small, std::uint64_t large, std::uint64_t round, bool quick = false) {
  const ScratchDirectory scratch;
  const std::string object = event_object(1, kEventBytes);
  // The disk's own mood changes over the minute that growing takes; so a second, fresh log is
  // measured right beside the grown one.
  auto grown = open_log(scratch, "grown");
  append(*grown, object, large);
  double best_small = 1e9;
  double best_large = 1e9;
  for (int i = 0; i < 5; ++i) {
    const std::string name = "fresh" + std::to_string(i);
    auto fresh = open_log(scratch, name);
    append(*fresh, object, small);
    best_small = std::min(best_small, append(*fresh, object, round));
    TALLY_CHECK(fresh->close().has_value());
    std::filesystem::remove_all(scratch.path() + "/" + name);
    best_large = std::min(best_large, append(*grown, object, round));
  }
  TALLY_CHECK(grown->close().has_value());
  const double ratio = best_small / best_large;
  std::printf("append behind %llu entries: %.0f/s; behind %llu: %.0f/s; ratio %.2f (bar 0.90)\n",
              static_cast<unsigned long long>(small), static_cast<double>(round) / best_small,
              static_cast<unsigned long long>(large), static_cast<double>(round) / best_large,
              ratio);
  return quick || ratio >= 0.9 ? 0 : 1;
}

}  // namespace
}  // namespace tally::bench

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  return quick ? tally::bench::run(10'240, 102'400, 20'480, true)
               : tally::bench::run(102'400, 10'240'000, 204'800);
}
