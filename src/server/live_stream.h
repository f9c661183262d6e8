// SPDX-License-Identifier: Apache-2.0
// The body of one live stream: entries of the tail, or of the log itself while it is behind.
#pragma once

#include "server/answer.h"
#include "server/live_tail.h"

#include <atomic>
#include <functional>
#include <memory>

namespace tally::server {

/// Keeps nothing of what it sent, and makes nothing while its client does not read.
class LiveStream final : public BodySource {
 public:
  /// Told once when the grant is no longer good, on the thread that calls next().
  using OnRefused = std::function<void(access::Standing)>;
  /// nullptr when there are too many streams. It begins with entry `next`. `principal`:
  /// Principal::holds(); `refused` may be empty.
  [[nodiscard]] static std::shared_ptr<LiveStream> open(std::shared_ptr<LiveTail> tail,
                                                        const index::Filter& filter,
                                                        std::string principal, std::uint64_t next,
                                                        OnRefused refused = {});
  ~LiveStream() override;
  LiveStream(const LiveStream&) = delete;
  LiveStream& operator=(const LiveStream&) = delete;

  [[nodiscard]] Result<Piece> next() override;
  void set_wake(std::function<void()> wake) override;
  [[nodiscard]] Lane lane() const override { return lane_; }
  [[nodiscard]] bool finish() override;

 private:
  LiveStream(std::shared_ptr<LiveTail> tail, const index::Filter& filter, std::string principal,
             std::uint64_t next, OnRefused refused);
  [[nodiscard]] Result<Piece> read_log(std::uint64_t next, std::uint64_t up_to, Piece piece);
  [[nodiscard]] bool keeps_up(std::uint64_t next, std::uint64_t up_to, std::string& out);
  void say_end(StreamEnd why, std::uint64_t next, std::string& out,
               access::Standing standing = access::Standing::good);

  std::shared_ptr<LiveTail> tail_;
  index::FilterMatcher matcher_;
  TailMember member_;
  OnRefused refused_;
  std::atomic<Lane> lane_{Lane::live};
  const std::uint64_t start_;
  bool begun_ = false;
  bool was_live_ = false;
  /// While it is behind: since when, and how many entries it was behind then.
  std::optional<MonoTime> behind_since_;
  std::uint64_t behind_ = 0;
};

}  // namespace tally::server
