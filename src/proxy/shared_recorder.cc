// SPDX-License-Identifier: Apache-2.0
#include "proxy/shared_recorder.h"

#include "base/check.h"

namespace tally::proxy {

RecordedExchange& RecordedExchange::operator=(RecordedExchange&& other) noexcept {
  if (this == &other) return *this;
  reset();
  recorder_ = other.recorder_;
  loop_ = other.loop_;
  exchange_ = std::move(other.exchange_);
  body_plan_ = other.body_plan_;
  request_id_ = std::move(other.request_id_);
  return *this;
}

void RecordedExchange::reset() {
  if (exchange_ == nullptr) return;
  const RecorderTurn turn(*recorder_, loop_);
  exchange_.reset();  // it leaves the recorder
}

RecorderTurn::RecorderTurn(SharedRecorder& recorder, std::size_t loop)
    : shared_(&recorder), loop_(loop) {
  if (shared_->owner_.load(std::memory_order_relaxed) != loop_) {
    shared_->mutex_.lock();
    shared_->owner_.store(loop_, std::memory_order_relaxed);
  }
  ++shared_->depth_;
}

void RecorderTurn::give_back() {
  if (shared_ == nullptr) return;
  SharedRecorder& shared = *std::exchange(shared_, nullptr);
  if (--shared.depth_ > 0) return;
  shared.owner_.store(SharedRecorder::kNobody, std::memory_order_relaxed);
  shared.mutex_.unlock();
}

record::HttpExchange& RecorderTurn::of(RecordedExchange& exchange) const {
  TALLY_CHECK(exchange.recorder_ == shared_ && exchange.exchange_ != nullptr);
  return *exchange.exchange_;
}

RecordedExchange RecorderTurn::begin(const http::RequestHead& head, bool has_body,
                                     const identity::Peer& peer, mcp::Moment seen) const {
  RecordedExchange out;
  out.recorder_ = shared_;
  out.loop_ = loop_;
  out.exchange_ = recorder().begin(head, has_body, peer, seen);
  out.body_plan_ = out.exchange_->body_plan();
  out.request_id_ = out.exchange_->request_id();
  return out;
}

}  // namespace tally::proxy
