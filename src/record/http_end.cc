// SPDX-License-Identifier: Apache-2.0
// The end of an exchange: what came of requests that nothing answered, of streams and sessions.
#include "record/exchange_record.h"
#include "record/http_exchange_impl.h"

#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

/// Reason of an end that is none of the server's saying.
std::string_view reason_of(HttpEnd how) {
  switch (how) {
    case HttpEnd::complete: return "no_response";
    case HttpEnd::upstream_unreachable: return "upstream_unreachable";
    case HttpEnd::upstream_broke: return "upstream_broke";
    case HttpEnd::client_left: return "disconnected";
    case HttpEnd::timed_out: return "timed_out";
    case HttpEnd::drained: return "drained";
    case HttpEnd::tunnelled: return "tunnelled";
  }
  return {};
}

/// What an end means for something whose outcome was not seen.
EventResult result_of_end(HttpEnd how, bool responded) {
  switch (how) {
    case HttpEnd::upstream_unreachable: return EventResult::error;
    // Without a response nobody knows what the server did with it (contract 4: 502, unknown).
    case HttpEnd::upstream_broke: return responded ? EventResult::error : EventResult::unknown;
    case HttpEnd::complete:
    case HttpEnd::client_left:
    case HttpEnd::timed_out:
    case HttpEnd::drained:
    case HttpEnd::tunnelled: return EventResult::unknown;
  }
  return EventResult::unknown;
}

}  // namespace

/// One request that this exchange carried and that has no response. In a session of 2025-11-25 and
/// before the response may still come: on another stream, or on that of HTTP+SSE.
void HttpExchange::Impl::end_request(Events& out, std::uint64_t serial, HttpEnd how,
                                     mcp::Moment now) {
  mcp::Exchange* exchange = recorder_.core.exchanges.find_serial(serial);
  if (exchange == nullptr) return;
  const bool stateless = exchange->version.stateless;
  const bool in_session = session_ != nullptr && !session_->key.empty() && !stateless;
  if (responded_ && reply_.status >= 400) {
    recorder_.close_request(out, serial, result_of_status(reply_.status), "http_status", now);
    return;
  }
  if (how == HttpEnd::client_left && stateless) {
    // Closing the response stream is the cancellation (2026-07-28, Streamable HTTP).
    recorder_.core.exchanges.cancel(*exchange, now);
    recorder_.close_request(out, serial, EventResult::unknown, "cancelled", now);
    return;
  }
  if (in_session && session_->legacy && reply_.status < 300 && responded_) return;
  const bool streamed = tee_plan_ == TeePlan::events || (reply_.status == 202 && !undecodable_);
  const bool may_resume = how == HttpEnd::client_left || how == HttpEnd::upstream_broke ||
                          (how == HttpEnd::complete && streamed);
  if (in_session && may_resume && (responded_ ? streamed : how == HttpEnd::client_left)) {
    recorder_.core.exchanges.lose(*exchange, now);
    return;
  }
  std::string_view reason = reason_of(how);
  if (how == HttpEnd::complete && reply_.status >= 300) reason = "redirected";
  if (how == HttpEnd::upstream_broke && !responded_) reason = "no_response";
  if (how == HttpEnd::complete && undecodable_) reason = "undecodable";
  recorder_.close_request(out, serial, result_of_end(how, responded_), reason, now);
}

void HttpExchange::Impl::end_requests(Events& out, HttpEnd how, mcp::Moment now) {
  for (const std::uint64_t serial : opened_) end_request(out, serial, how, now);
  // Without a session there is no way left on which the server could be answered.
  for (const std::uint64_t serial : asked_) {
    recorder_.close_request(out, serial, EventResult::unknown,
                            how == HttpEnd::complete ? "stream_closed" : reason_of(how), now);
  }
}

