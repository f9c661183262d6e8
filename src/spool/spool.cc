// SPDX-License-Identifier: Apache-2.0
#include "spool/spool.h"

#include "base/check.h"
#include "base/limits.h"
#include "spool/spool_file.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace tally::spool {
namespace {

constexpr std::string_view kSuffix = ".spool";
/// Beside the record: check digits, blank, LF.
constexpr std::uint64_t kLineOverhead = 18;

}  // namespace

class Spool::Impl {
 public:
  Impl(storage::FileSystem& fs, std::string directory, SpoolOptions options)
      : fs_(fs), directory_(std::move(directory)), options_(std::move(options)) {}

  Result<void> start() {
    TALLY_TRY_VOID(storage::make_directories(fs_, directory_));
    TALLY_TRY(const auto paths, files());
    waiting_ = !paths.empty();
    return {};
  }

  Result<void> add(std::string_view record) {
    const std::lock_guard lock(mutex_);
    if (record.size() > kEntryBytesMax) {
      return fail(Errc::too_large, "the record is too large for the spool");
    }
    if (record.empty() || record.find('\n') != std::string_view::npos) {
      return fail(Errc::invalid_argument, "a record of the spool must be one line");
    }
    if (current_ == nullptr) TALLY_TRY_VOID(begin_file());
    if (others_ + closed_bytes() + current_->bytes() + record.size() + kLineOverhead >
        options_.bytes_max) {
      return fail(Errc::overloaded, "the spool in " + directory_ + " is full (" +
                                        std::to_string(options_.bytes_max) + " bytes)");
    }
    TALLY_TRY_VOID(current_->add(record));
    ++current_records_;
    waiting_ = true;
    return {};
  }

  Result<void> sync() {
    const std::lock_guard lock(mutex_);
    if (current_ == nullptr) return {};
    auto synced = current_->sync();
    // What is readable of it is still replayed, but nothing is trusted to it any more.
    if (!synced) close_current();
    return synced;
  }

  bool empty() const {
    const std::lock_guard lock(mutex_);
    return !waiting_;
  }

  Result<void> visit(const Visit& see) {
    const std::lock_guard one_reader(reading_);
    TALLY_TRY(auto taken, take_files());
    Result<void> result;
    for (const auto& file : taken) {
      file->rewind();
      std::string record;
      for (;;) {
        const auto step = file->next(record);
        if (!step) result = tl::unexpected(Error(step.error()));
        if (!step || *step == SpoolFile::Step::end) break;
        if (*step == SpoolFile::Step::record) see(record);
      }
      file->rewind();
    }
    give_back(std::move(taken));
    return result;
  }

  Result<Replayed> replay(Log& log) {
    const std::lock_guard one_reader(reading_);
    TALLY_TRY(auto taken, take_files());
    Replayed out;
    Result<void> result;
    while (result && !taken.empty()) {
      result = replay_file(*taken.front(), log, out);
      if (result) taken.erase(taken.begin());
    }
    const bool all = taken.empty();
    give_back(std::move(taken));
    if (!result) return tl::unexpected(std::move(result).error());
    const std::lock_guard lock(mutex_);
    if (all && closed_.empty()) waiting_ = current_records_ > 0;
    // Only how much still fits depends on it, and the next file looks again.
    static_cast<void>(look_at_others());
    return out;
  }

 private:
  using Files = std::vector<std::unique_ptr<SpoolFile>>;

