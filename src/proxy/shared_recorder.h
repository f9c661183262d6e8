// SPDX-License-Identifier: Apache-2.0
// The one door between the loops, which are many, and the recorder of an upstream, which knows
// nothing of threads: whoever uses it has its turn.
#pragma once

#include "proxy/brief_mutex.h"
#include "record/http_exchange.h"
#include "record/http_recorder.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tally::proxy {

class RecorderTurn;

/// The recorder of one upstream and the exchanges it made. Thread-safe: what is inside can only be
/// reached through a RecorderTurn.
class SharedRecorder {
 public:
  explicit SharedRecorder(std::unique_ptr<record::HttpRecorder> recorder)
      : digest_(recorder->digest()), recorder_(std::move(recorder)) {}
  SharedRecorder(const SharedRecorder&) = delete;
  SharedRecorder& operator=(const SharedRecorder&) = delete;

  /// As HttpRecorder::digest(): immutable, so nobody needs a turn for it.
  [[nodiscard]] const redact::KeyedDigest& digest() const { return digest_; }

 private:
  friend class RecorderTurn;
  static constexpr std::size_t kNobody = ~std::size_t{0};

  const redact::KeyedDigest& digest_;
  BriefMutex mutex_;
  std::atomic<std::size_t> owner_{kNobody};  // only a loop itself ever writes its own number
  std::size_t depth_ = 0;                    // the owner's, as what follows
  std::unique_ptr<record::HttpRecorder> recorder_;
};

/// What is recorded of one exchange. Belongs to one loop's thread; RecorderTurn::of() gives access.
class RecordedExchange {
 public:
  RecordedExchange() = default;
  RecordedExchange(RecordedExchange&& other) noexcept { *this = std::move(other); }
  RecordedExchange& operator=(RecordedExchange&& other) noexcept;
  RecordedExchange(const RecordedExchange&) = delete;
  RecordedExchange& operator=(const RecordedExchange&) = delete;
  /// Takes a turn when nobody has called reset().
  ~RecordedExchange() { reset(); }

  /// Whether there is something to be recorded still.
  [[nodiscard]] explicit operator bool() const { return exchange_ != nullptr; }
  /// Nothing more is recorded of it.
  void reset();

  // As HttpExchange says; both are known from the beginning.
  [[nodiscard]] record::BodyPlan body_plan() const { return body_plan_; }
  [[nodiscard]] std::string_view request_id() const { return request_id_; }

 private:
  friend class RecorderTurn;
  SharedRecorder* recorder_ = nullptr;
  std::size_t loop_ = 0;
  std::unique_ptr<record::HttpExchange> exchange_;
  record::BodyPlan body_plan_ = record::BodyPlan::none;
  std::string request_id_;
};

/// While it lives the recorder belongs to one loop. What is recorded and handed to the journal in
/// one turn stands in the log before anything that is recorded in later ones. A loop that has a
/// turn may take another one inside it. Keep it short, and never wait in it.
class RecorderTurn {
 public:
  /// Waits for it. `loop` is the number of the loop whose thread this is; the recorder must outlive
  /// the turn.
  RecorderTurn(SharedRecorder& recorder, std::size_t loop);
  RecorderTurn(RecorderTurn&& other) noexcept
      : shared_(std::exchange(other.shared_, nullptr)), loop_(other.loop_) {}
  RecorderTurn& operator=(RecorderTurn&&) = delete;
  RecorderTurn(const RecorderTurn&) = delete;
  RecorderTurn& operator=(const RecorderTurn&) = delete;
  ~RecorderTurn() { give_back(); }

  /// Ends it now.
  void give_back();

  [[nodiscard]] record::HttpRecorder& recorder() const { return *shared_->recorder_; }
  /// `exchange` was begun with the same recorder and was not reset.
  [[nodiscard]] record::HttpExchange& of(RecordedExchange& exchange) const;
  /// As HttpRecorder::begin().
  [[nodiscard]] RecordedExchange begin(const http::RequestHead& head, bool has_body,
                                       const identity::Peer& peer, mcp::Moment seen) const;

 private:
  SharedRecorder* shared_;
  std::size_t loop_;
};

}  // namespace tally::proxy
