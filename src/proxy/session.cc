// SPDX-License-Identifier: Apache-2.0
#include "proxy/session.h"

#include "base/release_memory.h"
#include "net/peer_certificate.h"
#include "proxy/answer.h"
#include "proxy/client_certificate.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {

Session::Session(Gateway& gateway, std::unique_ptr<net::Stream> stream, Peer peer, Ended ended)
    : gateway_(gateway),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      ended_(std::move(ended)),
      deadline_(gateway.loop.deadlines(), *this),
      answering_(gateway.loop.round_ends(), *this) {
  stream_->set_handler(this);
  settle();
}

Session::~Session() = default;

void Session::on_readable() {
  const auto scratch = gateway_.loop.scratch();
  const net::IoResult result = stream_->read(scratch);
  switch (result.kind) {
    case net::IoResult::Kind::done:
      if (!std::exchange(spoke_, true)) greet();
      if (!lingering_) take({scratch.data(), result.bytes});
      break;
    case net::IoResult::Kind::would_block: break;
    case net::IoResult::Kind::end:
    case net::IoResult::Kind::failed: peer_gone(); return;
  }
  if (!over_) settle();
}

/// The handshake is done.
void Session::greet() {
  const config::ClientCertificates& asked = gateway_.terms->proxy.client_certificates;
  if (!peer_.tls || asked.ca_file.empty()) return;
  if (const auto shown = stream_->certificate()) {
    peer_.certificate =
        std::make_shared<const identity::Certificate>(client_certificate(*shown, asked.name));
  }
}

void Session::take(std::string_view bytes) {
  if (closing_) return;
  if (!ahead_.empty()) {
    ahead_.append(bytes);
    bytes = {};
  } else {
    consume(bytes);
  }
  if (over_ || closing_) return;
  ahead_.append(bytes);
  if (ahead_.empty()) return;
  body_wanted();
}

/// Goes through what was kept. Also called by an exchange that can take more of its body.
void Session::body_wanted() {
  if (consuming_ || over_ || closing_) return;
  const std::string kept = std::exchange(ahead_, {});
  std::string_view input = kept;
  consume(input);
  if (over_ || closing_) return;
  ahead_.insert(0, input);
  settle();
}

void Session::consume(std::string_view& input) {
  if (std::exchange(consuming_, true)) return;
  while (!over_ && !closing_) {
    if (exchange_ != nullptr) {
      if (!exchange_->wants_body()) break;
      const std::size_t before = input.size();
      exchange_->feed(input);
      if (exchange_ != nullptr && input.size() == before) break;
      continue;
    }
    // Who does not read its answers is not asked for more that would be answered.
    if (input.empty() || outbox_.size() >= kOutboxHigh) break;
    take_head(input);
  }
  consuming_ = false;
}

void Session::take_head(std::string_view& input) {
  if (parser_ == nullptr) {
    parser_ = std::make_unique<http::RequestParser>(
        http::HeadLimits{gateway_.terms->limits.header_bytes});
  }
  const http::HeadStep step = parser_->feed(input);
  if (step.refused()) {
    refused(step.fault);
    return;
  }
  input.remove_prefix(step.complete() ? std::min(step.used, input.size()) : input.size());
  if (!step.complete()) return;
  exchange_ = std::make_unique<Exchange>(gateway_, *this, peer_, parser_->take());
  parser_.reset();
  exchange_->start(input);
}

void Session::write_refused(const record::RefusedRequest& refused) {
  const RecorderTurn turn = gateway_.turn();
  gateway_.journal.write(
      turn.recorder().on_refused(refused, peer_.seen(), mcp::moment_of(gateway_.clock)));
}

void Session::refused(http::HeadFault fault) {
  const int status = http::fault_status(fault);
  record::RefusedRequest refused;
  refused.reason = http::fault_name(fault);
  refused.status = status;
  refused.method = parser_->head().method;
  refused.target = parser_->head().target;
  refused.fields = &parser_->head().fields;
  write_refused(refused);
  outbox_.add(to_bytes({status, {}, {}, true, false}));
  closing_ = true;
  flush();
}

void Session::flush() {
  if (over_) return;
  const bool was_full = outbox_.size() >= kOutboxLow;
  switch (outbox_.flush(*stream_)) {
    case Outbox::Flush::empty: break;
    case Outbox::Flush::blocked: stream_->want_write(); break;
    case Outbox::Flush::failed: peer_gone(); return;
  }
  if (closing_ && outbox_.empty()) {
    begin_linger();
  } else if (was_full && outbox_.size() < kOutboxLow) {
    if (exchange_ != nullptr) {
      exchange_->client_writable();
    } else if (!ahead_.empty()) {
      body_wanted();
    }
  }
}

