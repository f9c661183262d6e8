// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/partition_set.h"

#include "base/limits.h"
#include "base/random.h"
#include "index/sqlite/store_partition.h"
#include "index/sqlite/stored_partition.h"
#include "log/tree_files.h"

#include <algorithm>
#include <utility>

namespace tally::index::sqlite {
namespace {

/// Blocks of all partitions kept in memory: what a busy dashboard asks again and again.
constexpr std::size_t kCacheBytes = 48 * kMiB;
/// Full partitions that wait in memory for a disk with room, some 30 MB each; more are made from
/// the log when they are asked for.
constexpr std::size_t kWaitingMax = 2;
/// Missing partitions that are made at once when the index is opened; where there are more, it is
/// fed again from the first of them on.
constexpr std::size_t kHolesMax = 4;
/// Lines taken in before queries get a turn.
constexpr std::size_t kTurnLines = 512;

Part part_of(std::shared_ptr<const Partition> partition) {
  const auto pinned = partition->pin();
  const Partition& p = *partition;
  return {partition, p.first(), p.rows(), p.time_min(), p.time_max()};
}

}  // namespace

PartitionSet::PartitionSet(storage::FileSystem& fs, log::Reader reader, OpenOptions options)
    : fs_(&fs),
      reader_(std::move(reader)),
      options_(std::move(options)),
      folder_(fs, reader_.layout().directory()),
      cache_(kCacheBytes),
      cursor_(follow::start_of(reader_.info())) {}

Result<std::unique_ptr<PartitionSet>> PartitionSet::open(storage::FileSystem& fs,
                                                         const std::string& log_directory,
                                                         OpenOptions options) {
  TALLY_TRY(auto reader, log::Reader::open(fs, log_directory));
  std::unique_ptr<PartitionSet> set(new PartitionSet(fs, std::move(reader), std::move(options)));
  TALLY_TRY_VOID(set->prepare());
  TALLY_TRY_VOID(set->load());
  return set;
}

/// Lock and seed. Where nothing can be written the index is kept in memory.
Result<void> PartitionSet::prepare() {
  if (options_.access == Access::write) {
    const auto locked = folder_.lock();
    if (!locked && locked.error().code == Errc::overloaded) return locked;
    if (!locked) {
      options_.access = Access::read;
      set_problem(locked.error().detail);
    }
  }
  if (const auto seed = folder_.read_seed(info())) {
    seed_ = *seed;
    return {};
  }
  if (options_.access == Access::write) {
    const auto cleared = folder_.clear();
    const auto made = cleared ? folder_.make_seed(info()) : tl::unexpected(cleared.error());
    if (made) {
      seed_ = *made;
      return {};
    }
    set_problem(made.error().detail);
  }
  // Nothing stored fits, and nothing will be stored.
  options_.access = Access::read;
  system_random().fill(std::as_writable_bytes(std::span(seed_)));
  return {};
}

Result<void> PartitionSet::load() {
  TALLY_TRY(const log::Head head, reader_.head());
  const auto names = folder_.partitions();
  if (names) {
    TALLY_TRY_VOID(load_stored(*names, head));
  } else {
    set_problem(names.error().detail);
  }
  const std::uint64_t size = first_of(full_.size());
  log::TreeReader tree(*fs_, reader_.layout(), crypto::digest_bytes(info().hash));
  TALLY_TRY(cursor_, follow::cursor_at(tree, info(), TreeSize{size}));
  newest_ = std::make_shared<MemoryPartition>(seed_, size, options_.partition_rows);
  made_.resize(full_.size());
  return {};
}

Result<void> PartitionSet::load_stored(const std::vector<std::uint64_t>& names,
                                       const log::Head& head) {
  std::size_t holes = 0;
  const std::uint64_t last = names.empty() ? 0 : names.back();
  for (std::uint64_t first = 0; !names.empty() && first <= last; first += options_.partition_rows) {
    const bool there = std::ranges::binary_search(names, first);
    if (there) {
      auto opened = open_stored(first, head);
      if (opened) {
        full_.push_back(std::move(*opened));
        continue;
      }
      tell(opened.error().detail + "; it is made again");
    }
    if (options_.access == Access::write) folder_.remove(first);
    const bool beyond = head.size.value() < first + options_.partition_rows;
    if (beyond || ++holes > kHolesMax) break;
    full_.push_back(nullptr);
  }
  while (!full_.empty() && full_.back() == nullptr) full_.pop_back();
  if (options_.access != Access::write) return {};
  for (const std::uint64_t first : names) {
    if (first % options_.partition_rows != 0 || slot_of(first) >= full_.size())
      folder_.remove(first);
  }
  for (std::size_t slot = 0; slot < full_.size(); ++slot) {
    if (full_[slot] != nullptr) continue;
    TALLY_TRY(const auto made, make(first_of(slot)));
    auto stored = store(made);
    if (stored) full_[slot] = std::move(*stored);
    if (!stored) set_problem(stored.error().detail);
  }
  return {};
}

Result<std::shared_ptr<const Partition>> PartitionSet::open_stored(std::uint64_t first,
                                                                   const log::Head& head) {
  const std::string path = folder_.partition(first);
  TALLY_TRY(const auto opened, StoredPartition::open(path, seed_, first, cache_));
  const PartitionHead& stored = opened->head();
  const TreeSize end{first + stored.rows};
  if (stored.rows != options_.partition_rows || stored.log_id != info().id || end > head.size) {
    return fail(Errc::corrupt, path + ": it is not of this log as it is now");
  }
  log::TreeReader tree(*fs_, reader_.layout(), crypto::digest_bytes(info().hash));
  TALLY_TRY(const follow::Cursor cursor, follow::cursor_at(tree, info(), end));
  if (as_text(cursor.root.bytes()) != stored.root) {
    return fail(Errc::corrupt, path + ": its entries are not those of the log");
  }
  return std::shared_ptr<const Partition>(opened);
}

Result<std::shared_ptr<MemoryPartition>> PartitionSet::make(std::uint64_t first) const {
  TALLY_TRY(auto reader, log::Reader::open(*fs_, reader_.layout().directory()));
  TALLY_TRY(const log::Head head, reader.head());
  auto made = std::make_shared<MemoryPartition>(seed_, first, options_.partition_rows);
  TALLY_TRY_VOID(reader.scan(head, LeafIndex{first}, [&](LeafIndex, std::string_view line) {
    made->add(line);
    return !made->full();
  }));
  if (!made->full()) {
    return fail(Errc::mismatch, reader.layout().directory() +
                                    ": the log has fewer entries than before; open it anew");
  }
  return made;
}

Result<std::shared_ptr<const Partition>> PartitionSet::store(
    const std::shared_ptr<MemoryPartition>& partition) {
  const std::lock_guard one(storing_);
  const std::uint64_t first = partition->first();
  const TreeSize end{first + partition->rows()};
  log::TreeReader tree(*fs_, reader_.layout(), crypto::digest_bytes(info().hash));
  TALLY_TRY(const follow::Cursor cursor, follow::cursor_at(tree, info(), end));
  folder_.remove(first);
  // Made by us, for SQLite would let others read it.
  TALLY_TRY_VOID(fs_->open(folder_.unfinished(first), storage::OpenMode::create_new));
  const auto written =
      store_partition(*partition, folder_.unfinished(first),
                      {.seed = seed_, .log_id = info().id, .root = as_text(cursor.root.bytes())});
  const auto finished = written ? folder_.finish(first) : written;
  if (!finished) {
    folder_.remove(first);
    return tl::unexpected(
        Error{finished.error().code, folder_.partition(first) + ": " + finished.error().detail});
  }
  TALLY_TRY(auto opened, StoredPartition::open(folder_.partition(first), seed_, first, cache_));
  return std::shared_ptr<const Partition>(std::move(opened));
}

follow::Cursor PartitionSet::cursor() const {
  const std::lock_guard lock(mutex_);
  return cursor_;
}

Result<void> PartitionSet::add(const std::vector<std::string_view>& lines,
                               const follow::Cursor& after) {
  if (cursor_.next.value() + lines.size() != after.next.value()) {
    return fail(Errc::mismatch, "index: these lines do not begin where it ends");
  }
  for (std::size_t at = 0; at < lines.size();) {
    {
      const auto held = newest_->hold();
      const std::size_t end = std::min(lines.size(), at + kTurnLines);
      while (at < end && !newest_->full()) newest_->add(lines[at++]);
    }
    if (newest_->full()) end_newest();
  }
  const std::lock_guard lock(mutex_);
  cursor_ = after;
  return {};
}

void PartitionSet::end_newest() {
  auto ended = newest_;
  waiting_.push_back(ended);
  {
    const std::lock_guard lock(mutex_);
    full_.push_back(ended);
    made_.emplace_back();
    newest_ = std::make_shared<MemoryPartition>(seed_, ended->first() + ended->rows(),
                                                options_.partition_rows);
  }
  if (options_.access == Access::write) store_waiting();
  while (waiting_.size() > kWaitingMax) {
    replace(waiting_.front()->first(), nullptr);
    waiting_.pop_front();
  }
}

void PartitionSet::store_waiting() {
  while (!waiting_.empty()) {
    auto stored = store(waiting_.front());
    if (!stored) {
      set_problem(stored.error().detail);
      return;
    }
    replace(waiting_.front()->first(), std::move(*stored));
    waiting_.pop_front();
    set_problem({});
  }
}

void PartitionSet::replace(std::uint64_t first, std::shared_ptr<const Partition> partition) {
  const std::lock_guard lock(mutex_);
  full_[slot_of(first)] = std::move(partition);
}

Result<std::vector<Part>> PartitionSet::parts() {
  std::vector<std::shared_ptr<const Partition>> all;
  {
    const std::lock_guard lock(mutex_);
    all = full_;
    for (std::size_t slot = 0; slot < all.size(); ++slot) {
      if (all[slot] == nullptr) all[slot] = made_[slot].lock();
    }
    all.push_back(newest_);
  }
  std::vector<Part> out;
  for (std::size_t slot = 0; slot < all.size(); ++slot) {
    if (all[slot] == nullptr) {
      TALLY_TRY(all[slot], make(first_of(slot)));
      const std::lock_guard lock(mutex_);
      made_[slot] = all[slot];
    }
    out.push_back(part_of(all[slot]));
  }
  return out;
}

bool PartitionSet::discard_broken() {
  std::vector<std::uint64_t> broken;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t slot = 0; slot < full_.size(); ++slot) {
      const auto* stored = dynamic_cast<const StoredPartition*>(full_[slot].get());
      if (stored == nullptr || !stored->broken()) continue;
      broken.push_back(first_of(slot));
      full_[slot] = nullptr;
    }
  }
  for (const std::uint64_t first : broken) {
    tell(folder_.partition(first) + ": damaged; it is made again from the log");
    if (options_.access != Access::write) continue;
    const auto made = make(first);
    if (!made) continue;
    auto stored = store(*made);
    if (stored) {
      replace(first, std::move(*stored));
    } else {
      set_problem(stored.error().detail);
    }
  }
  return !broken.empty();
}

IndexStatus PartitionSet::status() const {
  IndexStatus out;
  out.engine = "sqlite";
  std::shared_ptr<MemoryPartition> newest;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& partition : full_) {
      if (dynamic_cast<const StoredPartition*>(partition.get()) == nullptr) continue;
      ++out.partitions;
      out.stored += partition->rows();
      const auto file = fs_->stat(folder_.partition(partition->first()));
      if (file && *file) out.bytes += (*file)->size;
    }
    newest = newest_;
    out.problem = problem_;
  }
  const auto held = newest->hold();
  out.size = newest->first() + newest->rows();
  return out;
}

std::size_t PartitionSet::slot_of(std::uint64_t first) const {
  return static_cast<std::size_t>(first / options_.partition_rows);
}

std::uint64_t PartitionSet::first_of(std::size_t slot) const {
  return slot * std::uint64_t{options_.partition_rows};
}

void PartitionSet::tell(const std::string& what) const {
  if (options_.on_problem) options_.on_problem(what);
}

void PartitionSet::set_problem(std::string problem) {
  if (!problem.empty()) tell(problem);
  const std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
}

}  // namespace tally::index::sqlite
