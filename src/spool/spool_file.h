// SPDX-License-Identifier: Apache-2.0
// One file of waiting records. First line "tallystick-spool 2". Then two notes, the older of which
// is overwritten, one line each: in 20 digits the offset up to which records are in the log for
// certain, a blank, in 20 digits one more than the size that the log had when the records from
// there on began to be written to it (0: they did not), a blank, 16 hex digits of the SHA-256 of
// what stands before that blank. Then one line a record: 16 hex digits of its SHA-256, a blank, the
// record. What does not fit its digits was torn, or never reached the disk.
#pragma once

#include "base/result.h"
#include "storage/file_system.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::spool {

/// Not thread-safe. The lock on the file is held as long as the object lives.
class SpoolFile {
 public:
  /// Makes a new file. Errors: already_exists, those of the file system; nothing is left behind
  /// that another attempt would trip over.
  [[nodiscard]] static Result<std::unique_ptr<SpoolFile>> create(storage::FileSystem& fs,
                                                                 std::string path);
  /// Takes over a file that a process left behind; null when a living process has it, or has just
  /// removed it. Errors: those of the file system.
  [[nodiscard]] static Result<std::unique_ptr<SpoolFile>> adopt(storage::FileSystem& fs,
                                                                std::string path);

  /// Appends one line. On failure nothing of it will be read.
  [[nodiscard]] Result<void> add(std::string_view record);
  /// Contents, and the first time the name, are on the device. After a failure nothing more is to
  /// be added: a later sync could succeed without what this one lost.
  [[nodiscard]] Result<void> sync();

  /// Reading begins behind what is in the log for certain.
  void rewind();
  /// One line: a record, one that is damaged, or the end. Errors: io.
  enum class Step { record, damaged, end };
  [[nodiscard]] Result<Step> next(std::string& record);
  /// What next() gives from now on goes to the log together.
  void begin_batch() { batch_ = read_; }
  /// The size of the log before the batch at this place was begun: some of it may be in the log
  /// from there on. nullopt: none of it is.
  [[nodiscard]] std::optional<std::uint64_t> begun() const;
  /// Notes, durably, that all before the batch is in the log, and that the batch is being written
  /// to a log of this size.
  [[nodiscard]] Result<void> note_begun(std::uint64_t log_size);
  /// All of the batch is in the log.
  void batch_written();
  /// Notes, durably, that all that next() gave so far is in the log.
  [[nodiscard]] Result<void> note_replayed();
  /// Removes the file, durably.
  [[nodiscard]] Result<void> remove();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes() const { return size_; }

 private:
  SpoolFile(storage::FileSystem& fs, std::string path, std::unique_ptr<storage::File> file)
      : fs_(fs), path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] Result<bool> fill();
  [[nodiscard]] Result<void> write_note();

  storage::FileSystem& fs_;
  std::string path_;
  std::unique_ptr<storage::File> file_;
  std::uint64_t size_ = 0;      // end of the last good line
  std::uint64_t replayed_ = 0;  // up to here all is in the log
  std::uint64_t begun_ = 0;     // as in the note
  std::size_t note_ = 0;        // which of the two is the newer
  std::uint64_t batch_ = 0;     // where the batch begins
  std::uint64_t read_ = 0;      // offset of what stands first in buffer_
  std::string buffer_;
  bool name_synced_ = false;
  bool dirty_ = false;
};

}  // namespace tally::spool
