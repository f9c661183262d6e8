// SPDX-License-Identifier: Apache-2.0
// One request and its response: asked of the recorder, held if it must be, forwarded, recorded.
#pragma once

#include "base/recycled.h"
#include "http/head_parser.h"
#include "net/connector.h"
#include "proxy/body_reader.h"
#include "proxy/decoded_body.h"
#include "proxy/endpoint_event.h"
#include "proxy/gateway.h"
#include "proxy/outbox.h"
#include "proxy/oversize_body.h"
#include "proxy/response_tee.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::proxy {

/// The connection to the client, as an exchange sees it.
class Client {
 public:
  /// Bytes for the client; written by flush().
  [[nodiscard]] virtual Outbox& outbox() = 0;
  /// May find that the client has gone, and then calls Exchange::client_left() at once.
  virtual void flush() = 0;
  /// The response is complete in the outbox; `keep` says whether another request may follow. The
  /// exchange is destroyed soon after.
  virtual void exchange_over(bool keep) = 0;
  /// A response that was begun cannot be completed: the connection has to end here.
  virtual void exchange_broken() = 0;
  /// More of the request's body can be taken.
  virtual void body_wanted() = 0;

 protected:
  ~Client() = default;
};

/// Who is at the other end of a client connection.
struct Peer {
  std::string address;  ///< without port
  bool tls = false;
  /// That it showed; null: none.
  std::shared_ptr<const identity::Certificate> certificate{};

  [[nodiscard]] identity::Peer seen() const { return {address, certificate.get()}; }
};

