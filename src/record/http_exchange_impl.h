// SPDX-License-Identifier: Apache-2.0
// The inside of HttpExchange: what is known of one exchange while it lasts.
#pragma once

#include "base/recycled.h"
#include "http/target.h"
#include "record/http_event.h"
#include "record/http_exchange.h"
#include "record/http_operation.h"
#include "record/http_recorder_impl.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// What an exchange can be, judged by its request head.
enum class HttpRoute : std::uint8_t {
  mcp,    ///< on an MCP path, or with MCP headers
  maybe,  ///< its body decides
  other,
};

/// The id that a session of HTTP+SSE has in the address that its client posts to; the whole address
/// when it has none.
std::string legacy_session_id(std::string_view target);

/// Bytes that nobody holds: their count and digest, which is keyed because a secret may be in them.
struct PassingBody {
  redact::KeyedDigest::Stream hasher;
  std::uint64_t bytes = 0;
  std::optional<OversizeLine> line;  ///< when it may be a message
  mcp::Direction direction = mcp::Direction::c2s;
  std::string received;  // bytes and digest as JSON, when it was received in a coding
  std::string facts;     // members of details of it
  bool readable = true;

  PassingBody(mcp::Direction from, const redact::KeyedDigest& key)
      : hasher(key.stream()), direction(from) {}
  void feed(std::string_view part);
  /// Once, at the end.
  [[nodiscard]] std::string digest() { return hasher.finish(); }
};

