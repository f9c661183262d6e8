// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange as the recorder sees it. The proxy drives it:
//
//   auto exchange = recorder.begin(head, peer, now);
//   switch (exchange->body_plan()) { none, pass: verdict = exchange->on_request(now);
//                                    whole:      verdict = exchange->on_request_body(text, now); }
//   // obey the verdict, then forward
//   write(exchange->on_response_head(response, now));
//   switch (exchange->tee_plan()) { none:   ;
//                                   json:   write(exchange->on_response_body(text, now));
//                                   events: write(exchange->on_event(event, now)) for each; }
//   write(exchange->on_end({...}, now));                // always, the last call
#pragma once

#include "base/recycled.h"
#include "http/event_stream.h"
#include "http/head.h"
#include "mcp/types.h"
#include "record/http_facts.h"

#include <memory>
#include <string_view>

namespace tally::record {

/// Made by HttpRecorder::begin(). As HttpRecorder: one thread at a time, which has the recorder to
/// itself meanwhile; no call waits, text views are read during the call only.
class HttpExchange : public Recycled<HttpExchange> {
 public:
  class Impl;
  explicit HttpExchange(std::unique_ptr<Impl> impl);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // The request. Exactly one of the four calls that give a verdict.
  [[nodiscard]] BodyPlan body_plan() const;
  /// The X-Request-ID to forward: that of the client, or a new one to be added.
  [[nodiscard]] std::string_view request_id() const;
  [[nodiscard]] Verdict on_request(mcp::Moment now);
  /// `text` = the whole body, content codings undone, as UTF-8 without byte order mark.
  [[nodiscard]] Verdict on_request_body(std::string_view text, mcp::Moment now);
  [[nodiscard]] Verdict on_request_undecodable(const OpaqueBody& body, mcp::Moment now);
  /// The body is longer than is inspected and begins with `head` (decoded). Not forwarded (413)
  /// unless the options say so; when forwarded, the rest goes to on_oversize_bytes(), and
  /// on_oversize_end() follows.
  [[nodiscard]] Verdict on_request_oversize(std::string_view head, mcp::Moment now);
  /// What was to be forwarded was not: no record, or the client left while it was held. The last
  /// call.
  [[nodiscard]] Events not_forwarded(mcp::Moment now);

  // The response. Interim responses (1xx) are not shown.
  [[nodiscard]] Events on_response_head(const http::ResponseHead& head, mcp::Moment now);
  [[nodiscard]] TeePlan tee_plan() const;
  /// The whole body, decoded.
  [[nodiscard]] Events on_response_body(std::string_view text, mcp::Moment now);
  /// One whole event of a stream; one that comes in parts goes to on_oversize_bytes().
  [[nodiscard]] Events on_event(const http::StreamEvent& event, mcp::Moment now);

  /// The body cannot be turned into text (a coding we do not have, broken compression): what it
  /// answers has no outcome that anybody could read here.
  void on_response_undecodable();

  // A body, or the data of one event, too long to be held: all of it in pieces, from its start (of
  // a request: from behind `head`). One at a time; the response's head ends that of the request.
  void on_oversize_bytes(std::string_view bytes);
  /// Before the end of a request's body that has content codings: the body as it was received.
  /// With a reason it could not be decoded to its end, and then nothing that was read counts.
  void on_oversize_received(const OpaqueBody& body);
  /// `complete` is false when it was cut off.
  [[nodiscard]] Events on_oversize_end(bool complete, mcp::Moment now);

  /// Ends it, whatever came before. The last call.
  [[nodiscard]] Events on_end(const HttpEndInfo& info, mcp::Moment now);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::record
