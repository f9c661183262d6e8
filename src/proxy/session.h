// SPDX-License-Identifier: Apache-2.0
// One client connection: its requests one after the other, in the order they came.
#pragma once

#include "http/head_parser.h"
#include "net/hangup.h"
#include "proxy/exchange.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::proxy {

/// Belongs to the gateway's thread. Ends by itself and says so once, through `ended`; the owner
/// then buries it.
class Session final : public Mortal,
                      public Client,
                      net::ReadyHandler,
                      net::HangupHandler,
                      net::DeadlineHandler,
                      net::RoundEndHandler {
 public:
  using Ended = std::function<void(Session&)>;

  /// `gateway` must outlive it.
  Session(Gateway& gateway, std::unique_ptr<net::Stream> stream, Peer peer, Ended ended);
  ~Session() override;

  /// Ends as soon as no request is under way.
  void drain();
  /// Ends now.
  void cut();
  /// Where the owner keeps it.
  std::size_t place = 0;

 private:
  /// What the deadline is for.
  enum class Wait : unsigned char { nothing, idle, header, body, stall, linger };

  Outbox& outbox() override { return outbox_; }
  void flush() override;
  void exchange_over(bool keep) override;
  void exchange_broken() override;
  void body_wanted() override;

  void on_readable() override;
  void on_writable() override;
  void on_hangup() override;
  void on_deadline() override;
  void on_round_end() override;

  void greet();
  void take(std::string_view bytes);
  void consume(std::string_view& input);
  void take_head(std::string_view& input);
  void refused(http::HeadFault fault);
  void write_refused(const record::RefusedRequest& refused);
  void peer_gone();
  void begin_linger();
  void settle();
  void wait_for(Wait what, std::chrono::milliseconds limit);
  void end();

  Gateway& gateway_;
  std::unique_ptr<net::Stream> stream_;
  Peer peer_;
  Ended ended_;
  net::Deadline deadline_;
  Wait wait_ = Wait::nothing;
  net::RoundEnd answering_;  // asked: an exchange is over, its last bytes go out then
  std::unique_ptr<http::RequestParser> parser_;  // only while a head is being read
  std::unique_ptr<Exchange> exchange_;
  Outbox outbox_;
  std::string ahead_;                       // read, but its turn has not come
  std::optional<net::HangupWatch> hangup_;  // while nothing more is read
  bool spoke_ = false;  // some byte of HTTP came; with TLS the handshake is done
  bool consuming_ = false;
  bool closing_ = false;  // after what is in the outbox
  bool lingering_ = false;
  bool over_ = false;
};

}  // namespace tally::proxy
