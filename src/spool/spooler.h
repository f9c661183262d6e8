// SPDX-License-Identifier: Apache-2.0
// The spool at work: syncs what is added, and gives it to the log in the background once the log
// can be written again.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "log/writer.h"
#include "spool/spool.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tally::spool {

/// Thread-safe, except that start() comes first. One thread of its own, which alone waits for the
/// disk; nobody else does.
class Spooler final : Spool::Log {
 public:
  /// Where the log is read, to find what an interrupted replay had written. Must outlive it.
  struct LogPlace {
    storage::FileSystem& fs;
    std::string directory;
  };
  /// As Spool::open(), with an error that names the spool; null when `directory` is empty.
  [[nodiscard]] static Result<std::unique_ptr<Spooler>> open(storage::FileSystem& fs,
                                                             const std::string& directory,
                                                             SpoolOptions options, LogPlace log,
                                                             const Clock& clock);
  /// `clock` must outlive it.
  Spooler(std::unique_ptr<Spool> spool, LogPlace log, const Clock& clock);
  ~Spooler();  // as stop()
  Spooler(const Spooler&) = delete;
  Spooler& operator=(const Spooler&) = delete;

  /// Begins the thread. `writer` must live until stop().
  void start(log::Writer& writer);
  /// Keeps one entry's text (log::EntryText::object()); synced within kSpoolSyncInterval. False
  /// when it could not be kept.
  [[nodiscard]] bool keep(std::string_view object);
  /// The log can be written: what waits follows, with recorded_at, in the background. A replay
  /// that fails ends until the next call.
  void replay_soon();
  /// Shows what waits, as Spool::visit().
  [[nodiscard]] Result<void> visit(const Spool::Visit& see);
  /// Gives a replay that was asked for another kSpoolLastReplay, syncs, ends the thread. What is
  /// left waits for the next process. Called again it syncs what was kept meanwhile.
  void stop();
  /// Whether nothing waits.
  [[nodiscard]] bool empty() const { return spool_->empty(); }

 private:
  void run();
  [[nodiscard]] Result<std::uint64_t> size() override;
  [[nodiscard]] Result<void> write(std::span<const std::string> batch,
                                   std::optional<std::uint64_t> maybe_since) override;
  [[nodiscard]] Result<std::vector<std::string>> missing(std::span<const std::string> batch,
                                                         std::uint64_t since);

  const std::unique_ptr<Spool> spool_;
  const LogPlace log_;
  const Clock& clock_;
  log::Writer* writer_ = nullptr;
  std::thread thread_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool dirty_ = false;
  bool replay_ = false;
  bool stopping_ = false;
  MonoTime give_up_at_{};  ///< once stopping: no batch begins after this
};

}  // namespace tally::spool
