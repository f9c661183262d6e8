// SPDX-License-Identifier: Apache-2.0
// Keeps the keys of an issuer up to date, from a file or a URL, on a thread of its own: nobody
// waits for it, and an issuer that cannot be reached or answers nonsense takes no keys away.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "config/serve_config.h"
#include "identity/key_source.h"
#include "storage/file_system.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace tally::server {

/// How key sets do, one or several together.
struct KeySetFigures {
  std::uint64_t sets = 0;
  std::uint64_t keys = 0;      ///< that are believed now
  std::uint64_t failing = 0;   ///< sets that could not be loaded the last time
  std::uint64_t failures = 0;  ///< loads that failed since the start
  /// When the one that was loaded longest ago was; nullopt: one never was, or there is none.
  std::optional<WallTime> loaded{};

  void add(const KeySetFigures& other);
};

class KeyWatch {
 public:
  /// The text of the key set, bounded; may take its time, but ends soon after a stop.
  using Load = std::function<Result<std::string>(const std::stop_token& stop)>;
  struct Pace {
    std::chrono::milliseconds least;    ///< between two loads, whatever is asked
    std::chrono::milliseconds longest;  ///< between two loads
  };

  /// From what `jwt` names, which has keys: a URL, else a file, else what its one issuer says. A
  /// file is read at once, so that a broken one is told at start: errors as KeySet::parse() and
  /// those of the file system. With `fetch`, so is a URL without a file; errors as
  /// fetch::fetch_document(), which `stop` ends. `fs` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<KeyWatch>> open(storage::FileSystem& fs,
                                                              const config::JwtConfig& jwt,
                                                              bool fetch = false,
                                                              const std::stop_token& stop = {});
  /// `name`: what messages to the operator begin with.
  KeyWatch(std::string name, Load load, Pace pace);
  ~KeyWatch();
  KeyWatch(const KeyWatch&) = delete;
  KeyWatch& operator=(const KeyWatch&) = delete;

  /// Loads once, on this thread; before start().
  [[nodiscard]] Result<void> load_from(const Load& from, const std::stop_token& stop);
  /// Loads as it does in the background, on this thread; at any time.
  [[nodiscard]] Result<void> load_now(const std::stop_token& stop = {}) {
    return load_from(load_, stop);
  }
  /// Goes on in the background.
  void start();
  [[nodiscard]] std::shared_ptr<const identity::KeySource> source() const { return source_; }
  /// Any thread.
  [[nodiscard]] KeySetFigures figures() const;
  /// Whether anybody else has the source. Without, nothing is loaded any more.
  [[nodiscard]] bool in_use() const { return source_.use_count() > 1; }

 private:
  [[nodiscard]] Result<void> take(Result<std::string> given);
  void run(const std::stop_token& stop);
  void tell(const Result<void>& loaded);

  const std::string name_;
  const Load load_;
  const Pace pace_;
  const std::shared_ptr<identity::KeySource> source_ = std::make_shared<identity::KeySource>();
  mutable std::mutex mutex_;  // guards figures_
  KeySetFigures figures_{1, 0, 0, 0, {}};
  std::mutex taking_;    // guards text_, and that the source has the keys of it
  std::string text_;     // of the keys in the source
  std::string trouble_;  // as it was told
  std::jthread thread_;  // the last member: it ends before what it uses
};

}  // namespace tally::server
