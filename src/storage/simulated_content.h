// SPDX-License-Identifier: Apache-2.0
// One file twice: as programs see it (page cache) and as it is on the device, with the changes in
// between.
#pragma once

#include "base/encoding.h"
#include "storage/power_cut_choices.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tally::storage {

/// The unit that a device writes whole or not at all.
inline constexpr std::size_t kSectorBytes = 512;

/// Content of a simulated file. Copying it copies both views and what is pending. Not thread-safe.
///
/// Every write is remembered as the whole sectors that it touched, as the cache then showed them;
/// every change of the size as one more change. After a power cut each of them is on the device or
/// not, independently of the others and of order: a sector may be there without an earlier one, the
/// size may have grown over sectors that never arrived (they read as zeros), and a truncation may
/// be undone. That is more than one journalling file system does, and covers what any of them does.
class SimulatedContent {
 public:
  std::uint64_t size() const { return cache_.size(); }
  /// What programs see.
  const std::string& visible() const { return cache_; }
  /// What would be there after a power cut that keeps nothing unsynced.
  std::string durable() const { return image_of(device_, device_size_); }
  /// Whether anything would still have to be written by a sync.
  bool has_unsynced() const { return !pending_.empty(); }

  /// Bytes read: fewer than out.size() only at the end.
  std::size_t read(std::uint64_t offset, std::span<std::byte> out) const;
  /// A gap before `offset` reads as zeros. Writing no bytes changes nothing.
  void write(std::uint64_t offset, Bytes bytes);
  void truncate(std::uint64_t size);
  /// Everything pending is on the device.
  void sync();
  /// A sync that failed, as Linux does it: the dirty sectors are clean from now on, whether
  /// `choices` let them reach the device or not, so a later sync does not write them. The cache
  /// keeps showing them. Changes of the size stay pending: they are metadata.
  void fail_sync(PowerCutChoices& choices);
  /// What memory pressure may do at any time: clean sectors are forgotten and come back from the
  /// device.
  void drop_clean_pages();
  /// The power fails and comes back: the cache shows what the device kept.
  void cut(PowerCutChoices& choices);
  /// Replaces both views at once, as somebody with another tool would; forgets what is pending.
  void replace(std::string content);

 private:
  struct SectorWrite {
    std::uint64_t first_sector;
    std::string bytes;  // whole sectors
  };
  struct SizeChange {
    std::uint64_t size;
  };
  using Change = std::variant<SectorWrite, SizeChange>;

  static std::string image_of(const std::string& device, std::uint64_t size);
  void mark_dirty(std::size_t start, std::size_t end);
  void apply(const SectorWrite& write, PowerCutChoices& choices);
  void apply(const SizeChange& change);

  std::string cache_;
  std::string device_;  // sectors by position; what lies beyond the size is there but not visible
  std::uint64_t device_size_ = 0;
  std::vector<Change> pending_;
};

}  // namespace tally::storage