class HttpExchange::Impl : public Recycled<HttpExchange::Impl> {
 public:
  Impl(HttpRecorder::Impl& recorder, const http::RequestHead& head, bool has_body,
       const identity::Peer& peer, mcp::Moment seen);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] BodyPlan body_plan() const { return body_plan_; }
  [[nodiscard]] TeePlan tee_plan() const { return tee_plan_; }
  [[nodiscard]] std::string_view request_id() const { return party_->request_id; }

  Verdict on_request(mcp::Moment now);
  Verdict on_request_body(std::string_view text, mcp::Moment now);
  Verdict on_request_undecodable(const OpaqueBody& body, mcp::Moment now);
  Verdict on_request_oversize(std::string_view head, mcp::Moment now);
  Events not_forwarded(mcp::Moment now);
  Events on_response_head(const http::ResponseHead& head, mcp::Moment now);
  Events on_response_body(std::string_view text, mcp::Moment now);
  Events on_event(const http::StreamEvent& event, mcp::Moment now);
  void on_response_undecodable() {
    undecodable_ = true;
    tee_plan_ = TeePlan::none;
  }
  void on_oversize_received(const OpaqueBody& body);
  void on_oversize_bytes(std::string_view bytes);
  Events on_oversize_end(bool complete, mcp::Moment now);
  Events on_end(const HttpEndInfo& info, mcp::Moment now);

 private:
  // http_exchange.cc: who, where, which session
  void read_content_type(const http::FieldList& fields);
  void read_session(const http::RequestHead& head);
  void read_path(const http::RequestHead& head, const http::TargetParts& target,
                 const KnownPath& known);
  void hide_secret(const rest::PathMatch& match);
  void make_party(const http::RequestHead& head, const http::TargetParts& target,
                  identity::Identity who);
  [[nodiscard]] HttpRoute route_of(const http::RequestHead& head, const KnownPath& known) const;
  [[nodiscard]] BodyPlan plan_body(bool has_body) const;
  void enter();
  [[nodiscard]] Conversation& conversation() { return session_ ? session_->conversation : own_; }

  // http_request.cc
  void watch_credentials(Events& out, mcp::Moment now);
  void watch_query(Events& out, mcp::Moment now);
  void watch_session(Events& out, mcp::Moment now);
  [[nodiscard]] bool watched_method() const;
  [[nodiscard]] bool administers() const;
  [[nodiscard]] bool is_only_mcp(std::string_view path) const;
  Verdict start();
  Verdict plain_request(std::string_view body, bool has_text, mcp::Moment now);
  Verdict message(std::string_view text, mcp::Moment now);
  Verdict refuse_two_readings(Verdict verdict, mcp::Moment now);
  void stage_http(Verdict& verdict, mcp::Moment now);
  void capture_body(std::string_view text);
  [[nodiscard]] policy::Level http_level() const;

  // http_response.cc
  void read_reply(const http::ResponseHead& head);
  void note_session(Events& out, const http::ResponseHead& head, mcp::Moment now);
  [[nodiscard]] bool reads_objects(const http::ResponseHead& head) const;
  [[nodiscard]] const std::string& own_host() const;
  void watch_metadata(Events& out, std::string_view text, mcp::Moment now);
  void lose_metadata(Events& out, std::string_view text, mcp::Moment now);
  void watch_challenge(Events& out, const http::ResponseHead& head, mcp::Moment now);
  void note_refusal(Events& out, const http::ResponseHead& head, mcp::Moment now);
  void start_stream(Events& out, const http::ResponseHead& head, mcp::Moment now);
  void flush_held(Events& out, event::EventResult result, std::string_view reason);
  void endpoint(Events& out, std::string_view data, mcp::Moment now);
  void from_server(Events& out, std::string_view text, mcp::Moment now);
  [[nodiscard]] bool is_replay(const http::StreamEvent& event);
  [[nodiscard]] bool expects_messages() const { return route_ == HttpRoute::mcp || carries_rpc_; }

  // http_end.cc
  void end_requests(Events& out, HttpEnd how, mcp::Moment now);
  void end_request(Events& out, std::uint64_t serial, HttpEnd how, mcp::Moment now);
  void end_http(Events& out, const HttpEndInfo& info, mcp::Moment now);
  void end_of_session(Events& out, HttpEnd how, mcp::Moment now);
  [[nodiscard]] HttpOutcome http_outcome(HttpEnd how) const;
  [[nodiscard]] std::string_view http_name() const {
    return operation_ ? operation_->event_name() : std::string_view("http-request");
  }

  HttpRecorder::Impl& recorder_;
  const std::shared_ptr<const rest::PathTable> paths_;  // as it was when this began
  const std::uint64_t identity_generation_;             // of the identifier that said who it is
  std::uint64_t number_;
  std::shared_ptr<Party> party_;
  std::shared_ptr<const Party> shown_party_;  // the same, for those who keep it
  mcp::Moment started_;
  HttpRoute route_ = HttpRoute::other;
  BodyPlan body_plan_ = BodyPlan::none;
  TeePlan tee_plan_ = TeePlan::none;
  std::string method_, origin_, host_, upgrade_;
  std::string_view content_type_;  // static, or content_type_text_
  std::string content_type_text_;
  bool wants_stream_ = false;    // Accept: text/event-stream
  bool stateless_ = false;       // by its version header: no session, whatever it says
  bool resumes_ = false;         // Last-Event-ID
  bool session_header_ = false;  // it names a session

  Conversation own_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Session> renewed_;  // known by the id that the server gave once more

  bool carries_rpc_ = false;
  bool over_ = false;
  Observation request_;                // of the message, until it was forwarded
  Events held_;                        // true once the response says so
  std::vector<std::uint64_t> opened_;  // by the request's message, in order
  std::vector<std::uint64_t> asked_;   // by the server in the response
  std::optional<PassingBody> passing_;

  HttpExchangeFacts facts_;
  std::unique_ptr<HttpOperation> operation_;  // on an audited path
  bool metadata_ = false;                     // it asks for authorization metadata
  bool overridden_ = false;  // a header names another method, one that may change something
  bool staged_ = false;      // facts_.interaction_id has an initiated record
  bool stream_ = false;      // it stays open
  std::uint64_t events_ = 0, replayed_ = 0;
  Members endpoint_;  // of HTTP+SSE: where the server wants messages

  Reply reply_;
  bool responded_ = false;
  bool not_found_is_method_ = false;
  bool undecodable_ = false;
  bool metadata_due_ = false;  // such a document that nobody has shown us yet
  RefusalKind refusal_;
};

}  // namespace tally::record
