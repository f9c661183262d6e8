// SPDX-License-Identifier: Apache-2.0
// One process's view of a shared file system that tells a test before it reads or syncs a file or
// tries a lock, so that two processes can be brought into any order.
#pragma once

#include "storage/file_system.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tally::log {

/// Forwards to another file system. The hooks run on the thread of the call and may block it. Once
/// `kill()` was called every call fails, as for a process that is gone.
class HookedFileSystem final : public storage::FileSystem {
 public:
  struct Hooks {
    std::function<void(const std::string& path)> before_sync = [](const std::string&) {};
    std::function<void(std::uint64_t offset)> before_try_lock = [](std::uint64_t) {};
    std::function<void(const std::string& path)> before_read = [](const std::string&) {};
  };
  explicit HookedFileSystem(storage::FileSystem& machine)
      : machine_(machine), shared_(std::make_shared<Shared>()) {}

  [[nodiscard]] Hooks& hooks() { return shared_->hooks; }
  void kill() { shared_->dead = true; }

  Result<std::unique_ptr<storage::File>> open(const std::string& path,
                                              storage::OpenMode mode) override {
    TALLY_TRY_VOID(shared_->alive());
    TALLY_TRY(auto file, machine_.open(path, mode));
    return std::make_unique<HookedFile>(std::move(file), path, shared_);
  }
  Result<void> make_directory(const std::string& path) override {
    TALLY_TRY_VOID(shared_->alive());
    return machine_.make_directory(path);
  }
  Result<void> sync_directory(const std::string& path) override {
    TALLY_TRY_VOID(shared_->alive());
    return machine_.sync_directory(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    TALLY_TRY_VOID(shared_->alive());
    return machine_.rename(from, to);
  }
  Result<void> remove(const std::string& path) override {
    TALLY_TRY_VOID(shared_->alive());
    return machine_.remove(path);
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    TALLY_TRY_VOID(shared_->alive());
    return machine_.list(path);
  }
  Result<std::optional<storage::FileInfo>> stat(const std::string& path) override {
    TALLY_TRY_VOID(shared_->alive());
    return machine_.stat(path);
  }
  Result<std::string> unsuitable_for_writing(const std::string& path) override {
    return machine_.unsuitable_for_writing(path);
  }
  Result<std::string> boot_id() override { return machine_.boot_id(); }

 private:
  struct Shared {
    Hooks hooks;
    std::atomic<bool> dead = false;
    [[nodiscard]] Result<void> alive() const {
      if (dead) return fail(Errc::io, "the process is dead");
      return {};
    }
  };

  class HookedFile final : public storage::File {
   public:
    HookedFile(std::unique_ptr<storage::File> file, std::string path,
               std::shared_ptr<Shared> shared)
        : file_(std::move(file)), path_(std::move(path)), shared_(std::move(shared)) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
      shared_->hooks.before_read(path_);
      TALLY_TRY_VOID(shared_->alive());
      return file_->read_at(offset, out);
    }
    Result<void> write_at(std::uint64_t offset, Bytes bytes) override {
      TALLY_TRY_VOID(shared_->alive());
      return file_->write_at(offset, bytes);
    }
    Result<void> sync() override {
      shared_->hooks.before_sync(path_);
      TALLY_TRY_VOID(shared_->alive());
      return file_->sync();
    }
    Result<void> truncate(std::uint64_t size) override {
      TALLY_TRY_VOID(shared_->alive());
      return file_->truncate(size);
    }
    Result<storage::FileInfo> info() override {
      TALLY_TRY_VOID(shared_->alive());
      return file_->info();
    }
    Result<void> lock(std::uint64_t offset, storage::LockMode mode) override {
      TALLY_TRY_VOID(shared_->alive());
      return file_->lock(offset, mode);
    }
    Result<bool> try_lock(std::uint64_t offset, storage::LockMode mode) override {
      shared_->hooks.before_try_lock(offset);
      TALLY_TRY_VOID(shared_->alive());
      return file_->try_lock(offset, mode);
    }
    Result<void> unlock(std::uint64_t offset) override {
      TALLY_TRY_VOID(shared_->alive());
      return file_->unlock(offset);
    }

   private:
    std::unique_ptr<storage::File> file_;
    std::string path_;
    std::shared_ptr<Shared> shared_;
  };

  storage::FileSystem& machine_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace tally::log
