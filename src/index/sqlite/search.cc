// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/search.h"

namespace tally::index::sqlite {

std::uint64_t Search::size() const {
  return parts_.empty() ? 0 : parts_.back().first + parts_.back().rows;
}

Result<Bitmap> Search::candidates(const Part& part) const {
  TALLY_TRY(Bitmap found, plan_.candidates(*part.partition));
  if (part.partition->rows() > part.rows) {
    Bitmap seen;
    if (part.rows > 0) TALLY_TRY_VOID(part.partition->add_seqs(0, part.rows - 1, seen));
    found &= seen;
  }
  return found;
}

/// Compares lines with the filter, the newest first. Positions may change while the lock is not
/// held, numbers do not.
Result<Bitmap> Search::verified(const Part& part, Bitmap found,
                                std::unique_lock<std::mutex>& pinned, bool& complete) {
  const Partition& partition = *part.partition;
  std::vector<Position> places;
  TALLY_TRY_VOID(partition.places(0, partition.rows(), places));
  const bool grows = pinned.owns_lock();
  if (grows) pinned.unlock();
  Bitmap matching;
  std::vector<std::uint32_t> rows;
  std::optional<Error> problem;
  found.each_backwards([&](std::uint32_t at) {
    if (time_is_over()) {
      complete = false;
      return false;
    }
    const auto line = lines_.line(places[at].seq);
    if (!line) {
      problem = line.error();
      return false;
    }
    if (!plan_.matcher().matches(*line)) return true;
    matching.set(at);
    rows.push_back(static_cast<std::uint32_t>(places[at].seq - part.first));
    return true;
  });
  if (problem) return tl::unexpected(*problem);
  if (!grows) return matching;
  pinned = partition.pin();
  matching.clear();
  for (const std::uint32_t row : rows) TALLY_TRY_VOID(partition.add_seqs(row, row, matching));
  return matching;
}

Result<bool> Search::each_matching(const Use& use, bool bounded) {
  bool complete = true;
  for (std::size_t i = parts_.size(); i-- > 0;) {
    if (bounded && i + 1 < parts_.size() && time_is_over()) return false;
    const Part& part = parts_[i];
    auto pinned = part.partition->pin();
    TALLY_TRY(Bitmap found, candidates(part));
    if (found.empty()) continue;
    if (!plan_.exact()) {
      TALLY_TRY(found, verified(part, found, pinned, complete));
    }
    TALLY_TRY_VOID(use(*part.partition, found));
  }
  return complete;
}

}  // namespace tally::index::sqlite
