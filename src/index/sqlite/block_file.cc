// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/block_file.h"

#include "index/sqlite/byte_code.h"

#include <atomic>
#include <cstring>

namespace tally::index::sqlite {
namespace {

std::uint64_t checksum(const Seed& seed, std::uint64_t name, std::uint32_t id,
                       std::string_view bytes) {
  return siphash({seed[0] ^ name, seed[1] ^ id}, bytes);
}

/// Blocks of a file are far fewer than 2^24.
std::uint64_t key_of(std::uint64_t file, std::uint32_t id) { return file << 24 ^ id; }

/// Each opening is a file of its own to the cache: one that was made again has other blocks.
std::uint64_t next_opening() {
  static std::atomic<std::uint64_t> count{0};
  return ++count;
}

}  // namespace

Block BlockCache::find(std::uint64_t file, std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key_of(file, id));
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->block;
}

void BlockCache::keep(std::uint64_t file, std::uint32_t id, Block block) {
  const std::lock_guard lock(mutex_);
  const auto [place, added] = places_.try_emplace(key_of(file, id));
  if (!added) return;
  bytes_ += block->size();
  entries_.push_front({place->first, std::move(block)});
  place->second = entries_.begin();
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    bytes_ -= entries_.back().block->size();
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

Result<BlockWriter> BlockWriter::create(const std::string& path, const Seed& seed,
                                        std::uint64_t name) {
  TALLY_TRY(auto database, Database::create(path));
  TALLY_TRY_VOID(database.execute(
      "BEGIN;CREATE TABLE block(id INTEGER PRIMARY KEY, part TEXT NOT NULL, bytes BLOB NOT NULL)"));
  TALLY_TRY(auto insert, database.prepare("INSERT INTO block VALUES(?1,?2,?3)"));
  return BlockWriter(std::move(database), std::move(insert), seed, name);
}

Result<void> BlockWriter::put(std::uint32_t id, std::string_view part, std::string bytes) {
  const std::uint64_t sum = checksum(seed_, name_, id, bytes);
  put_fixed(bytes, sum);
  insert_->reset();
  insert_->bind(1, id);
  insert_->bind_text(2, part);
  insert_->bind_bytes(3, bytes);
  TALLY_TRY_VOID(insert_->step());
  insert_->reset();
  return {};
}

Result<std::uint32_t> BlockWriter::add(std::string_view part, std::string bytes) {
  TALLY_TRY_VOID(put(next_, part, std::move(bytes)));
  return next_++;
}

Result<void> BlockWriter::finish(std::string head) {
  TALLY_TRY_VOID(put(1, "head", std::move(head)));
  insert_.reset();
  TALLY_TRY_VOID(database_.execute("COMMIT"));
  return database_.close();
}

Result<std::unique_ptr<BlockReader>> BlockReader::open(std::string path, const Seed& seed,
                                                       std::uint64_t name, BlockCache& cache) {
  TALLY_TRY(auto database, Database::open_unchanging(path));
  TALLY_TRY(auto select, database.prepare("SELECT bytes FROM block WHERE id=?1"));
  return std::unique_ptr<BlockReader>(new BlockReader(
      std::move(path), std::move(database), std::move(select), seed, name, cache, next_opening()));
}

Result<Block> BlockReader::read(std::uint32_t id) const {
  if (Block cached = cache_.find(opening_, id)) return cached;
  const std::lock_guard lock(mutex_);
  auto block = fetch(id);
  if (block) {
    cache_.keep(opening_, id, *block);
    return block;
  }
  broken_ = true;
  return fail(Errc::corrupt, path_ + ": block " + std::to_string(id) + ": " + block.error().detail);
}

Result<Block> BlockReader::fetch(std::uint32_t id) const {
  select_.reset();
  select_.bind(1, id);
  TALLY_TRY(const bool found, select_.step());
  if (!found) return fail(Errc::corrupt, "missing");
  const std::string_view bytes = select_.bytes(0);
  std::uint64_t sum = 0;
  const bool long_enough = bytes.size() >= sizeof sum;
  const std::string_view payload =
      bytes.substr(0, long_enough ? bytes.size() - sizeof sum : bytes.size());
  if (long_enough) std::memcpy(&sum, bytes.data() + payload.size(), sizeof sum);
  const bool right = long_enough && checksum(seed_, name_, id, payload) == sum;
  auto block = right ? std::make_shared<const std::string>(payload) : nullptr;
  select_.reset();
  if (!right) return fail(Errc::corrupt, "the checksum is wrong");
  return block;
}

bool BlockReader::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

}  // namespace tally::index::sqlite
