// SPDX-License-Identifier: Apache-2.0
// Byte locks of one simulated file, with the rules of Linux open-file-description locks.
#pragma once

#include "storage/file_system.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace tally::storage {

/// An owner is an open File, not a process or a thread. Not thread-safe, never waits.
class LockTable {
 public:
  using Owner = const void*;

  /// Gives the byte to `owner` unless another owner is in the way. Taking again with another mode
  /// converts the lock; where the conversion is refused the old lock stays.
  bool try_take(std::uint64_t offset, Owner owner, LockMode mode);
  /// Fine when there is no such lock.
  void release(std::uint64_t offset, Owner owner);
  /// What closing a file does.
  void release_all(Owner owner);
  std::size_t count() const;

 private:
  struct Holder {
    Owner owner;
    LockMode mode;
  };
  std::map<std::uint64_t, std::vector<Holder>> holders_;
};

}  // namespace tally::storage
