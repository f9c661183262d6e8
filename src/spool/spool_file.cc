// SPDX-License-Identifier: Apache-2.0
#include "spool/spool_file.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hash.h"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

namespace tally::spool {
namespace {

constexpr std::string_view kMagic = "tallystick-spool 2\n";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kCheckDigits = 16;
constexpr std::size_t kNoteBytes = 2 * (kOffsetDigits + 1) + kCheckDigits + 1;
constexpr std::size_t kHeaderBytes = kMagic.size() + 2 * kNoteBytes;
constexpr std::size_t kLineBytesMax = kCheckDigits + 1 + kEntryBytesMax + 1;
constexpr std::size_t kReadBytes = 64 * kKiB;

std::string check_of(std::string_view record) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  std::array<std::byte, 32> digest{};
  hasher.begin();
  hasher.update(as_bytes(record));
  hasher.finish(digest);
  return to_hex(Bytes(digest).first(kCheckDigits / 2));
}

struct Note {
  std::uint64_t offset = kHeaderBytes;
  std::uint64_t begun = 0;
  friend auto operator<=>(const Note&, const Note&) = default;
};

std::string padded(std::uint64_t value) {
  std::string digits = std::to_string(value);
  return digits.insert(0, kOffsetDigits - digits.size(), '0');
}

std::string text_of(const Note& note) {
  const std::string digits = padded(note.offset) + ' ' + padded(note.begun);
  return digits + ' ' + check_of(digits) + '\n';
}

std::optional<std::uint64_t> unpadded(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return parse_decimal(digits);
}

/// nullopt for one that was torn: the other one counts, which is older.
std::optional<Note> parse_note(std::string_view text, std::uint64_t size) {
  if (text.size() != kNoteBytes) return std::nullopt;
  const auto offset = unpadded(text.substr(0, kOffsetDigits));
  const auto begun = unpadded(text.substr(kOffsetDigits + 1, kOffsetDigits));
  if (!offset || !begun || *offset < kHeaderBytes || *offset > size) return std::nullopt;
  const Note note{*offset, *begun};
  if (text != text_of(note)) return std::nullopt;
  return note;
}

}  // namespace

Result<std::unique_ptr<SpoolFile>> SpoolFile::create(storage::FileSystem& fs, std::string path) {
  TALLY_TRY(auto file, fs.open(path, storage::OpenMode::create_new));
  std::unique_ptr<SpoolFile> out(new SpoolFile(fs, std::move(path), std::move(file)));
  auto locked = out->file_->try_lock(0, storage::LockMode::exclusive);
  Result<void> ready;
  if (!locked) ready = tl::unexpected(std::move(locked).error());
  const std::string header = std::string(kMagic) + text_of({}) + text_of({});
  if (ready) ready = out->file_->write_at(0, as_bytes(header));
  if (!ready) {
    // An empty one would do no harm, but would be looked at for ever.
    [[maybe_unused]] const Result<void> removed = fs.remove(out->path_);
    return tl::unexpected(std::move(ready).error());
  }
  out->size_ = out->replayed_ = kHeaderBytes;
  out->dirty_ = true;
  out->rewind();
  return out;
}

Result<std::unique_ptr<SpoolFile>> SpoolFile::adopt(storage::FileSystem& fs, std::string path) {
  auto file = fs.open(path, storage::OpenMode::write);
  if (!file && file.error().code == Errc::not_found) return nullptr;
  if (!file) return tl::unexpected(std::move(file).error());
  TALLY_TRY(const bool locked, (*file)->try_lock(0, storage::LockMode::exclusive));
  if (!locked) return nullptr;
  // Between open and lock another process may have replayed and removed it.
  TALLY_TRY(const storage::FileInfo mine, (*file)->info());
  TALLY_TRY(const auto named, fs.stat(path));
  if (!named || named->inode != mine.inode) return nullptr;
  std::unique_ptr<SpoolFile> out(new SpoolFile(fs, std::move(path), std::move(*file)));
  std::array<std::byte, kHeaderBytes> head{};
  TALLY_TRY(const std::size_t n, out->file_->read_at(0, head));
  out->size_ = mine.size;
  out->replayed_ = kHeaderBytes;
  const std::string_view header = as_text(Bytes(head).first(n));
  if (n == kHeaderBytes && header.starts_with(kMagic)) {
    const auto first = parse_note(header.substr(kMagic.size(), kNoteBytes), mine.size);
    const auto second = parse_note(header.substr(kMagic.size() + kNoteBytes), mine.size);
    // Without either nothing was begun: that is noted, durably, before.
    const auto& newer = second > first ? second : first;
    out->note_ = second > first ? 1 : 0;
    if (newer) out->replayed_ = newer->offset;
    if (newer) out->begun_ = newer->begun;
  }
  out->rewind();
  return out;
}

