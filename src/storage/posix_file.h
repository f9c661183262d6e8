// SPDX-License-Identifier: Apache-2.0
// A File on a descriptor. Only posix_file_system.cc makes them.
#pragma once

#include "storage/file_system.h"

#include <optional>
#include <string>
#include <sys/stat.h>

namespace tally::storage {

/// Owns the descriptor. `path` is only for error messages.
class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override;
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset,
                                            std::span<std::byte> out) override;
  [[nodiscard]] Result<void> write_at(std::uint64_t offset, Bytes bytes) override;
  [[nodiscard]] Result<void> sync() override;
  void begin_writeback(std::uint64_t offset, std::uint64_t bytes) override;
  [[nodiscard]] Result<void> truncate(std::uint64_t size) override;
  [[nodiscard]] Result<FileInfo> info() override;
  [[nodiscard]] Result<void> lock(std::uint64_t offset, LockMode mode) override;
  [[nodiscard]] Result<bool> try_lock(std::uint64_t offset, LockMode mode) override;
  [[nodiscard]] Result<void> unlock(std::uint64_t offset) override;

 private:
  const int descriptor_;
  const std::string path_;
};

/// statx(2) without the times; nullopt with errno set.
std::optional<FileInfo> file_info_at(int directory, const char* path, int flags);

}  // namespace tally::storage
