// SPDX-License-Identifier: Apache-2.0
// One process's view of a shared file system: it dies at a chosen step, while other processes go
// on.
#pragma once

#include "storage/file_system.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tally::log {

/// Forwards to another file system until its step `last` (counted from 0 over calls that change
/// something); that one happens in part (`inside`: half of a write, nothing else) or as a whole,
/// and is not heard of; every later call fails. Files outlive it. Not thread-safe.
class MortalFileSystem final : public storage::FileSystem {
 public:
  struct Death {
    std::uint64_t last = ~std::uint64_t{0};
    bool inside = false;
  };
  MortalFileSystem(storage::FileSystem& machine, Death death)
      : machine_(machine), life_(std::make_shared<Life>()) {
    life_->death = death;
  }
  [[nodiscard]] bool dead() const { return life_->dead; }
  [[nodiscard]] std::uint64_t steps() const { return life_->steps; }

  Result<std::unique_ptr<storage::File>> open(const std::string& path,
                                              storage::OpenMode mode) override {
    if (mode == storage::OpenMode::read || mode == storage::OpenMode::write) {
      if (dead()) return gone();
      return wrap(machine_.open(path, mode));
    }
    Result<std::unique_ptr<storage::File>> file = gone();
    TALLY_TRY_VOID(life_->change([&]() -> Result<void> {
      file = machine_.open(path, mode);
      return file ? Result<void>() : Result<void>(tl::unexpected(file.error()));
    }));
    return wrap(std::move(file));
  }
  Result<void> make_directory(const std::string& path) override {
    return life_->change([&] { return machine_.make_directory(path); });
  }
  Result<void> sync_directory(const std::string& path) override {
    return life_->change([&] { return machine_.sync_directory(path); });
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return life_->change([&] { return machine_.rename(from, to); });
  }
  Result<void> remove(const std::string& path) override {
    return life_->change([&] { return machine_.remove(path); });
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    if (dead()) return gone();
    return machine_.list(path);
  }
  Result<std::optional<storage::FileInfo>> stat(const std::string& path) override {
    if (dead()) return gone();
    return machine_.stat(path);
  }
  Result<std::string> unsuitable_for_writing(const std::string& path) override {
    return machine_.unsuitable_for_writing(path);
  }
  Result<std::string> boot_id() override {
    if (dead()) return gone();
    return machine_.boot_id();
  }

 private:
  static tl::unexpected<Error> gone() { return fail(Errc::io, "the process is dead"); }

  struct Life {
    Death death;
    std::uint64_t steps = 0;
    bool dead = false;

    template <class Call>
    Result<void> change(Call call) {
      return step(call, [] {});
    }
    template <class Call, class Part>
    Result<void> step(Call call, Part part) {
      if (dead) return gone();
      const std::uint64_t number = steps++;
      if (number < death.last) return call();
      dead = true;
      if (death.inside) {
        part();
      } else {
        static_cast<void>(call());  // nobody hears what became of it
      }
      return gone();
    }
  };

  class MortalFile final : public storage::File {
   public:
    MortalFile(std::unique_ptr<storage::File> file, std::shared_ptr<Life> life)
        : file_(std::move(file)), life_(std::move(life)) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
      if (life_->dead) return gone();
      return file_->read_at(offset, out);
    }
    Result<void> write_at(std::uint64_t offset, Bytes bytes) override {
      return life_->step(
          [&] { return file_->write_at(offset, bytes); },
          [&] { static_cast<void>(file_->write_at(offset, bytes.first(bytes.size() / 2))); });
    }
    Result<void> sync() override {
      return life_->change([&] { return file_->sync(); });
    }
    Result<void> truncate(std::uint64_t size) override {
      return life_->change([&] { return file_->truncate(size); });
    }
    Result<storage::FileInfo> info() override {
      if (life_->dead) return gone();
      return file_->info();
    }
    Result<void> lock(std::uint64_t offset, storage::LockMode mode) override {
      return life_->change([&] { return file_->lock(offset, mode); });
    }
    Result<bool> try_lock(std::uint64_t offset, storage::LockMode mode) override {
      Result<bool> taken = gone();
      TALLY_TRY_VOID(life_->change([&]() -> Result<void> {
        taken = file_->try_lock(offset, mode);
        return taken ? Result<void>() : Result<void>(tl::unexpected(taken.error()));
      }));
      return taken;
    }
    Result<void> unlock(std::uint64_t offset) override {
      return life_->change([&] { return file_->unlock(offset); });
    }

   private:
    std::unique_ptr<storage::File> file_;
    std::shared_ptr<Life> life_;
  };

  Result<std::unique_ptr<storage::File>> wrap(Result<std::unique_ptr<storage::File>> opened) {
    TALLY_TRY(auto file, std::move(opened));
    return std::make_unique<MortalFile>(std::move(file), life_);
  }

  storage::FileSystem& machine_;
  std::shared_ptr<Life> life_;
};

}  // namespace tally::log
