// SPDX-License-Identifier: Apache-2.0
// Exchange: the way of a response back to the client, and of a copy to the recorder.
#include "base/encoding.h"
#include "http/chars.h"
#include "http/forward.h"
#include "http/media_type.h"
#include "proxy/decoded_pieces.h"
#include "proxy/exchange.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {
namespace {

bool is_event_stream(const http::ResponseHead& head) {
  const auto type = head.fields.find(http::KnownName::content_type);
  return type && http::is_event_stream(*type);
}

}  // namespace

void Exchange::take_response(std::string_view bytes) {
  if (tunnel_) {
    to_client(bytes);
    return;
  }
  pieces_.clear();
  bool refused = false;
  while (phase_ == Phase::exchanging && !response_ended_) {
    if (!response_) {
      if (!take_head(bytes)) break;
      continue;
    }
    const http::ChunkStep step = response_reader_->next(bytes);
    if (step.state == http::ChunkStep::State::need_more) break;
    if (step.state == http::ChunkStep::State::data) {
      pass_body(step.bytes);
      continue;
    }
    refused = step.state == http::ChunkStep::State::refused;
    if (refused) break;
    release_start();
    if (client_framing_.kind == http::BodyKind::chunked) {
      client_.outbox().add(http::last_chunk(response_reader_->trailers()));
    }
    response_ended_ = true;
  }
  if (phase_ != Phase::exchanging || tunnel_) return;
  pass_and_tell();
  if (phase_ != Phase::exchanging) return;
  if (refused) {
    response_broken(record::HttpEnd::upstream_broke);
    return;
  }
  if (response_ && !response_ended_) {
    if (is_stream_) {
      deadline_.clear();
    } else {
      deadline_.set(terms_->proxy.timeouts.response_body);
    }
  }
  if (response_ended_) response_complete(!bytes.empty());
}

/// What the recorder has not been told of what was read.
bool Exchange::has_news() const {
  if (!response_ || !record_) return false;
  return !response_told_ || response_ended_ || (tee_ && !pieces_.empty());
}

/// What a client does once it has these bytes must come after them in the log, on whatever loop and
/// at whatever upstream it does it. So they are recorded first. But where there is one loop, or one
/// upstream and nothing under way on another loop, the client gets them at once and not some
/// microseconds later: what it does then waits for the same turn.
void Exchange::pass_and_tell() {
  if (!has_news()) {
    pieces_.clear();
    client_.flush();
    return;
  }
  const Activity& activity = gateway_.activity;
  const bool first = coded_ ? activity.one_loop() : activity.alone(gateway_.number);
  if (coded_) {
    if (first) client_.flush();
    if (phase_ == Phase::exchanging) tell_coded();
  } else {
    const RecorderTurn turn = gateway_.turn();
    if (first) client_.flush();  // may find that the client has left, and end everything
    if (phase_ == Phase::exchanging) tell_recorder(turn, response_ended_);
  }
  // The last bytes go out with the end of the exchange.
  if (!first && !response_ended_) client_.flush();
}

/// Whether there is more to do with `bytes`.
bool Exchange::take_head(std::string_view& bytes) {
  if (bytes.empty()) return false;
  if (!response_parser_) {
    response_parser_.emplace(http::HeadLimits{terms_->limits.header_bytes});
  }
  const http::HeadStep step = response_parser_->feed(bytes);
  bytes.remove_prefix(std::min(step.used, bytes.size()));
  if (step.refused()) {
    end_record(record::HttpEnd::upstream_broke, 502);
    answer(502);
    return false;
  }
  if (!step.complete()) return false;
  http::ResponseHead head = response_parser_->take();
  if (head.status == 101) {
    if (!upgrade_ || !upstream_out_.empty()) {  // it was not asked, so nobody knows what follows
      end_record(record::HttpEnd::upstream_broke, 502);
      answer(502);
      return false;
    }
    http::ResponseForwarding how;
    how.upgrade = true;
    client_.outbox().append([&](std::string& out) { http::append_forwarded(head, how, out); });
    response_ = std::move(head);
    begin_tunnel(std::exchange(bytes, {}));
    return false;
  }
  if (http::is_interim(head)) {
    pass_interim(head);
  } else {
    begin_response(std::move(head));
  }
  return true;
}

void Exchange::pass_interim(const http::ResponseHead& head) {
  const bool known = head.status == 100 && answered_continue_;
  if (head_.minor == 0 || known) return;
  http::ResponseForwarding how;
  how.client_minor = head_.minor;
  client_.outbox().append([&](std::string& out) { http::append_forwarded(head, how, out); });
}

void Exchange::begin_response(http::ResponseHead&& head) {
  response_framing_ = http::response_framing(head, head_.method);
  client_framing_ = http::framing_for_client(response_framing_, head_.minor);
  if (!request_complete_ || !upstream_out_.empty()) {
    // An answer before the end of the request: the rest is of no use to anybody.
    upload_stopped_ = true;
    keep_client_ = false;
  }
  if (client_framing_.kind == http::BodyKind::until_close || gateway_.draining) {
    keep_client_ = false;
  }
  http::ResponseForwarding how;
  how.framing = client_framing_;
  how.client_minor = head_.minor;
  how.close = !keep_client_;
  client_.outbox().append([&](std::string& out) { http::append_forwarded(head, how, out); });
  response_reader_.emplace(response_framing_);
  coded_ = head.fields.has(http::KnownName::content_encoding);
  is_stream_ = is_event_stream(head);
  if (is_stream_) {  // it may stay for hours
    leave_line();
    active_.reset();
  }
  response_ = std::move(head);
  watch_endpoint();
}