/// Belongs to the gateway's thread. Reads nothing inside calls of its client.
class Exchange final : public Mortal,
                       public Recycled<Exchange>,
                       net::ReadyHandler,
                       net::DeadlineHandler,
                       net::RoundEndHandler,
                       DurableHandler,
                       UpstreamLine::Waiter {
 public:
  /// All outlive it.
  Exchange(Gateway& gateway, Client& client, const Peer& peer, http::RequestHead&& head);
  ~Exchange() override;

  /// Begins, and takes the body from the front of `input` if all of it is there; else feed() does.
  /// Like every call here it may bring the exchange to its end.
  void start(std::string_view& input);
  /// Takes what belongs to the request's body, and can be taken now, from the front of `input`.
  void feed(std::string_view& input);
  /// Whether feed() would take anything.
  [[nodiscard]] bool wants_body() const;
  /// Whether the connection was upgraded: its bytes may take as long as they like.
  [[nodiscard]] bool is_tunnel() const { return tunnel_; }
  /// Whether the whole request was read.
  [[nodiscard]] bool request_complete() const { return request_complete_; }
  /// The client's outbox has room again.
  void client_writable();
  /// The connection to the client is gone.
  void client_left();
  /// The proxy stops, now.
  void cut();

 private:
  enum class Phase : unsigned char {
    collecting,  // the request is read whole before anything is done
    held,        // until its record is durable
    connecting,
    exchanging,
    over,
  };

  // exchange.cc: from the request to the decision
  [[nodiscard]] bool take_whole_body(std::string_view& input);
  void begin_whole();
  [[nodiscard]] std::string digest_unless_good(const DecodedBody& decoded) const;
  void decide(const DecodedBody& decoded, const std::string& digest, RecorderTurn turn,
              mcp::Moment moment);
  void obey(record::Verdict verdict, RecorderTurn turn);
  void note_verdict(record::Verdict verdict, RecorderTurn turn);
  void act(bool forwarded);
  void on_durable(bool durable) override;
  void take_body(std::string_view bytes);
  void body_complete();
  void body_refused(http::ChunkFault fault);
  void too_large();
  void too_large_coded();
  void tell_oversize(std::string_view bytes);
  void end_oversize();
  void give_up_held();
  void refuse();
  void answer(int status, std::string_view content_type = {}, std::string_view body = {});
  void end_record(record::HttpEnd how, std::optional<int> answered);
  void end_record(const RecorderTurn& turn, const record::HttpEndInfo& info, mcp::Moment moment);
  void finish();
  void write(record::Events events);
  [[nodiscard]] mcp::Moment now() const { return mcp::moment_of(gateway_.clock); }

  // exchange_upstream.cc: the way to the upstream
  void forward();
  void on_turn() override;
  void leave_line();
  void queue_request();
  void connect();
  void attach(std::unique_ptr<net::Stream> stream, bool reused);
  void send_request();
  void upstream_gone();
  [[nodiscard]] bool may_try_again() const;
  void on_readable() override;
  void on_writable() override;
  void on_deadline() override;
  void on_round_end() override;

  // exchange_response.cc: the way back
  void take_response(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  void begin_response(http::ResponseHead&& head);
  void pass_interim(const http::ResponseHead& head);
  void pass_body(std::string_view bytes);
  void pass_on(std::string_view bytes);
  void watch_endpoint();
  void release_start();
  [[nodiscard]] bool has_news() const;
  void pass_and_tell();
  void tell_recorder(const RecorderTurn& turn, bool complete);
  record::Events tell_head(const RecorderTurn& turn, mcp::Moment moment);
  void tell_coded();
  void response_complete(bool surplus);
  void response_broken(record::HttpEnd how);
  [[nodiscard]] std::chrono::milliseconds idle_time() const;

  // exchange_tunnel.cc: neither request nor response any more
  [[nodiscard]] bool may_upgrade() const;
  void begin_tunnel(std::string_view bytes);
  void to_client(std::string_view bytes);
  void to_server(std::string_view& input);
  void end_tunnel();

  Gateway& gateway_;
  const std::shared_ptr<const Terms> terms_;  // as they were when it began
  Client& client_;
  const Peer& peer_;
  std::optional<Activity::Share> active_;  // unless it may be silent for as long as it likes
  net::Deadline deadline_;
  net::RoundEnd sending_;  // asked: the request, or its beginning, goes out then
  Phase phase_ = Phase::collecting;
  RecordedExchange record_;

  http::RequestHead head_;
  http::Framing framing_;
  BodyReader body_reader_;
  bool request_complete_ = false;
  bool collecting_ = false;                 // the body goes to body_, not yet to the upstream
  std::unique_ptr<OversizeBody> oversize_;  // of the body the recorder sees pieces
  bool answered_continue_ = false;
  std::string body_;
  BudgetShare budget_;
  std::uint64_t waiter_ = 0;  // number at the journal while held
  record::Refusal refusal_;

  bool in_line_ = false;    // waits for its turn at the upstream
  bool has_place_ = false;  // it is its turn
  std::unique_ptr<net::Connector> connector_;
  std::unique_ptr<net::Stream> upstream_;
  Outbox upstream_out_;
  bool reused_ = false;  // the connection carried requests before
  bool tried_again_ = false;
  bool upload_stopped_ = false;  // what is left of the request is not sent any more
  bool upstream_spoke_ = false;

  std::optional<http::ResponseParser> response_parser_;
  std::optional<http::ResponseHead> response_;
  http::Framing response_framing_;  // as it comes
  http::Framing client_framing_;    // as it goes
  std::optional<BodyReader> response_reader_;
  std::optional<ResponseTee> tee_;
  std::unique_ptr<EndpointRewriter> endpoint_;  // while the stream's start may name an address
  bool endpoint_rewritten_ = false;
  std::vector<std::string_view> pieces_;  // of the body in the bytes just read
  std::uint64_t response_bytes_ = 0;
  bool coded_ = false;          // the response has a content coding
  bool is_stream_ = false;      // may be silent for as long as it likes
  bool response_told_ = false;  // the recorder knows the head
  bool response_ended_ = false;
  bool keep_client_ = true;
  bool upgrade_ = false;  // asked for where it is allowed
  bool tunnel_ = false;
  std::uint64_t request_bytes_ = 0;  // of the tunnel
};

}  // namespace tally::proxy
