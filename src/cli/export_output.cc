// SPDX-License-Identifier: Apache-2.0
#include "cli/export_output.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace tally::cli {
namespace {

class ToConsole final : public ExportOutput {
 public:
  explicit ToConsole(Console& console) : console_(console) {}

  Result<void> write(std::string_view bytes) override {
    console_.print(bytes);
    return check();
  }
  Result<void> finish() override {
    console_.flush();
    return check();
  }

 private:
  /// What went wrong with a write the console tells at the end itself.
  [[nodiscard]] Result<void> check() const {
    if (console_.wanted()) return {};
    return fail(Errc::closed, "standard output takes no more");
  }

  Console& console_;
};

class ToFile final : public ExportOutput {
 public:
  ToFile(storage::FileSystem& fs, std::string path, std::string partial,
         std::unique_ptr<storage::File> file)
      : fs_(fs), path_(std::move(path)), partial_(std::move(partial)), file_(std::move(file)) {}
  ~ToFile() override {
    // What cannot be removed has a name that says what it is.
    if (!finished_) static_cast<void>(fs_.remove(partial_));
  }

  Result<void> write(std::string_view bytes) override {
    TALLY_TRY_VOID(file_->write_at(size_, as_bytes(bytes)));
    size_ += bytes.size();
    return {};
  }

  Result<void> finish() override {
    TALLY_TRY_VOID(file_->sync());
    TALLY_TRY_VOID(fs_.rename(partial_, path_));
    finished_ = true;
    return fs_.sync_directory(storage::parent(path_));
  }

 private:
  storage::FileSystem& fs_;
  const std::string path_;
  const std::string partial_;
  const std::unique_ptr<storage::File> file_;
  std::uint64_t size_ = 0;
  bool finished_ = false;
};

/// Where the file itself is: a link is followed, not replaced. Errors: invalid_argument when there
/// is something that is no file, such as a device.
Result<std::string> target_of(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return path;
  if (!std::filesystem::is_regular_file(status)) {
    return fail(Errc::invalid_argument,
                path + ": is there and no file; without -o it goes to standard output");
  }
  const auto target = std::filesystem::canonical(path, error);
  return error ? path : target.string();
}

}  // namespace

std::unique_ptr<ExportOutput> output_to_console(Console& console) {
  return std::make_unique<ToConsole>(console);
}

Result<std::unique_ptr<ExportOutput>> output_to_file(storage::FileSystem& fs,
                                                     const std::string& path) {
  TALLY_TRY(const std::string target, target_of(path));
  const std::string partial = target + ".partial";
  TALLY_TRY(auto file, fs.open(partial, storage::OpenMode::create));
  TALLY_TRY(const bool locked, file->try_lock(0, storage::LockMode::exclusive));
  if (!locked) {
    return fail(Errc::already_exists, partial + ": another process is writing it");
  }
  TALLY_TRY_VOID(file->truncate(0));
  return std::make_unique<ToFile>(fs, target, partial, std::move(file));
}

}  // namespace tally::cli
