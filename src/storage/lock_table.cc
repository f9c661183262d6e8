// SPDX-License-Identifier: Apache-2.0
#include "storage/lock_table.h"

namespace tally::storage {

bool LockTable::try_take(std::uint64_t offset, Owner owner, LockMode mode) {
  std::vector<Holder>& holders = holders_[offset];
  Holder* own = nullptr;
  for (Holder& holder : holders) {
    if (holder.owner == owner) {
      own = &holder;
    } else if (mode == LockMode::exclusive || holder.mode == LockMode::exclusive) {
      return false;
    }
  }
  if (own != nullptr) {
    own->mode = mode;
  } else {
    holders.push_back({owner, mode});
  }
  return true;
}

void LockTable::release(std::uint64_t offset, Owner owner) {
  const auto found = holders_.find(offset);
  if (found == holders_.end()) return;
  std::erase_if(found->second, [owner](const Holder& holder) { return holder.owner == owner; });
  if (found->second.empty()) holders_.erase(found);
}

void LockTable::release_all(Owner owner) {
  for (auto& [offset, holders] : holders_) {
    std::erase_if(holders, [owner](const Holder& holder) { return holder.owner == owner; });
  }
  std::erase_if(holders_, [](const auto& item) { return item.second.empty(); });
}

std::size_t LockTable::count() const {
  std::size_t n = 0;
  for (const auto& [offset, holders] : holders_) n += holders.size();
  return n;
}

}  // namespace tally::storage
