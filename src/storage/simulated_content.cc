// SPDX-License-Identifier: Apache-2.0
#include "storage/simulated_content.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace tally::storage {

std::size_t SimulatedContent::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset >= cache_.size()) return 0;
  const auto start = static_cast<std::size_t>(offset);
  const std::size_t n = std::min(out.size(), cache_.size() - start);
  const Bytes bytes = as_bytes(std::string_view(cache_).substr(start, n));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return n;
}

void SimulatedContent::write(std::uint64_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  const auto start = static_cast<std::size_t>(offset);
  const std::size_t end = start + bytes.size();
  TALLY_CHECK(end > start);
  if (end > cache_.size()) {
    cache_.resize(end, '\0');
    pending_.emplace_back(SizeChange{end});
  }
  cache_.replace(start, bytes.size(), as_text(bytes));
  mark_dirty(start, end);
}

void SimulatedContent::mark_dirty(std::size_t start, std::size_t end) {
  const std::size_t first = start / kSectorBytes;
  const std::size_t sectors = (end - 1) / kSectorBytes - first + 1;
  std::string whole = cache_.substr(first * kSectorBytes, sectors * kSectorBytes);
  whole.resize(sectors * kSectorBytes, '\0');
  pending_.emplace_back(SectorWrite{first, std::move(whole)});
}

void SimulatedContent::truncate(std::uint64_t size) {
  if (size == cache_.size()) return;
  const bool shrinks = size < cache_.size();
  const auto end = static_cast<std::size_t>(size);
  cache_.resize(end, '\0');
  pending_.emplace_back(SizeChange{size});
  // The rest of the last sector is zeroed by writing that sector, which may be lost like any other.
  if (shrinks && end % kSectorBytes != 0) mark_dirty(end - 1, end);
}

void SimulatedContent::sync() {
  PowerCutChoices all(PowerCutChoices::kEverything);
  for (const Change& change : pending_) {
    if (const auto* write = std::get_if<SectorWrite>(&change)) {
      apply(*write, all);
    } else {
      apply(std::get<SizeChange>(change));
    }
  }
  pending_.clear();
}

void SimulatedContent::fail_sync(PowerCutChoices& choices) {
  choices.next_file();
  std::vector<Change> kept;
  for (const Change& change : pending_) {
    if (const auto* write = std::get_if<SectorWrite>(&change)) {
      apply(*write, choices);
    } else {
      kept.push_back(change);
    }
  }
  pending_ = std::move(kept);
}

void SimulatedContent::drop_clean_pages() {
  SimulatedContent synced = *this;
  synced.sync();
  cache_ = synced.durable();
}

void SimulatedContent::cut(PowerCutChoices& choices) {
  choices.next_file();
  for (const Change& change : pending_) {
    if (const auto* write = std::get_if<SectorWrite>(&change)) {
      apply(*write, choices);
    } else if (choices.keep()) {
      apply(std::get<SizeChange>(change));
    }
  }
  pending_.clear();
  cache_ = durable();
  device_ = cache_;  // sectors beyond the size belong to nobody now
}

void SimulatedContent::replace(std::string content) {
  cache_ = std::move(content);
  device_ = cache_;
  device_size_ = cache_.size();
  pending_.clear();
}

std::string SimulatedContent::image_of(const std::string& device, std::uint64_t size) {
  std::string image = device.substr(0, static_cast<std::size_t>(size));
  image.resize(static_cast<std::size_t>(size), '\0');
  return image;
}

void SimulatedContent::apply(const SectorWrite& write, PowerCutChoices& choices) {
  const auto first = static_cast<std::size_t>(write.first_sector);
  for (std::size_t i = 0; i < write.bytes.size() / kSectorBytes; ++i) {
    if (!choices.keep()) continue;
    const std::size_t start = (first + i) * kSectorBytes;
    if (device_.size() < start + kSectorBytes) device_.resize(start + kSectorBytes, '\0');
    device_.replace(start, kSectorBytes, write.bytes, i * kSectorBytes, kSectorBytes);
  }
}

void SimulatedContent::apply(const SizeChange& change) {
  // Sectors that are cut off are freed: they must not come back when the file grows again.
  if (change.size < device_size_) {
    const auto sectors = static_cast<std::size_t>((change.size + kSectorBytes - 1) / kSectorBytes);
    if (sectors * kSectorBytes < device_.size()) device_.resize(sectors * kSectorBytes);
  }
  device_size_ = change.size;
}

}  // namespace tally::storage
