// SPDX-License-Identifier: Apache-2.0
#include "server/connection.h"

#include "base/limits.h"
#include "base/release_memory.h"
#include "server/compress.h"

#include <algorithm>
#include <utility>

namespace tally::server {

Connection::Connection(Service& service, std::uint64_t id, std::unique_ptr<net::Stream> stream,
                       std::string peer, bool peer_is_here)
    : service_(service),
      id_(id),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      peer_is_here_(peer_is_here),
      deadline_(service.loop_.deadlines(), *this) {
  stream_->set_handler(this);
  settle();
}

Connection::~Connection() {
  release_body();
  outbox_.clear();
  charge_answers();
}

void Connection::on_readable() {
  const auto scratch = service_.loop_.scratch();
  const net::IoResult result = stream_->read(scratch);
  switch (result.kind) {
    case net::IoResult::Kind::done:
      if (!lingering_) take({scratch.data(), result.bytes});
      break;
    case net::IoResult::Kind::would_block: break;
    case net::IoResult::Kind::end:
    case net::IoResult::Kind::failed: end(); return;
  }
  if (!over_) settle();
}

void Connection::take(std::string_view bytes) {
  if (closing_) return;
  if (!ahead_.empty()) {
    ahead_.append(bytes);
    return;
  }
  consume(bytes);
  if (!over_ && !closing_) ahead_.append(bytes);
}

void Connection::consume(std::string_view& input) {
  if (std::exchange(consuming_, true)) return;
  // Not while an answer is on its way: who asks and never reads would have them pile up here.
  while (!over_ && !closing_ && !running_ && outbox_.empty() && !input.empty()) {
    if (reading_body_) {
      take_body(input);
    } else {
      take_head(input);
    }
  }
  consuming_ = false;
}

void Connection::take_head(std::string_view& input) {
  const http::HeadStep step = parser_.feed(input);
  if (step.refused()) {
    keep_ = false;
    is_head_ = false;
    running_ = true;
    answer(problem(http::fault_status(step.fault), "this is no acceptable HTTP request"));
    return;
  }
  input.remove_prefix(step.complete() ? std::min(step.used, input.size()) : input.size());
  if (step.complete()) begin(parser_.take());
}

void Connection::begin(http::RequestHead head) {
  ++exchange_;
  is_head_ = head.method == "HEAD";
  minor_ = head.minor;
  framing_ = http::request_framing(head);
  keep_ = http::keeps_alive(head) && !service_.draining_;
  running_ = true;
  const bool has_body = framing_.kind == http::BodyKind::chunked || framing_.length > 0;
  const bool waits = http::expects_continue(head);
  Service::Plan plan = service_.plan(head, peer_, peer_is_here_);
  if (!plan.refusal && has_body && !plan.takes_body) {
    plan.refusal = problem(400, "this operation takes no body");
  }
  if (!plan.refusal && framing_.length > kApiBodyBytesMax) {
    plan.refusal = problem(
        413, "a body may have " + std::to_string(kApiBodyBytesMax) + " bytes; send less at once");
  }
  if (plan.refusal) {
    keep_ = keep_ && !has_body;  // what is not read would be taken for the next request
    answer(std::move(*plan.refusal));
    return;
  }
  request_ = std::move(plan.request);
  if (!has_body) {
    body_done();
    return;
  }
  reading_body_ = true;
  running_ = false;
  body_due_ = service_.clock_.mono() + service_.limits_.body_wait;
  body_left_ = framing_.length;
  chunks_.reset();
  request_->body.reserve(std::min<std::uint64_t>(framing_.length, 64 * kKiB));
  if (waits) {
    outbox_.add("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
  }
}

bool Connection::add_to_body(std::string_view bytes) {
  std::string& body = request_->body;
  Answer refusal;
  if (body.size() + bytes.size() > kApiBodyBytesMax) {
    refusal = problem(
        413, "a body may have " + std::to_string(kApiBodyBytesMax) + " bytes; send less at once");
  } else if (service_.body_bytes_ + bytes.size() > kApiBodiesBytesMax) {
    ++service_.counters_.busy;
    refusal = busy("too many large requests at a time; try again");
  } else {
    service_.body_bytes_ += bytes.size();
    body_charged_ += bytes.size();
    // Once it is known to come, in one go: growing would copy it several times.
    if (body.capacity() < body.size() + bytes.size() && framing_.kind == http::BodyKind::length) {
      body.reserve(static_cast<std::size_t>(framing_.length));
    }
    body.append(bytes);
    return true;
  }
  keep_ = false;
  reading_body_ = false;
  running_ = true;
  answer(std::move(refusal));
  return false;
}

void Connection::take_body(std::string_view& input) {
  if (framing_.kind == http::BodyKind::length) {
    const std::size_t take = std::min<std::uint64_t>(body_left_, input.size());
    if (!add_to_body(input.substr(0, take))) return;
    input.remove_prefix(take);
    body_left_ -= take;
    if (body_left_ == 0) body_done();
    return;
  }
  for (;;) {
    const http::ChunkStep step = chunks_.next(input);
    switch (step.state) {
      case http::ChunkStep::State::need_more: return;
      case http::ChunkStep::State::data:
        if (!add_to_body(step.bytes)) return;
        break;
      case http::ChunkStep::State::end: body_done(); return;
      case http::ChunkStep::State::refused:
        keep_ = false;
        reading_body_ = false;
        running_ = true;
        answer(problem(400,
                       "the chunked body is broken: " + std::string(http::fault_name(step.fault))));
        return;
    }
  }
}

void Connection::release_body() {
  service_.body_bytes_ -= body_charged_;
  body_charged_ = 0;
}

void Connection::body_done() {
  reading_body_ = false;
  running_ = true;
  const http::FieldList& fields = request_->fields;
  std::string accepted;
  for (const std::string_view value : fields.all("accept-encoding")) {
    accepted.append(accepted.empty() ? "" : ",").append(value);
  }
  std::string match;
  for (const std::string_view value : fields.all("if-none-match")) {
    match.append(match.empty() ? "" : ",").append(value);
  }
  if (request_->operation->waits) {
    left_ = std::make_shared<std::atomic<bool>>(false);
    net::HangupHandler& self = *this;  // a private base is one only here
    hangup_.emplace(service_.loop_, stream_->descriptor(), self);
  }
  Reply reply(service_.mailbox_, id_, exchange_, accepts_gzip(accepted), std::move(match), left_);
  auto refusal = service_.start(std::exchange(request_, nullptr), std::move(reply));
  if (refusal) answer(std::move(*refusal));
}

void Connection::on_writable() {
  wait_ = Wait::nothing;  // it moves: the wait begins anew
  flush();
  go_on();
  if (!over_) settle();
}

/// With the next request, when its beginning was read together with the last one.
void Connection::go_on() {
  if (over_ || closing_ || running_ || consuming_ || !outbox_.empty() || ahead_.empty()) return;
  const std::string kept = std::exchange(ahead_, {});
  std::string_view input = kept;
  consume(input);
  if (!over_ && !closing_) ahead_.insert(0, input);
}

/// What waits here counts against what may wait everywhere.
void Connection::charge_answers() {
  service_.answer_bytes_ += outbox_.size();
  service_.answer_bytes_ -= answers_charged_;
  answers_charged_ = outbox_.size();
}

void Connection::flush() {
  if (over_) return;
  switch (outbox_.flush(*stream_)) {
    case proxy::Outbox::Flush::empty: break;
    case proxy::Outbox::Flush::blocked: stream_->want_write(); break;
    case proxy::Outbox::Flush::failed: end(); return;
  }
  charge_answers();
  if (closing_ && outbox_.empty()) {
    begin_linger();
  } else if (source_ != nullptr) {
    pull();
  }
}

/// What is waited for now.
void Connection::settle() {
  if (over_) return;
  if (lingering_) {  // what still comes is read and dropped, so that the answer is not lost with it
    stream_->want_read();
    return;
  }
  if (!outbox_.empty()) {
    wait_for(Wait::stall, kApiStall);
  } else if (running_) {
    wait_for(Wait::nothing, {});
  } else if (reading_body_) {
    wait_ = Wait::nothing;  // every part gives it time anew, but not for ever
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(body_due_ - service_.clock_.mono());
    if (left.count() <= 0) {
      wait_ = Wait::body;
      on_deadline();
      return;
    }
    wait_for(Wait::body, std::min<std::chrono::milliseconds>(left, kApiStall));
  } else if (parser_.started()) {
    wait_for(Wait::head, kApiHeadWait);
  } else {
    wait_for(Wait::idle, kApiIdle);
  }
  // One request at a time: what comes meanwhile stays with the kernel.
  if (!running_ && outbox_.empty()) stream_->want_read();
}

void Connection::wait_for(Wait what, std::chrono::milliseconds limit) {
  if (what == wait_ && what != Wait::nothing) return;
  wait_ = what;
  if (what == Wait::nothing) {
    deadline_.clear();
  } else {
    deadline_.set(limit);
  }
}

void Connection::on_deadline() {
  if (wait_ != Wait::head && wait_ != Wait::body) {
    end();
    return;
  }
  keep_ = false;
  reading_body_ = false;
  running_ = true;
  answer(problem(408, "the request did not come to its end in time"));
  if (!over_) settle();
}

void Connection::drain() {
  keep_ = false;
  const bool idle = !running_ && !reading_body_;
  if (source_ != nullptr) {
    if (!source_->finish()) end();
  } else if (idle && outbox_.empty()) {
    end();
  } else if (idle) {
    closing_ = true;  // after the answer that is still on its way
  }
}

/// Closing a socket with unread bytes resets the connection, and the answer may be lost with it.
void Connection::begin_linger() {
  if (std::exchange(lingering_, true)) return;
  release_memory(ahead_);
  hangup_.reset();
  stream_->finish();
  wait_ = Wait::linger;
  deadline_.set(kLinger);
  stream_->want_read();
}

void Connection::end() {
  if (std::exchange(over_, true)) return;
  deadline_.clear();
  hangup_.reset();
  if (left_ != nullptr) *left_ = true;
  if (source_ != nullptr) --service_.counters_.streams;
  source_ = nullptr;
  outbox_.clear();
  charge_answers();
  stream_.reset();
  service_.ended(*this);
}

}  // namespace tally::server
