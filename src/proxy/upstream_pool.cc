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
      : pool_(pool), deadline_(loop.deadlines(), *this), stream_(std::move(stream)) {
    stream_->set_handler(this);
    stream_->want_read();
    deadline_.set(idle);
  }

  std::unique_ptr<net::Stream> release() {
    deadline_.clear();
    stream_->set_handler(nullptr);
    return std::move(stream_);
  }

 private:
  void on_readable() override { pool_.discard(*this); }
  void on_writable() override {}
  void on_deadline() override { pool_.discard(*this); }

  UpstreamPool& pool_;
  net::Deadline deadline_;
  std::unique_ptr<net::Stream> stream_;
};

UpstreamPool::UpstreamPool(net::Loop& loop, Graveyard& graveyard, std::size_t idle_max)
    : loop_(loop), graveyard_(graveyard), idle_max_(idle_max) {}

UpstreamPool::~UpstreamPool() = default;

std::unique_ptr<net::Stream> UpstreamPool::take() {
  while (!idle_.empty()) {
    auto stream = idle_.back()->release();
    idle_.pop_back();  // nothing of it is on the stack: only discard() is called from there
    count();
    if (stream->is_quiet()) return stream;
  }
  return nullptr;
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
