// SPDX-License-Identifier: Apache-2.0
// Exchange: the way of a request to the upstream.
#include "base/limits.h"
#include "http/forward.h"
#include "proxy/exchange.h"

#include <utility>

namespace tally::proxy {
namespace {

/// Reads in one turn: a fast stream must not keep others waiting.
constexpr int kReadsPerTurn = 4;

/// Methods that change nothing (RFC 9110 section 9.2.1), which may therefore be asked twice.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

void Exchange::forward() {
  phase_ = Phase::connecting;
  if (request_complete_) end_oversize();
  queue_request();
  if (gateway_.line.enter(*this, gateway_.loop)) {
    on_turn();
    return;
  }
  in_line_ = true;
  deadline_.set(kConnectWait);
}

void Exchange::on_turn() {
  in_line_ = false;
  has_place_ = true;
  deadline_.clear();
  if (auto stream = gateway_.pool.take()) {
    attach(std::move(stream), true);
    return;
  }
  connect();
}

void Exchange::leave_line() {
  if (std::exchange(in_line_, false)) gateway_.line.forget(*this);
  if (std::exchange(has_place_, false)) gateway_.line.leave();
}

void Exchange::queue_request() {
  http::RequestForwarding how;
  how.framing = framing_;
  how.client_address = peer_.address;
  how.client_tls = peer_.tls;
  how.forwarded = terms_->proxy.forwarded == config::Forwarded::append ? http::Forwarded::append
                                                                       : http::Forwarded::off;
  how.request_id = record_.request_id();
  how.upgrade = upgrade_;
  std::string authority;
  if (!head_.fields.has(http::KnownName::host)) authority = terms_->proxy.upstream.authority();
  how.upstream_authority = authority;
  upstream_out_.append([&](std::string& out) { http::append_forwarded(head_, how, out); });
  if (body_.empty()) {
    if (request_complete_ && framing_.kind == http::BodyKind::chunked) {
      upstream_out_.add(http::last_chunk(body_reader_.trailers()));
    }
    return;
  }
  const bool chunked = framing_.kind == http::BodyKind::chunked;
  if (chunked) upstream_out_.add(http::chunk_head(body_.size()));
  upstream_out_.add_block(std::move(body_));
  body_ = {};
  if (chunked) {
    upstream_out_.add(http::kChunkTail);
    if (request_complete_) upstream_out_.add(http::last_chunk(body_reader_.trailers()));
  }
  budget_.release();
}

void Exchange::connect() {
  gateway_.pools.make_room(gateway_.line.in_use());
  const HttpUrl& upstream = terms_->proxy.upstream;
  connector_ = std::make_unique<net::Connector>(
      gateway_.loop,
      net::Target{upstream.host, upstream.port, gateway_.upstream_tls,
                  terms_->proxy.upstream_tls.server_name, terms_->proxy.timeouts.connect},
      [this](Result<std::unique_ptr<net::Stream>> stream) {
        connector_.reset();
        if (stream) {
          attach(std::move(*stream), false);
          return;
        }
        end_record(record::HttpEnd::upstream_unreachable, 502);
        answer(502);
      });
}

void Exchange::attach(std::unique_ptr<net::Stream> stream, bool reused) {
  phase_ = Phase::exchanging;
  upstream_ = std::move(stream);
  reused_ = reused;
  upstream_->set_handler(this);
  upstream_->want_read();
  deadline_.set(terms_->proxy.timeouts.response_header);
  if (gateway_.activity.alone(gateway_.number)) {
    send_request();
  } else {
    sending_.ask();  // with those of others: the upstream is woken once
  }
}

void Exchange::on_round_end() {
  if (phase_ == Phase::exchanging) send_request();
}

void Exchange::send_request() {
  sending_.clear();
  if (upload_stopped_) return;
  const bool was_full = upstream_out_.size() >= kOutboxHigh;
  switch (upstream_out_.flush(*upstream_)) {
    case Outbox::Flush::empty: break;
    case Outbox::Flush::blocked: upstream_->want_write(); break;
    case Outbox::Flush::failed:
      // It may have answered before it closed; what reading finds decides.
      upload_stopped_ = true;
      upstream_->want_read();
      return;
  }
  if (request_complete_ && upstream_out_.empty() && !response_) {
    deadline_.set(terms_->proxy.timeouts.response_header);
  }
  if (was_full && upstream_out_.size() < kOutboxHigh) client_.body_wanted();
}

void Exchange::on_writable() {
  if (phase_ != Phase::exchanging) return;
  send_request();
  if (phase_ == Phase::exchanging && wants_body()) client_.body_wanted();
}

void Exchange::on_readable() {
  for (int turn = 0; turn < kReadsPerTurn && phase_ == Phase::exchanging; ++turn) {
    if (client_.outbox().size() >= kOutboxHigh) return;  // client_writable() goes on
    const auto scratch = gateway_.loop.scratch();
    const net::IoResult result = upstream_->read(scratch);
    switch (result.kind) {
      case net::IoResult::Kind::done:
        upstream_spoke_ = true;
        take_response({scratch.data(), result.bytes});
        if (result.bytes < scratch.size()) turn = kReadsPerTurn;  // there is hardly more
        break;
      case net::IoResult::Kind::would_block: turn = kReadsPerTurn; break;
      case net::IoResult::Kind::end:
        if (tunnel_) {
          end_tunnel();
          return;
        }
        if (response_reader_ && response_reader_->may_end()) {
          release_start();
          response_ended_ = true;
          response_complete(true);
          return;
        }
        upstream_gone();
        return;
      case net::IoResult::Kind::failed: upstream_gone(); return;
    }
  }
  if (phase_ == Phase::exchanging && client_.outbox().size() < kOutboxHigh) upstream_->want_read();
}

/// Nothing that may have been run is asked for a second time.
bool Exchange::may_try_again() const {
  if (!reused_ || upstream_spoke_ || tried_again_ || !request_complete_) return false;
  if (upstream_out_.written() == 0) return true;
  return is_safe(head_.method) && framing_.kind != http::BodyKind::chunked && framing_.length == 0;
}

void Exchange::upstream_gone() {
  if (tunnel_) {
    end_tunnel();
    return;
  }
  if (response_) {
    response_broken(record::HttpEnd::upstream_broke);
    return;
  }
  if (reused_ && !upstream_spoke_) gateway_.pool.beware();
  if (may_try_again()) {
    tried_again_ = true;
    upload_stopped_ = false;
    const bool sent = upstream_out_.written() > 0;
    upstream_.reset();
    phase_ = Phase::connecting;
    if (sent) {
      upstream_out_.clear();
      queue_request();
    }
    connect();
    return;
  }
  const bool nothing_sent = upstream_out_.written() == 0;
  end_record(nothing_sent ? record::HttpEnd::upstream_unreachable : record::HttpEnd::upstream_broke,
             502);
  answer(502);
}

void Exchange::on_deadline() {
  if (in_line_) {
    end_record(record::HttpEnd::upstream_unreachable, 503);
    answer(503);
    return;
  }
  if (phase_ != Phase::exchanging) return;
  if (response_) {
    response_broken(record::HttpEnd::timed_out);
    return;
  }
  end_record(record::HttpEnd::timed_out, 504);
  answer(504);
}

}  // namespace tally::proxy
