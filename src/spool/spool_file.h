// SPDX-License-Identifier: Apache-2.0
// One file of waiting records. First line: "tallystick-spool 1 ", in 20 digits the offset up to
// which records are in the log, a blank and 16 hex digits of the SHA-256 of those 20. Then one line
// a record: 16 hex digits of its SHA-256, a blank, the record. What does not fit its digits was
// torn, or never reached the disk.
#pragma once

#include "base/result.h"
#include "storage/file_system.h"

#include <cstdint>
#include <memory>
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

  /// Reading begins behind what is noted as replayed.
  void rewind();
  /// One line: a record, one that is damaged, or the end. Errors: io.
  enum class Step { record, damaged, end };
  [[nodiscard]] Result<Step> next(std::string& record);
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

  storage::FileSystem& fs_;
  std::string path_;
  std::unique_ptr<storage::File> file_;
  std::uint64_t size_ = 0;      // end of the last good line
  std::uint64_t replayed_ = 0;  // noted in the header
  std::uint64_t read_ = 0;      // offset of what stands first in buffer_
  std::string buffer_;
  bool name_synced_ = false;
  bool dirty_ = false;
};

}  // namespace tally::spool