Result<void> SpoolFile::add(std::string_view record) {
  std::string line = check_of(record);
  line += ' ';
  line += record;
  line += '\n';
  const auto written = file_->write_at(size_, as_bytes(line));
  if (!written) {
    // What could not be cut off either is overwritten by the next line, or is no whole line.
    [[maybe_unused]] const Result<void> cut = file_->truncate(size_);
    return written;
  }
  size_ += line.size();
  dirty_ = true;
  return {};
}

Result<void> SpoolFile::sync() {
  if (!dirty_) return {};
  TALLY_TRY_VOID(file_->sync());
  if (!name_synced_) TALLY_TRY_VOID(fs_.sync_directory(storage::parent(path_)));
  name_synced_ = true;
  dirty_ = false;
  return {};
}

void SpoolFile::rewind() {
  read_ = replayed_;
  buffer_.clear();
}

/// Reads on; false at the end of the file.
Result<bool> SpoolFile::fill() {
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReadBytes);
  const auto room = std::as_writable_bytes(std::span(buffer_.data() + had, buffer_.size() - had));
  auto n = file_->read_at(read_ + had, room);
  buffer_.resize(had + n.value_or(0));
  if (!n) return tl::unexpected(std::move(n).error());
  return *n > 0;
}

Result<SpoolFile::Step> SpoolFile::next(std::string& record) {
  std::size_t end = buffer_.find('\n');
  while (end == std::string::npos) {
    if (buffer_.size() > kLineBytesMax) {  // zeros that a power cut left; the next LF ends them
      read_ += buffer_.size();
      buffer_.clear();
      TALLY_TRY(const bool more, fill());
      if (!more) return Step::damaged;
    } else {
      const std::size_t had = buffer_.size();
      TALLY_TRY(const bool more, fill());
      if (!more) {
        read_ += buffer_.size();
        buffer_.clear();
        return had == 0 ? Step::end : Step::damaged;
      }
    }
    end = buffer_.find('\n');
  }
  const std::string_view line = std::string_view(buffer_).substr(0, end);
  const bool good = line.size() > kCheckDigits && line.size() < kLineBytesMax &&
                    line[kCheckDigits] == ' ' &&
                    line.substr(0, kCheckDigits) == check_of(line.substr(kCheckDigits + 1));
  if (good) record = line.substr(kCheckDigits + 1);
  buffer_.erase(0, end + 1);
  read_ += end + 1;
  return good ? Step::record : Step::damaged;
}

std::optional<std::uint64_t> SpoolFile::begun() const {
  if (begun_ == 0 || batch_ != replayed_) return std::nullopt;
  return begun_ - 1;
}

Result<void> SpoolFile::note_begun(std::uint64_t log_size) {
  replayed_ = batch_;
  begun_ = log_size + 1;
  auto noted = write_note();
  // What could not be noted is not begun; the next attempt notes it anew.
  if (!noted) begun_ = 0;
  return noted;
}

void SpoolFile::batch_written() {
  replayed_ = read_;
  begun_ = 0;
}

Result<void> SpoolFile::note_replayed() {
  batch_written();
  return write_note();
}

Result<void> SpoolFile::write_note() {
  note_ = 1 - note_;
  TALLY_TRY_VOID(
      file_->write_at(kMagic.size() + note_ * kNoteBytes, as_bytes(text_of({replayed_, begun_}))));
  return file_->sync();
}

Result<void> SpoolFile::remove() {
  auto removed = fs_.remove(path_);
  // Removed before, when only the sync of the directory failed.
  if (!removed && removed.error().code != Errc::not_found) return removed;
  return fs_.sync_directory(storage::parent(path_));
}

}  // namespace tally::spool
