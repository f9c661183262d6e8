// SPDX-License-Identifier: Apache-2.0
// One client connection of the API: its requests one after the other.
#pragma once

#include "http/chunked.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "net/hangup.h"
#include "net/stream.h"
#include "proxy/graveyard.h"
#include "proxy/outbox.h"
#include "server/service.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// Belongs to the service's thread. Ends by itself and tells the service, which buries it.
class Connection final : public proxy::Mortal,
                         net::ReadyHandler,
                         net::HangupHandler,
                         net::DeadlineHandler {
 public:
  /// `service` must outlive it.
  Connection(Service& service, std::uint64_t id, std::unique_ptr<net::Stream> stream,
             std::string peer, bool peer_is_here);
  ~Connection() override;

  [[nodiscard]] std::uint64_t id() const { return id_; }
  void deliver(Mailbox::Letter& letter);
  /// Ends as soon as no request is under way; a stream ends now.
  void drain();
  void cut() { end(); }

 private:
  enum class Wait : unsigned char { nothing, idle, head, body, stall, linger };

  void on_readable() override;
  void on_writable() override;
  void on_hangup() override { end(); }
  void on_deadline() override;

  void take(std::string_view bytes);
  void consume(std::string_view& input);
  void take_head(std::string_view& input);
  void begin(http::RequestHead head);
  [[nodiscard]] bool check_body(const http::RequestHead& head);
  void take_body(std::string_view& input);
  [[nodiscard]] bool add_to_body(std::string_view bytes);
  void release_body();
  void body_done();
  void answer(Answer answer);
  void write_head(const Answer& answer, bool framed);
  void pull();
  void piece(Result<BodySource::Piece> piece);
  void answer_over();
  void go_on();
  void flush();
  void charge_answers();
  void settle();
  void wait_for(Wait what, std::chrono::milliseconds limit);
  void begin_linger();
  void end();

  Service& service_;
  const std::uint64_t id_;
  std::unique_ptr<net::Stream> stream_;
  const std::string peer_;
  const bool peer_is_here_;
  net::Deadline deadline_;
  Wait wait_ = Wait::nothing;
  http::RequestParser parser_;
  proxy::Outbox outbox_;
  std::size_t answers_charged_ = 0;  // of the service's budget
  std::string ahead_;                // read, but its turn has not come

  // The request under way.
  std::uint64_t exchange_ = 0;
  std::shared_ptr<Request> request_;
  http::Framing framing_;
  http::ChunkedDecoder chunks_;
  std::uint64_t body_left_ = 0;
  std::size_t body_charged_ = 0;
  MonoTime body_due_{};  // until then all of it must be there
  bool reading_body_ = false;
  bool running_ = false;  // a handler has it, or its answer is being sent
  bool is_head_ = false;
  int minor_ = 1;
  bool keep_ = true;

  // Its answer, when that is made while it is sent.
  std::shared_ptr<BodySource> source_;
  std::optional<net::HangupWatch> hangup_;
  std::shared_ptr<std::atomic<bool>> left_;  // of a request that takes long: its client hung up
  bool chunked_ = false;
  bool pulling_ = false;
  bool woken_ = false;
  bool waiting_ = false;  // for a wake-up

  bool consuming_ = false;
  bool closing_ = false;  // after what is in the outbox
  bool lingering_ = false;
  bool over_ = false;
};

}  // namespace tally::server
