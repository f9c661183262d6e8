// SPDX-License-Identifier: Apache-2.0
// Tools that servers listed before this process began, for a process with many principals: one
// thread looks in the log for all of them, several at a time.
#pragma once

#include "base/clock.h"
#include "base/siphash.h"
#include "record/earlier_definitions.h"
#include "storage/file_system.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace tally::capture {

/// Thread-safe. Traffic does not wait for it. Its thread starts at once, because who looks is a
/// loop that cannot do anything about one that does not start; it steps back behind everything
/// else, and reads a fifth of the time at most.
class DefinitionDesk {
 public:
  /// `fs` and `clock` must outlive it.
  DefinitionDesk(storage::FileSystem& fs, std::string log_directory, const Clock& clock,
                 Random& random);
  ~DefinitionDesk() { stop(); }
  DefinitionDesk(const DefinitionDesk&) = delete;
  DefinitionDesk& operator=(const DefinitionDesk&) = delete;

  /// Whether look() takes one more; of principals that nobody checked (`verified` false) fewer wait
  /// at a time.
  [[nodiscard]] bool has_room(bool verified);
  /// Looks for it if nobody did before: once for each server and principal (of
  /// kLookupsRememberedMax checked ones and as many others). `found` is called on the desk's
  /// thread, if there is such a list, before stop() returns; `given_up`, if the time did not
  /// suffice to say: then it may be looked for again. False when it is not looked for.
  using Found = std::function<void(record::EarlierDefinitions)>;
  using GivenUp = std::function<void()>;
  bool look(record::DefinitionLookup lookup, Found found, GivenUp given_up);

  /// Gives up what is not found yet, and waits for the read that is under way. No lookups after
  /// that.
  void stop();

 private:
  struct Job {
    record::DefinitionLookup lookup;
    Found found;
    GivenUp given_up;
    std::uint64_t digest = 0;
  };
  /// Keyed digests of servers and principals; not more than kLookupsRememberedMax.
  class Made {
   public:
    /// False: it is there.
    bool add(std::uint64_t digest);
    void forget(std::uint64_t digest);

   private:
    std::unordered_set<std::uint64_t> all_;
    std::deque<std::uint64_t> oldest_first_;
  };
  [[nodiscard]] bool room_for(bool verified) const;  // under mutex_
  void run();
  void look_for(const std::vector<Job>& jobs);
  void give_up(const Job& job);
  [[nodiscard]] bool stopping();

  storage::FileSystem& fs_;
  const std::string directory_;
  const Clock& clock_;
  const SipKey key_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Job> waiting_;
  Made made_, made_unverified_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tally::capture