void Session::on_writable() {
  wait_ = Wait::nothing;  // it moves: the wait begins anew
  flush();
  if (!over_) settle();
}

void Session::on_hangup() { peer_gone(); }

void Session::exchange_over(bool keep) {
  gateway_.graveyard.bury(std::move(exchange_));
  exchange_ = nullptr;
  closing_ = closing_ || !keep || gateway_.draining;
  wait_ = Wait::nothing;
  deadline_.clear();  // it was for the exchange; what is waited for now is settled later
  if (outbox_.empty()) {
    on_round_end();
  } else {
    answering_.ask();  // with the answers of others: their receivers are woken together
  }
}

void Session::on_round_end() {
  flush();
  if (over_) return;
  if (!ahead_.empty() && !closing_) {
    body_wanted();
  } else {
    settle();
  }
}

void Session::exchange_broken() {
  gateway_.graveyard.bury(std::move(exchange_));
  end();
}

void Session::peer_gone() {
  if (over_) return;
  if (exchange_ != nullptr) {
    exchange_->client_left();
    gateway_.graveyard.bury(std::move(exchange_));
  } else if (parser_ != nullptr && parser_->started() && !closing_) {
    record::RefusedRequest cut_off;
    cut_off.reason = "cut off";
    cut_off.status = 0;
    cut_off.method = parser_->head().method;
    cut_off.target = parser_->head().target;
    write_refused(cut_off);
  }
  end();
}

/// Closing a socket with unread bytes resets the connection, and the answer may be lost with it.
void Session::begin_linger() {
  if (std::exchange(lingering_, true)) return;
  release_memory(ahead_);
  hangup_.reset();
  stream_->finish();
  wait_for(Wait::linger, kLinger);
  stream_->want_read();
}

/// What is waited for now.
void Session::settle() {
  if (lingering_) {
    stream_->want_read();
    return;
  }
  if (ahead_.size() < kReadAheadBytes) {
    hangup_.reset();
    stream_->want_read();
  } else if (!hangup_) {
    // Nobody reads, so nobody would find the end behind what is unread.
    net::HangupHandler& self = *this;
    hangup_.emplace(gateway_.loop, stream_->descriptor(), self);
  }
  const config::ProxyTimeouts& timeouts = gateway_.terms->proxy.timeouts;
  if (!outbox_.empty()) {
    wait_for(Wait::stall, kClientStall);
  } else if (exchange_ != nullptr) {
    if (exchange_->wants_body() && !exchange_->is_tunnel()) {
      wait_ = Wait::nothing;  // from each read anew
      wait_for(Wait::body, timeouts.request_body);
    } else {
      wait_for(Wait::nothing, {});
    }
  } else if (parser_ != nullptr && parser_->started()) {
    wait_for(Wait::header, timeouts.request_header);
  } else {
    parser_.reset();
    const bool greeted = spoke_ || !peer_.tls;
    wait_for(Wait::idle, greeted ? timeouts.client_idle : timeouts.tls_handshake);
  }
}

void Session::wait_for(Wait what, std::chrono::milliseconds limit) {
  if (what == Wait::nothing) {
    deadline_.clear();
  } else if (what != wait_ || !deadline_.is_set()) {
    deadline_.set(limit);
  }
  wait_ = what;
}

void Session::on_deadline() {
  const Wait what = std::exchange(wait_, Wait::nothing);
  if (what == Wait::header) {
    record::RefusedRequest slow;
    slow.reason = "head not complete in time";
    slow.status = 408;
    slow.method = parser_->head().method;
    slow.target = parser_->head().target;
    write_refused(slow);
    outbox_.add(to_bytes({408, {}, {}, true, false}));
    closing_ = true;
    flush();
    return;
  }
  if (exchange_ != nullptr) {
    exchange_->client_left();
    gateway_.graveyard.bury(std::move(exchange_));
  }
  end();
}

void Session::drain() {
  if (over_ || exchange_ != nullptr) return;
  closing_ = true;
  if (!outbox_.empty()) return;  // ends when it was written
  stream_->finish();
  end();
}

void Session::cut() {
  if (over_) return;
  if (exchange_ != nullptr) {
    exchange_->cut();
    gateway_.graveyard.bury(std::move(exchange_));
  }
  end();
}

void Session::end() {
  if (std::exchange(over_, true)) return;
  // It is recorded as given, so whoever only ended its own direction gets it.
  if (answering_.is_asked()) static_cast<void>(outbox_.flush(*stream_));
  answering_.clear();
  deadline_.clear();
  hangup_.reset();
  stream_.reset();
  ended_(*this);
}

}  // namespace tally::proxy
