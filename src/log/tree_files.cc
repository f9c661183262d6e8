// SPDX-License-Identifier: Apache-2.0
#include "log/tree_files.h"

#include "base/check.h"

namespace tally::log {

void TreeBatch::add(unsigned height, const merkle::NodeHash& hash) {
  if (height % merkle::kTileHeight == 0)
    level(height / merkle::kTileHeight) += as_text(hash.bytes());
}

void TreeBatch::add_leaf(const merkle::LeafHash& hash) { level(0) += as_text(hash.bytes()); }

std::string& TreeBatch::level(std::size_t index) {
  if (levels_.size() <= index) levels_.resize(index + 1);
  return levels_[index];
}

void TreeBatch::clear() {
  for (std::string& level : levels_) level.clear();
}

Result<storage::File*> TreeReader::level_file(unsigned level) {
  if (files_.size() <= level) files_.resize(level + 1);
  if (!files_[level]) {
    auto file = fs_.open(layout_.tree_level(level), storage::OpenMode::read);
    if (!file && file.error().code == Errc::not_found) {
      return fail(Errc::corrupt, layout_.tree_level(level) + ": missing");
    }
    TALLY_TRY(files_[level], std::move(file));
  }
  return files_[level].get();
}

Result<std::string> TreeReader::read_bytes(unsigned level, std::uint64_t first,
                                           std::uint64_t count) {
  TALLY_TRY(storage::File* const file, level_file(level));
  std::string bytes(count * digest_bytes_, '\0');
  TALLY_TRY(const std::size_t n,
            file->read_at(first * digest_bytes_,
                          {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
  if (n != bytes.size()) {
    return fail(Errc::corrupt, layout_.tree_level(level) + ": too short, hash " +
                                   std::to_string(first + n / digest_bytes_) + " is missing");
  }
  return bytes;
}

Result<void> TreeReader::read(unsigned level, std::uint64_t first, std::size_t count,
                              std::vector<merkle::NodeHash>& out) {
  TALLY_TRY(const std::string bytes, read_bytes(level, first, count));
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(
        merkle::NodeHash::from_bytes(as_bytes(bytes).subspan(i * digest_bytes_, digest_bytes_)));
  }
  return {};
}

Result<std::uint64_t> TreeReader::level_bytes(unsigned level) {
  TALLY_TRY(const auto info, fs_.stat(layout_.tree_level(level)));
  return info ? info->size : 0;
}

Result<storage::File*> TreeFiles::level_file(unsigned level, bool create) {
  if (files_.size() <= level) files_.resize(level + 1);
  if (files_[level]) return files_[level].get();
  const std::string path = layout_.tree_level(level);
  auto file = fs_.open(path, storage::OpenMode::write);
  if (!file && file.error().code == Errc::not_found) {
    if (!create) return nullptr;
    file = fs_.open(path, storage::OpenMode::create);
    if (file) TALLY_TRY_VOID(fs_.sync_directory(layout_.tree()));
  }
  TALLY_TRY(files_[level], std::move(file));
  return files_[level].get();
}

Result<void> TreeFiles::append(TreeSize size, const TreeBatch& batch) {
  unsigned level = 0;
  for (const std::string& bytes : batch.levels()) {
    if (!bytes.empty()) {
      TALLY_TRY(storage::File* const file, level_file(level, true));
      TALLY_TRY_VOID(
          file->write_at(merkle::hashes_at_level(level, size) * digest_bytes_, as_bytes(bytes)));
    }
    ++level;
  }
  return {};
}

Result<void> TreeFiles::truncate(TreeSize size) {
  for (unsigned level = 0; level < merkle::kTileLevelsMax; ++level) {
    TALLY_TRY(storage::File* const file, level_file(level, false));
    if (file == nullptr) continue;
    const std::uint64_t bytes = merkle::hashes_at_level(level, size) * digest_bytes_;
    TALLY_TRY(const auto info, file->info());
    if (info.size > bytes) TALLY_TRY_VOID(file->truncate(bytes));
  }
  return {};
}

Result<void> TreeFiles::sync() {
  for (unsigned level = 0; level < merkle::kTileLevelsMax; ++level) {
    TALLY_TRY(storage::File* const file, level_file(level, false));
    if (file != nullptr) TALLY_TRY_VOID(file->sync());
  }
  return {};
}

}  // namespace tally::log
