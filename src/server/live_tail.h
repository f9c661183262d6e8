// SPDX-License-Identifier: Apache-2.0
// The end of the log for all live streams together: one thread follows it, reads each entry once
// and wakes those whom it concerns.
#pragma once

#include "access/grants.h"
#include "base/clock.h"
#include "base/limits.h"
#include "follow/bell.h"
#include "follow/follower.h"
#include "server/live_ring.h"
#include "server/log_readers.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tally::server {

/// Why a stream ends.
enum class StreamEnd : std::uint8_t { none, token, stopping, log };

/// One stream as the tail sees it; its other half is LiveStream. All members are guarded by the
/// tail's mutex.
struct TailMember {
  LiveGroupPtr group;  ///< null while the tail does not run
  index::Filter filter;
  std::string principal;  ///< Principal::holds()
  std::function<void()> wake;
  std::uint64_t next = 0;  ///< entries before were sent or do not match
  bool waiting = false;
  MonoTime sent{};   ///< when something was sent last
  MonoTime level{};  ///< when it last had all that the tail has seen
  StreamEnd end = StreamEnd::none;
  access::Standing standing = access::Standing::good;  ///< of StreamEnd::token: why
};

/// Thread-safe. Without streams it does nothing and holds nothing.
class LiveTail {
 public:
  /// All that is referred to must outlive stop().
  struct Parts {
    storage::FileSystem& fs;
    LogReaders& readers;
    const Clock& clock;
    access::Grants& grants;
    /// Why the log cannot be written any more; empty: it can. Any thread.
    std::function<std::string()> trouble;
    /// Rung at each commit of this process; others are noticed within kFollowInterval.
    std::shared_ptr<follow::Bell> committed;
    std::size_t ring_bytes = kStreamRingBytes;
    std::size_t streams_max = kStreamClientsMax;
    /// Called while nothing is locked, before new entries are compared with what streams want: for
    /// tests of what happens meanwhile. Empty: nothing is.
    std::function<void()> comparing{};
  };
  explicit LiveTail(Parts parts);
  ~LiveTail();  // as stop()
  LiveTail(const LiveTail&) = delete;
  LiveTail& operator=(const LiveTail&) = delete;

  /// Adds a stream that begins at `next`; false when there are too many, in all or of its principal
  /// (share_of()), or after stop(). The member must stay where it is until leave().
  [[nodiscard]] bool join(TailMember& member);
  void leave(TailMember& member);
  /// Whether join() would refuse another stream of this principal (Principal::holds()).
  [[nodiscard]] bool full(std::string_view principal);

  /// What a stream gets when it asks for more.
  struct Turn {
    enum class Kind : std::uint8_t {
      entries,   ///< frames were appended; more may be there
      nothing,   ///< it is woken when there is something
      log,       ///< read entries [next, up_to) from the log
      position,  ///< it was silent for kStreamHeartbeat
      end,
    };
    Kind kind = Kind::nothing;
    std::uint64_t next = 0;
    std::uint64_t up_to = 0;  ///< end of what the tail has seen
    StreamEnd why = StreamEnd::none;
    access::Standing standing = access::Standing::good;
  };
  [[nodiscard]] Turn take(TailMember& member, std::string& out);
  /// The stream has read the log up to `next`, and sent something (or not): true when it was silent
  /// for kStreamHeartbeat and is to say where it is.
  [[nodiscard]] bool moved(TailMember& member, std::uint64_t next, bool sent);
  /// Ends one stream from outside, or gives it what wakes it.
  void end(TailMember& member, StreamEnd why);
  void set_wake(TailMember& member, std::function<void()> wake);

  /// How far the stream that is furthest behind is behind a log of `log_size` entries: in entries
  /// that were neither sent to it nor found not to concern it, and since when it is behind.
  struct Lag {
    std::uint64_t entries = 0;
    std::chrono::duration<double> time{0};
  };
  [[nodiscard]] Lag lag(std::uint64_t log_size);

  [[nodiscard]] LogReaders& readers() const { return parts_.readers; }
  [[nodiscard]] const Clock& clock() const { return parts_.clock; }

  /// Streams end as `stopping`; the thread ends.
  void stop();

 private:
  [[nodiscard]] bool has_no_place(std::string_view principal) const;
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> follow(const std::stop_token& stop);
  void begin(std::uint64_t next);
  [[nodiscard]] std::size_t add(const follow::Batch& batch);
  void tick();
  void end_all(StreamEnd why);
  void wake(TailMember& member);
  [[nodiscard]] bool has_all(const TailMember& member) const;

  Parts parts_;
  follow::Bell changed_;  // streams came, or it is over
  std::mutex mutex_;      // guards what follows
  std::optional<LiveRing> ring_;
  std::vector<TailMember*> members_;
  MonoTime ticked_{};
  bool stopped_ = false;
  std::jthread thread_;  // the last member: it ends before what it uses
};

}  // namespace tally::server