HttpOutcome HttpExchange::Impl::http_outcome(HttpEnd how) const {
  HttpOutcome out;
  out.status = reply_.status;
  out.error = reply_.error;
  out.result = result_of_status(reply_.status);
  if (how == HttpEnd::complete) {
    if (!responded_) out.result = EventResult::unknown;
    return out;
  }
  out.reason = reason_of(how);
  if (how == HttpEnd::tunnelled) return out;
  // Whoever opened a stream may leave it.
  if (stream_ && how == HttpEnd::client_left) return out;
  if (!responded_ && how == HttpEnd::upstream_broke && watched_method()) {
    out.result = EventResult::unknown;
  } else if (how == HttpEnd::upstream_unreachable || how == HttpEnd::upstream_broke) {
    out.result = EventResult::error;
  } else if (out.result == EventResult::success || !responded_) {
    out.result = EventResult::unknown;
  }
  return out;
}

/// The one event of an exchange that carried no message, and the end of a stream.
void HttpExchange::Impl::end_http(Events& out, const HttpEndInfo& info, mcp::Moment now) {
  const HttpEnd how = info.how;
  const bool has_record = stream_ || staged_;
  if ((carries_rpc_ && !has_record) || http_level() == policy::Level::none) return;
  HttpOutcome outcome = http_outcome(how);
  std::string_view name = http_name();
  Members extra;
  if (stream_) {
    if (route_ == HttpRoute::mcp) {
      name = "mcp-stream";
      extra.string("stream", session_ && session_->legacy ? "http+sse" : "get");
      extra.join(endpoint_.text());
      if (info.endpoint_rewritten) extra.boolean("endpoint_rewritten", true);
    }
    extra.number("events", events_);
    if (replayed_ > 0) extra.number("replayed_events", replayed_);
  } else if (!operation_ && route_ == HttpRoute::mcp && !refusal_.event_name.empty() && !staged_) {
    name = refusal_.event_name;
    extra.join(refusal_.members);
  }
  if (how == HttpEnd::tunnelled || reply_.status == 101) {
    if (!upgrade_.empty()) extra.string("upgrade", upgrade_);
    extra.number("bytes_from_client", info.request_bytes);
    extra.number("bytes_from_server", info.response_bytes);
  }
  outcome.extra = extra.take();
  if (operation_) {
    if (!stream_) name = operation_->judge(outcome, refusal_);
    operation_->describe(recorder_.core.context, facts_);
    const bool reached = !info.nothing_sent && how != HttpEnd::upstream_unreachable;
    operation_->conclude(outcome.result, reached, recorder_.objects, started_.mono, now, facts_);
  }
  out.push_back(http_event(recorder_.core.context, name, facts_, outcome, now));
}

void HttpExchange::Impl::end_of_session(Events& out, HttpEnd how, mcp::Moment now) {
  if (!session_ || session_->key.empty()) return;
  if (session_->legacy) {
    if (!stream_) return;
    recorder_.end_session(out, *session_,
                          how == HttpEnd::complete ? "stream_closed" : reason_of(how), now);
  } else if (method_ == "DELETE" && reply_.status >= 200 && reply_.status < 300) {
    recorder_.end_session(out, *session_, "deleted", now);
  } else if (reply_.status == 404 && session_header_ && !not_found_is_method_ &&
             how == HttpEnd::complete) {
    recorder_.end_session(out, *session_, "not_found", now);
  }
}

Events HttpExchange::Impl::on_end(const HttpEndInfo& info, mcp::Moment now) {
  Events out;
  if (over_) return out;
  enter();
  if (passing_) out = on_oversize_end(false, now);
  // Too long to be held, or in a coding that we cannot undo.
  if (metadata_due_ && info.how == HttpEnd::complete) lose_metadata(out, {}, now);
  if (info.answered && !responded_) {
    reply_.status = *info.answered;
    Members http;
    http.number("status", static_cast<std::uint64_t>(*info.answered));
    http.string("answered_by", "proxy");
    reply_.http = http.take();
  }
  enter();
  flush_held(out, result_of_end(info.how, responded_), reason_of(info.how));
  end_requests(out, info.how, now);
  end_http(out, info, now);
  end_of_session(out, info.how, now);
  over_ = true;
  return out;
}

}  // namespace tally::record
