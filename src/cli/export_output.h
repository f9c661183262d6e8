// SPDX-License-Identifier: Apache-2.0
// Where an export goes: standard output, or a file that has its name only when it is complete.
#pragma once

#include "base/result.h"
#include "cli/console.h"
#include "storage/file_system.h"

#include <memory>
#include <string>
#include <string_view>

namespace tally::cli {

/// One thread. Who does not call finish() leaves nothing that looks complete.
class ExportOutput {
 public:
  virtual ~ExportOutput() = default;
  /// Errors: io, disk_full, closed when nobody reads any more.
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;
  /// All of it was written: makes it last.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

/// `console` must outlive it.
[[nodiscard]] std::unique_ptr<ExportOutput> output_to_console(Console& console);

/// Writes PATH.partial (mode 0600) and gives it its name, replacing what had it, when it is
/// complete and on the disk; removes it when it never is. What a killed process left is written
/// over. Errors: already_exists when another process is writing it; invalid_argument when PATH is
/// there and no file; as FileSystem::open().
[[nodiscard]] Result<std::unique_ptr<ExportOutput>> output_to_file(storage::FileSystem& fs,
                                                                   const std::string& path);

}  // namespace tally::cli
