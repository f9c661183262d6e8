// SPDX-License-Identifier: Apache-2.0
#include "log/checkpoint_files.h"

#include "base/limits.h"

#include <algorithm>
#include <span>

namespace tally::log {
namespace {

// A record is a signed note and two empty lines. Three line feeds in a row cannot stand inside a
// note: its only empty line is followed by a signature line.
constexpr std::string_view kRecordEnd = "\n\n\n";

Result<std::string> read_range(storage::File& file, std::uint64_t offset, std::size_t bytes) {
  std::string out(bytes, '\0');
  TALLY_TRY(const std::size_t n,
            file.read_at(offset, {reinterpret_cast<std::byte*>(out.data()), bytes}));
  out.resize(n);
  return out;
}

struct Tail {
  std::optional<std::string> note;  ///< last complete one
  std::uint64_t begin = 0;          ///< where its record begins
  std::uint64_t end = 0;            ///< where the complete records end
};

/// The last complete record in `text`, the end of the file from byte `from` on; nullopt when more
/// of the file is needed. A record with a NUL is none: a power cut may keep the end of a new record
/// and not its beginning, which then reads as zeros. No note has one.
std::optional<Tail> tail_in(std::string_view text, std::uint64_t from) {
  std::size_t end = text.rfind(kRecordEnd);
  while (end != std::string_view::npos) {
    const std::size_t before = end == 0 ? std::string_view::npos : text.rfind(kRecordEnd, end - 1);
    if (before == std::string_view::npos && from != 0) return std::nullopt;
    const std::size_t begin = before == std::string_view::npos ? 0 : before + kRecordEnd.size();
    const std::string_view note = text.substr(begin, end + 1 - begin);
    if (note.find('\0') == std::string_view::npos) {
      return Tail{std::string(note), from + begin, from + end + kRecordEnd.size()};
    }
    end = before;
  }
  if (from != 0) return std::nullopt;
  return Tail{};
}

/// Finds the last complete record by looking at the last kilobytes, more when that is not enough.
Result<Tail> read_tail(storage::File& file) {
  TALLY_TRY(const auto info, file.info());
  for (std::uint64_t window = 4 * kKiB;; window *= 4) {
    const std::uint64_t from = info.size > window ? info.size - window : 0;
    TALLY_TRY(const std::string text,
              read_range(file, from, static_cast<std::size_t>(info.size - from)));
    if (auto tail = tail_in(text, from)) return std::move(*tail);
  }
}

}  // namespace

Result<void> write_checkpoint(storage::FileSystem& fs, const Layout& layout,
                              const std::string& note) {
  return storage::replace_file(fs, layout.checkpoint(), note);
}

Result<merkle::VerifiedCheckpoint> read_checkpoint(storage::FileSystem& fs, const Layout& layout,
                                                   const crypto::NoteVerifier& key) {
  TALLY_TRY(const std::string note,
            storage::read_file(fs, layout.checkpoint(), kSmallFileBytesMax));
  return with_context(merkle::verify_checkpoint(note, std::span(&key, 1), key.name()),
                      layout.checkpoint());
}

Result<merkle::VerifiedCheckpoint> last_signed(storage::FileSystem& fs, const Layout& layout,
                                               const crypto::NoteVerifier& key) {
  TALLY_TRY(auto latest, read_checkpoint(fs, layout, key));
  TALLY_TRY(const auto note, last_kept(fs, layout));
  if (!note || *note == latest.note()) return latest;
  TALLY_TRY(auto kept,
            with_context(merkle::verify_checkpoint(*note, std::span(&key, 1), key.name()),
                         layout.checkpoints()));
  if (kept.size() > latest.size()) return kept;
  return latest;
}

Result<void> keep_checkpoint(storage::FileSystem& fs, const Layout& layout,
                             const std::string& note) {
  TALLY_TRY(auto file, fs.open(layout.checkpoints(), storage::OpenMode::write));
  TALLY_TRY(const Tail tail, read_tail(*file));
  TALLY_TRY(const auto info, file->info());
  if (info.size > tail.end) TALLY_TRY_VOID(file->truncate(tail.end));
  // Only the last record may ever be incomplete, so the one before must be durable first. It is
  // written again, because whoever wrote it may have died before its sync, or the sync may have
  // failed.
  if (tail.note) TALLY_TRY_VOID(file->write_at(tail.begin, as_bytes(*tail.note + "\n\n")));
  if (tail.note || info.size > tail.end) TALLY_TRY_VOID(file->sync());
  if (tail.note == note) return {};
  TALLY_TRY_VOID(file->write_at(tail.end, as_bytes(note + "\n\n")));
  return file->sync();
}

Result<std::optional<std::string>> last_kept(storage::FileSystem& fs, const Layout& layout) {
  TALLY_TRY(auto file, fs.open(layout.checkpoints(), storage::OpenMode::read));
  TALLY_TRY(Tail tail, read_tail(*file));
  return std::move(tail.note);
}

Result<void> for_each_kept(
    storage::FileSystem& fs, const Layout& layout,
    const std::function<bool(std::string_view note, std::uint64_t offset)>& visit,
    std::uint64_t& incomplete_tail) {
  incomplete_tail = 0;
  TALLY_TRY(auto file, fs.open(layout.checkpoints(), storage::OpenMode::read));
  TALLY_TRY(const auto info, file->info());
  std::string buffer;
  std::uint64_t buffer_at = 0;
  std::uint64_t at = 0;
  while (at < info.size) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kMiB, info.size - at));
    TALLY_TRY(const std::string block, read_range(*file, at, want));
    if (block.empty()) break;
    at += block.size();
    buffer += block;
    std::size_t used = 0;
    for (std::size_t end = 0; (end = buffer.find(kRecordEnd, used)) != std::string::npos;) {
      if (!visit(std::string_view(buffer).substr(used, end + 1 - used), buffer_at + used))
        return {};
      used = end + kRecordEnd.size();
    }
    buffer.erase(0, used);
    buffer_at += used;
    if (buffer.size() > kSmallFileBytesMax && at < info.size) {
      return fail(Errc::corrupt,
                  layout.checkpoints() + ": no checkpoint at byte " + std::to_string(buffer_at));
    }
  }
  incomplete_tail = buffer.size();
  return {};
}

}  // namespace tally::log