  [[nodiscard]] std::uint64_t closed_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& file : closed_) sum += file->bytes();
    return sum;
  }

  void close_current() {
    if (current_ == nullptr) return;
    closed_.push_back(std::move(current_));
    current_records_ = 0;
  }

  /// Names of this log's files, oldest first: instances are UUIDv7.
  Result<std::vector<std::string>> files() {
    TALLY_TRY(const std::vector<std::string> names, fs_.list(directory_));
    std::vector<std::string> out;
    for (const std::string& name : names) {
      if (name.starts_with(options_.log_id + '.') && name.ends_with(kSuffix)) {
        out.push_back(storage::join(directory_, name));
      }
    }
    return out;
  }

  /// What files of other processes take. mutex_ is held.
  Result<void> look_at_others() {
    TALLY_TRY(const auto paths, files());
    others_ = 0;
    for (const std::string& path : paths) {
      if (is_ours(path)) continue;
      TALLY_TRY(const auto info, fs_.stat(path));
      if (info) others_ += info->size;
    }
    return {};
  }

  /// mutex_ is held.
  Result<void> begin_file() {
    TALLY_TRY_VOID(look_at_others());
    // Files of one process in the order of their making, also by name.
    const std::string number = std::to_string(next_number_++);
    const std::string name = options_.log_id + '.' + options_.instance + '.' +
                             std::string(6 - std::min<std::size_t>(6, number.size()), '0') +
                             number + std::string(kSuffix);
    TALLY_TRY(current_, SpoolFile::create(fs_, storage::join(directory_, name)));
    current_records_ = 0;
    return {};
  }

  [[nodiscard]] bool is_ours(const std::string& path) const {
    if (current_ != nullptr && current_->path() == path) return true;
    return std::ranges::any_of(closed_, [&](const auto& file) { return file->path() == path; });
  }

  /// Everything that can be read now, oldest first. Locks stay with the files.
  Result<Files> take_files() {
    Files out;
    {
      const std::lock_guard lock(mutex_);
      if (current_records_ > 0) close_current();
      out = std::exchange(closed_, {});
    }
    auto paths = files();
    Result<void> result;
    if (!paths) {
      result = tl::unexpected(std::move(paths).error());
      paths = std::vector<std::string>();
    }
    for (const std::string& path : *paths) {
      const bool have =
          std::ranges::any_of(out, [&](const auto& file) { return file->path() == path; });
      if (have || !result || is_current(path)) continue;
      auto file = SpoolFile::adopt(fs_, path);
      if (!file) {
        result = tl::unexpected(std::move(file).error());
      } else if (*file != nullptr) {
        out.push_back(std::move(*file));
      }
    }
    if (!result) {
      give_back(std::move(out));
      return tl::unexpected(std::move(result).error());
    }
    std::ranges::sort(out, {}, [](const auto& file) -> const std::string& { return file->path(); });
    return out;
  }

  [[nodiscard]] bool is_current(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return current_ != nullptr && current_->path() == path;
  }

  void give_back(Files files) {
    const std::lock_guard lock(mutex_);
    for (auto& file : files) closed_.push_back(std::move(file));
  }

  Result<void> replay_file(SpoolFile& file, Log& log, Replayed& out) {
    file.rewind();
    for (bool end = false; !end;) {
      file.begin_batch();
      std::vector<std::string> batch;
      std::size_t bytes = 0;
      std::uint64_t damaged = 0;
      while (batch.size() < kSpoolBatchRecords && bytes < kCommitBytesMax && !end) {
        std::string record;
        TALLY_TRY(const SpoolFile::Step step, file.next(record));
        switch (step) {
          case SpoolFile::Step::end: end = true; break;
          case SpoolFile::Step::damaged: ++damaged; break;
          case SpoolFile::Step::record:
            bytes += record.size();
            batch.push_back(std::move(record));
            break;
        }
      }
      if (!batch.empty()) TALLY_TRY_VOID(write_batch(file, log, batch));
      file.batch_written();
      out.records += batch.size();
      out.damaged += damaged;
    }
    // A removal may fail, or not survive a power cut.
    TALLY_TRY_VOID(file.note_replayed());
    return file.remove();
  }

  static Result<void> write_batch(SpoolFile& file, Log& log,
                                  const std::vector<std::string>& batch) {
    const auto since = file.begun();
    if (!since) {
      TALLY_TRY(const std::uint64_t size, log.size());
      TALLY_TRY_VOID(file.note_begun(size));
    }
    return log.write(batch, since);
  }

  storage::FileSystem& fs_;
  const std::string directory_;
  const SpoolOptions options_;
  std::mutex reading_;        // held while files are read and given to the log
  mutable std::mutex mutex_;  // guards what follows
  std::unique_ptr<SpoolFile> current_;
  std::uint64_t current_records_ = 0;
  Files closed_;              // no longer added to, not yet replayed
  std::uint64_t others_ = 0;  // bytes of files of other processes, when last looked
  std::uint64_t next_number_ = 0;
  bool waiting_ = false;
};

Spool::Spool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(storage::FileSystem& fs, std::string directory,
                                           SpoolOptions options) {
  TALLY_CHECK(!options.log_id.empty() && !options.instance.empty());
  auto impl = std::make_unique<Impl>(fs, std::move(directory), std::move(options));
  TALLY_TRY_VOID(impl->start());
  return std::unique_ptr<Spool>(new Spool(std::move(impl)));
}

Result<void> Spool::add(std::string_view record) { return impl_->add(record); }
Result<void> Spool::sync() { return impl_->sync(); }
bool Spool::empty() const { return impl_->empty(); }
Result<void> Spool::visit(const Visit& see) { return impl_->visit(see); }
Result<Replayed> Spool::replay(Log& log) { return impl_->replay(log); }

}  // namespace tally::spool
