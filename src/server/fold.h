// SPDX-License-Identifier: Apache-2.0
// What happens again and again within a minute is one record and a count, so that a dashboard that
// polls, or somebody who knocks, does not fill the log.
#pragma once

#include "base/clock.h"
#include "event/event.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace tally::server {

/// Thread-safe.
class Fold {
 public:
  /// True: `sample` is to be recorded now. False: the same (by `key`) was recorded within
  /// kFoldWindow; this one is counted. With kFoldKeysMax different ones under way everything is
  /// recorded: a record too many is better than one missing.
  [[nodiscard]] bool admit(const std::string& key, const event::Event& sample, MonoTime now);
  /// The two halves of it, for a record that may fail: whether the same was recorded (and this one
  /// is counted now); and that it is, from now on.
  [[nodiscard]] bool counted(const std::string& key, const event::Event& sample, MonoTime now);
  void begin(const std::string& key, const event::Event& sample, MonoTime now);
  /// Events for what was counted and is over: the sample with `details.folded {count, from, to}`;
  /// its event_id is empty. `all`: also what is not over.
  [[nodiscard]] std::vector<event::Event> take_due(MonoTime now, bool all = false);

 private:
  struct Entry {
    event::Event sample;
    MonoTime begin{};
    std::uint64_t count = 0;
    WallTime first{}, last{};
  };
  [[nodiscard]] bool count(const std::string& key, const event::Event& sample, MonoTime now);
  void start(const std::string& key, const event::Event& sample, MonoTime now);

  std::mutex mutex_;  // guards what follows; held by count() and start()
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace tally::server