/// HTTP+SSE: the stream may begin with an address that leads past us.
void Exchange::watch_endpoint() {
  if (!is_stream_ || head_.method != "GET" || response_->status != 200 || coded_) return;
  if (client_framing_.kind == http::BodyKind::length) return;  // its length was announced
  endpoint_ = std::make_unique<EndpointRewriter>(terms_->proxy.upstream, terms_->proxy.public_url);
}

/// What was held of the stream's start goes on as it is.
void Exchange::release_start() {
  if (!endpoint_) return;
  pass_on(endpoint_->finish());
  endpoint_.reset();
}

void Exchange::pass_body(std::string_view bytes) {
  pieces_.push_back(bytes);
  if (!endpoint_) {
    pass_on(bytes);
    return;
  }
  std::string ready;
  endpoint_->feed(bytes, ready);
  pass_on(ready);
  if (!endpoint_->done()) return;
  endpoint_rewritten_ = endpoint_->rewritten();
  endpoint_.reset();
}

void Exchange::pass_on(std::string_view bytes) {
  if (bytes.empty()) return;
  response_bytes_ += bytes.size();
  Outbox& out = client_.outbox();
  if (client_framing_.kind == http::BodyKind::chunked) {
    out.add(http::chunk_head(bytes.size()));
    out.add(bytes);
    out.add(http::kChunkTail);
  } else {
    out.add(bytes);
  }
}

/// What came since the last time; `complete` when the body is over, and with it the record.
void Exchange::tell_recorder(const RecorderTurn& turn, bool complete) {
  if (!response_ || !record_) return;
  const mcp::Moment moment = now();
  record::Events events = tell_head(turn, moment);
  if (tee_) {
    record::HttpExchange& record = turn.of(record_);
    const std::size_t fed = complete && !pieces_.empty() ? pieces_.size() - 1 : pieces_.size();
    for (std::size_t i = 0; i < fed; ++i) tee_->feed(record, pieces_[i], moment, events);
    if (fed < pieces_.size()) {
      tee_->take_whole(record, pieces_.back(), moment, events);
    } else if (complete) {
      tee_->finish(record, true, moment, events);
    }
  }
  pieces_.clear();
  write(std::move(events));
  if (complete) end_record(turn, {}, moment);
}

/// What there is to write; nothing if the recorder knows the head.
record::Events Exchange::tell_head(const RecorderTurn& turn, mcp::Moment moment) {
  if (std::exchange(response_told_, true)) return {};
  record::HttpExchange& record = turn.of(record_);
  record::Events events = record.on_response_head(*response_, moment);
  const record::TeePlan plan = record.tee_plan();
  if (plan != record::TeePlan::none) {
    tee_.emplace(record, plan, response_->fields, terms_->limits.body_bytes, gateway_.budget);
  }
  return events;
}

/// As tell_recorder(), but others have their turns while content codings are undone, and between
/// the pieces of what comes out.
void Exchange::tell_coded() {
  if (!response_told_) {
    const RecorderTurn turn = gateway_.turn();
    write(tell_head(turn, now()));
  }
  if (tee_) {
    DecodedPieces pieces([this](std::string_view piece) {
      const RecorderTurn turn = gateway_.turn();
      record::Events events;
      tee_->take(turn.of(record_), piece, now(), events);
      write(std::move(events));
    });
    for (const std::string_view each : pieces_) {
      tee_->decode(each, [&](std::string_view part) { pieces.add(part); });
    }
    pieces.flush();
  }
  pieces_.clear();
  const bool fault = tee_ && tee_->has_fault();
  if (!fault && !response_ended_) return;
  const RecorderTurn turn = gateway_.turn();
  if (fault) tee_->tell_fault(turn.of(record_));
  if (response_ended_) tell_recorder(turn, true);
}

void Exchange::response_complete(bool surplus) {
  if (record_) {
    const RecorderTurn turn = gateway_.turn();
    tell_recorder(turn, true);
  }
  const bool reusable = !surplus && !upload_stopped_ && request_complete_ &&
                        upstream_out_.empty() && http::keeps_alive(*response_, response_framing_);
  if (reusable) {
    upstream_->set_handler(nullptr);
    gateway_.pool.put(std::move(upstream_), idle_time());
  }
  const bool keep = keep_client_ && request_complete_;
  finish();
  client_.exchange_over(keep);
}

void Exchange::response_broken(record::HttpEnd how) {
  if (tee_ && record_) {
    const RecorderTurn turn = gateway_.turn();
    record::Events events;
    tee_->finish(turn.of(record_), false, now(), events);
    write(std::move(events));
  }
  end_record(how, std::nullopt);
  finish();
  client_.exchange_broken();
}

/// Contract 4: a second less than the upstream announced, so that it is not closed under a request.
std::chrono::milliseconds Exchange::idle_time() const {
  std::chrono::milliseconds idle = terms_->proxy.timeouts.upstream_idle;
  for (const std::string_view member : response_->fields.list("keep-alive")) {
    if (!http::starts_with_no_case(member, "timeout=")) continue;
    const auto seconds = parse_decimal(member.substr(8));
    if (!seconds) continue;
    const std::uint64_t usable = *seconds > 0 ? std::min<std::uint64_t>(*seconds - 1, 3'600) : 0;
    idle = std::min(idle, std::chrono::milliseconds(usable * 1'000));
  }
  return idle;
}

void Exchange::client_writable() {
  if (phase_ == Phase::exchanging) upstream_->want_read();
}

}  // namespace tally::proxy
