// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_pool.h"

#include "base/recycled.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {

/// Whatever happens on an idle connection, it is not good any more.
class UpstreamPool::Idle final : public Mortal,
                                 public Recycled<UpstreamPool::Idle>,
                                 net::ReadyHandler,
                                 net::DeadlineHandler {
 public:
  Idle(UpstreamPool& pool, net::Loop& loop, std::unique_ptr<net::Stream> stream,
       std::chrono::milliseconds idle)
      : pool_(pool),
        wheel_(loop.deadlines()),
        deadline_(wheel_, *this),
        stream_(std::move(stream)) {
    stream_->set_handler(this);
    stream_->want_read();
    deadline_.set(idle);
    since_ = wheel_.ticks();
  }

  /// Whether it was used so lately that no server has reason to give it up.
  [[nodiscard]] bool is_fresh() const { return wheel_.ticks() - since_ < kFreshTicks; }
  /// Whether the kernel need not be asked about it.
  [[nodiscard]] bool is_known_good() const { return is_fresh() && stream_->was_quiet(); }

  std::unique_ptr<net::Stream> release() {
    deadline_.clear();
    stream_->set_handler(nullptr);
    return std::move(stream_);
  }

 private:
  /// Half a second: what keeps connections at all keeps them for longer.
  static constexpr std::uint64_t kFreshTicks = 10;

  void on_readable() override {
    if (is_fresh()) pool_.beware();
    pool_.discard(*this);
  }
  void on_writable() override {}
  void on_deadline() override { pool_.discard(*this); }

  UpstreamPool& pool_;
  net::DeadlineWheel& wheel_;
  net::Deadline deadline_;
  std::unique_ptr<net::Stream> stream_;
  std::uint64_t since_ = 0;  // ticks of the wheel
};

UpstreamPool::UpstreamPool(net::Loop& loop, Graveyard& graveyard, std::size_t idle_max)
    : loop_(loop), graveyard_(graveyard), idle_max_(idle_max) {}

UpstreamPool::~UpstreamPool() = default;

/// Of a connection that was used lately it is enough to know that nothing had come, nor its end,
/// when this round of the loop began: asking each time is one system call more for each request.
/// What comes meanwhile can come just as well while the request is on its way.
std::unique_ptr<net::Stream> UpstreamPool::take() {
  if (to_ask_ == 0) {
    // The very last ones were often put back in this round.
    const std::size_t lowest = idle_.size() - std::min(idle_.size(), kLookedAt);
    for (std::size_t place = idle_.size(); place > lowest; --place) {
      if (idle_[place - 1]->is_known_good()) return take_from(place - 1);
    }
  }
  while (!idle_.empty()) {
    const bool fresh = idle_.back()->is_fresh();
    auto stream = take_from(idle_.size() - 1);
    if (to_ask_ > 0) --to_ask_;
    if (stream->is_quiet()) return stream;
    if (fresh) beware();
  }
  return nullptr;
}

std::unique_ptr<net::Stream> UpstreamPool::take_from(std::size_t place) {
  auto stream = idle_[place]->release();
  // Nothing of it is on the stack: only discard() is called from there.
  idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(place));
  count();
  return stream;
}

void UpstreamPool::put(std::unique_ptr<net::Stream> stream, std::chrono::milliseconds idle) {
  if (idle <= std::chrono::milliseconds(0) || idle_.size() >= idle_max_) return;
  idle_.push_back(std::make_unique<Idle>(*this, loop_, std::move(stream), idle));
  count();
}

void UpstreamPool::discard(Idle& idle) {
  const auto found = std::ranges::find(idle_, &idle, &std::unique_ptr<Idle>::get);
  if (found == idle_.end()) return;
  static_cast<void>((*found)->release());  // closes it
  graveyard_.bury(std::move(*found));
  idle_.erase(found);
  count();
}

void UpstreamPool::drop_oldest() {
  if (!idle_.empty()) discard(*idle_.front());
}

void UpstreamPool::close_all() {
  while (!idle_.empty()) discard(*idle_.back());
}

}  // namespace tally::proxy
