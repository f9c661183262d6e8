// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/folder.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "base/random.h"
#include "event/json_scan.h"

#include <array>
#include <cstring>
#include <unistd.h>

namespace tally::index::sqlite {
namespace {

constexpr std::string_view kEnding = ".sqlite";
constexpr std::string_view kUnfinished = ".sqlite.new";
constexpr std::string_view kSeedFile = "index.json";
constexpr std::size_t kDigits = 20;

std::string name_of(std::uint64_t first, std::string_view ending) {
  const std::string digits = std::to_string(first);
  return std::string(kDigits - digits.size(), '0') + digits + std::string(ending);
}

std::optional<std::uint64_t> number_of(std::string_view name, std::string_view ending) {
  if (name.size() != kDigits + ending.size() || !name.ends_with(ending)) return std::nullopt;
  const std::size_t digit = std::min(name.find_first_not_of('0'), kDigits - 1);
  return parse_decimal(name.substr(digit, kDigits - digit));
}

std::string format_seed(const Seed& seed, const log::LogInfo& info) {
  std::string bytes(sizeof seed, '\0');
  std::memcpy(bytes.data(), seed.data(), sizeof seed);
  std::string out = R"({"format":1,"log":)";
  json::append_string(out, info.id);
  return out + R"(,"seed":")" + to_hex(as_bytes(bytes)) + "\"}\n";
}

}  // namespace

Folder::Folder(storage::FileSystem& fs, const std::string& log_directory)
    : fs_(&fs), path_(storage::join(log_directory, "index")) {}

std::string Folder::partition(std::uint64_t first) const {
  return storage::join(path_, name_of(first, kEnding));
}

std::string Folder::unfinished(std::uint64_t first) const {
  return storage::join(path_, name_of(first, kUnfinished));
}

Result<std::vector<std::uint64_t>> Folder::partitions() const {
  std::vector<std::uint64_t> out;
  const auto names = fs_->list(path_);
  if (!names) {
    if (names.error().code == Errc::not_found) return out;
    return tl::unexpected(names.error());
  }
  for (const std::string& name : *names) {
    if (const auto first = number_of(name, kEnding)) out.push_back(*first);
  }
  return out;
}

Result<void> Folder::lock() {
  TALLY_TRY_VOID(fs_->make_directory(path_));
  const std::string path = storage::join(path_, "lock");
  TALLY_TRY(auto file, fs_->open(path, storage::OpenMode::create));
  TALLY_TRY(const bool ours, file->try_lock(0, storage::LockMode::exclusive));
  if (!ours) {
    const auto holder = storage::read_file(*fs_, path, kSmallFileBytesMax);
    const bool named = holder && !holder->empty();
    return fail(Errc::overloaded,
                path_ + ": another process keeps this index" +
                    (named ? " (pid " + holder->substr(0, holder->find('\n')) + ")" : "") +
                    "; end it first, or leave the index to it");
  }
  // For people; nothing depends on it.
  TALLY_TRY_VOID(file->truncate(0));
  TALLY_TRY_VOID(file->write_at(0, as_bytes(std::to_string(::getpid()) + '\n')));
  lock_ = std::move(file);
  return {};
}

std::optional<Seed> Folder::read_seed(const log::LogInfo& info) const {
  const auto text = storage::read_file(*fs_, storage::join(path_, kSeedFile), kSmallFileBytesMax);
  if (!text) return std::nullopt;
  const auto member = event::find_member(*text, "seed");
  std::string storage;
  const auto bytes = member ? from_hex(event::string_text(*member, storage)) : std::nullopt;
  Seed seed{};
  if (!bytes || bytes->size() != sizeof seed) return std::nullopt;
  std::memcpy(seed.data(), bytes->data(), sizeof seed);
  if (format_seed(seed, info) != *text) return std::nullopt;
  return seed;
}

Result<Seed> Folder::make_seed(const log::LogInfo& info) {
  Seed seed{};
  system_random().fill(std::as_writable_bytes(std::span(seed)));
  TALLY_TRY_VOID(
      storage::replace_file(*fs_, storage::join(path_, kSeedFile), format_seed(seed, info)));
  return seed;
}

Result<void> Folder::finish(std::uint64_t first) {
  {
    TALLY_TRY(auto file, fs_->open(unfinished(first), storage::OpenMode::write));
    TALLY_TRY_VOID(file->sync());
  }
  TALLY_TRY_VOID(fs_->rename(unfinished(first), partition(first)));
  return fs_->sync_directory(path_);
}

void Folder::remove(std::uint64_t first) {
  // What cannot be removed now is not used, and removed when the index is opened again.
  for (const std::string& path : {partition(first), unfinished(first)}) (void)fs_->remove(path);
}

Result<void> Folder::clear() {
  TALLY_TRY(const auto names, fs_->list(path_));
  for (const std::string& name : names) {
    const bool ours = number_of(name, kEnding) || number_of(name, kUnfinished) || name == kSeedFile;
    if (ours) TALLY_TRY_VOID(fs_->remove(storage::join(path_, name)));
  }
  return fs_->sync_directory(path_);
}

}  // namespace tally::index::sqlite
