// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange.h"

#include "base/encoding.h"
#include "base/release_memory.h"
#include "proxy/answer.h"
#include "proxy/decoded_pieces.h"

#include <utility>

namespace tally::proxy {
namespace {

/// A body that is not held is decoded up to this many times of what would be held: a quarter of a
/// second's work at most, whatever it expands to.
constexpr std::uint64_t kDecodedTimesMax = 4;
/// Compressed bytes decoded at once.
constexpr std::size_t kDecodeStepBytes = 4 * kKiB;

bool has_body(const http::Framing& framing) {
  return framing.kind == http::BodyKind::chunked || framing.length > 0;
}

}  // namespace

Exchange::Exchange(Gateway& gateway, Client& client, const Peer& peer, http::RequestHead&& head)
    : gateway_(gateway),
      terms_(gateway.terms),
      client_(client),
      peer_(peer),
      active_(std::in_place, gateway.activity, gateway.number),
      deadline_(gateway.loop.deadlines(), *this),
      sending_(gateway.loop.round_ends(), *this),
      head_(std::move(head)),
      framing_(http::request_framing(head_)),
      body_reader_(framing_),
      budget_(gateway.budget) {}

Exchange::~Exchange() {
  leave_line();
  if (waiter_ != 0) gateway_.journal.forget(waiter_);
}

void Exchange::write(record::Events events) { gateway_.journal.write(std::move(events)); }

void Exchange::start(std::string_view& input) {
  request_complete_ = !has_body(framing_);
  keep_client_ = http::keeps_alive(head_);
  upgrade_ = may_upgrade();
  if (take_whole_body(input)) {
    begin_whole();
    return;
  }
  RecorderTurn turn = gateway_.turn();
  record_ = turn.begin(head_, !request_complete_, peer_.seen(), now());
  if (record_.body_plan() != record::BodyPlan::whole || request_complete_) {
    record::Verdict verdict = turn.of(record_).on_request(now());
    obey(std::move(verdict), std::move(turn));
    return;
  }
  turn.give_back();
  collecting_ = true;
  if (framing_.kind == http::BodyKind::length && framing_.length > terms_->limits.body_bytes) {
    too_large();
    return;
  }
  if (http::expects_continue(head_)) {
    answered_continue_ = true;
    client_.outbox().add("HTTP/1.1 100 Continue\r\n\r\n");
    client_.flush();
  }
}

/// A body that came together with its head, all of it, and can be read as it is.
bool Exchange::take_whole_body(std::string_view& input) {
  if (framing_.kind != http::BodyKind::length || framing_.length == 0) return false;
  if (framing_.length > input.size() || framing_.length > terms_->limits.body_bytes) return false;
  const bool coded = head_.fields.has(http::KnownName::content_encoding);
  const auto size = static_cast<std::size_t>(framing_.length);
  if (coded || http::expects_continue(head_) || !budget_.take(size)) return false;
  body_.assign(input.substr(0, size));
  input.remove_prefix(size);
  request_complete_ = true;
  return true;
}

/// As if it came in two parts, but in one turn.
void Exchange::begin_whole() {
  const DecodedBody decoded(head_.fields, body_, terms_->limits.body_bytes);
  const std::string digest = digest_unless_good(decoded);
  RecorderTurn turn = gateway_.turn();
  const mcp::Moment moment = now();
  record_ = turn.begin(head_, true, peer_.seen(), moment);
  if (record_.body_plan() == record::BodyPlan::whole) {
    decide(decoded, digest, std::move(turn), moment);
    return;
  }
  budget_.release();
  record::Verdict verdict = turn.of(record_).on_request(moment);
  obey(std::move(verdict), std::move(turn));
}

/// What a body that nobody can read is recorded by. Made before a turn: it may be long.
std::string Exchange::digest_unless_good(const DecodedBody& decoded) const {
  return decoded.good() ? std::string() : gateway_.recorder.digest()(body_);
}

/// About a body that is here and not too large.
void Exchange::decide(const DecodedBody& decoded, const std::string& digest, RecorderTurn turn,
                      mcp::Moment moment) {
  record::HttpExchange& record = turn.of(record_);
  if (decoded.good()) {
    record::Verdict verdict = record.on_request_body(decoded.text(), moment);
    obey(std::move(verdict), std::move(turn));
    return;
  }
  record::Verdict verdict =
      record.on_request_undecodable({decoded.reason(), body_.size(), digest}, moment);
  obey(std::move(verdict), std::move(turn));
}

void Exchange::obey(record::Verdict verdict, RecorderTurn turn) {
  const bool forwarded = verdict.forward;
  note_verdict(std::move(verdict), std::move(turn));
  act(forwarded);
}

/// `turn` was taken before the recorder was asked: what is opened here may be closed on another
/// loop, and that must come later in the log.
void Exchange::note_verdict(record::Verdict verdict, RecorderTurn turn) {
  refusal_ = std::move(verdict.refusal);
  if (verdict.forward && verdict.must_wait) {
    phase_ = Phase::held;
    waiter_ =
        gateway_.journal.write_durable(std::move(verdict.events), terms_->write_timeout, *this);
    return;
  }
  write(std::move(verdict.events));
  if (!verdict.forward) record_.reset();
  turn.give_back();
}

/// After note_verdict().
void Exchange::act(bool forwarded) {
  if (phase_ == Phase::held) return;
  if (forwarded) {
    forward();
  } else {
    refuse();
  }
}

void Exchange::on_durable(bool durable) {
  waiter_ = 0;
  if (durable) {
    forward();
    if (phase_ != Phase::over && !request_complete_) client_.body_wanted();
    return;
  }
  give_up_held();
  refuse();
}

/// What was held is not forwarded any more.
void Exchange::give_up_held() {
  const RecorderTurn turn = gateway_.turn();
  write(turn.of(record_).not_forwarded(now()));
  record_.reset();
}

bool Exchange::wants_body() const {
  if (tunnel_) return phase_ == Phase::exchanging && upstream_out_.size() < kOutboxHigh;
  if (request_complete_ || upload_stopped_) return false;
  switch (phase_) {
    case Phase::collecting: return true;
    case Phase::connecting:
    case Phase::exchanging: return upstream_out_.size() < kOutboxHigh;
    case Phase::held:
    case Phase::over: return false;
  }
  return false;
}

void Exchange::feed(std::string_view& input) {
  if (tunnel_) return to_server(input);
  while (wants_body()) {
    const http::ChunkStep step = body_reader_.next(input);
    switch (step.state) {
      case http::ChunkStep::State::need_more:
        if (phase_ == Phase::exchanging) send_request();
        return;
      case http::ChunkStep::State::data: take_body(step.bytes); break;
      case http::ChunkStep::State::end:
        request_complete_ = true;
        body_complete();
        return;
      case http::ChunkStep::State::refused: body_refused(step.fault); return;
    }
    // A body of known length says its end only when asked again, which must not wait for bytes.
  }
  if (phase_ == Phase::exchanging) send_request();
}

void Exchange::take_body(std::string_view bytes) {
  if (!collecting_) {
    if (oversize_) {
      DecodedPieces pieces([this](std::string_view piece) { tell_oversize(piece); });
      oversize_->feed(bytes, [&](std::string_view part) { pieces.add(part); });
      pieces.flush();
    }
    if (framing_.kind == http::BodyKind::chunked) {
      upstream_out_.add(http::chunk_head(bytes.size()));
      upstream_out_.add(bytes);
      upstream_out_.add(http::kChunkTail);
    } else {
      upstream_out_.add(bytes);
    }
    return;
  }
  const bool fits =
      body_.size() + bytes.size() <= terms_->limits.body_bytes && budget_.take(bytes.size());
  body_.append(bytes);
  if (!fits) too_large();
}

/// More than is inspected: refused, or passed on with what can be said without holding it.
void Exchange::too_large() {
  collecting_ = false;
  oversize_ = std::make_unique<OversizeBody>(
      head_.fields, kDecodedTimesMax * terms_->limits.body_bytes, gateway_.recorder.digest());
  if (oversize_->is_coded()) {
    too_large_coded();
    return;
  }
  RecorderTurn turn = gateway_.turn();
  record::Verdict verdict = turn.of(record_).on_request_oversize(body_, now());
  obey(std::move(verdict), std::move(turn));
}

/// What the first bytes decode to is decided on; the rest is only told, and only if it is
/// forwarded.
void Exchange::too_large_coded() {
  bool decided = false;
  bool forwarded = true;
  DecodedPieces pieces([&](std::string_view piece) {
    if (std::exchange(decided, true)) {
      if (forwarded) tell_oversize(piece);
      return;
    }
    RecorderTurn turn = gateway_.turn();
    record::Verdict verdict = turn.of(record_).on_request_oversize(piece, now());
    forwarded = verdict.forward;
    note_verdict(std::move(verdict), std::move(turn));
  });
  std::string_view rest = body_;
  while (!rest.empty() && forwarded) {
    const std::string_view some = rest.substr(0, kDecodeStepBytes);
    rest.remove_prefix(some.size());
    oversize_->feed(some, [&](std::string_view part) { pieces.add(part); });
    if (!decided) pieces.flush();
  }
  pieces.flush();
  if (!decided) {
    RecorderTurn turn = gateway_.turn();
    record::Verdict verdict = turn.of(record_).on_request_oversize({}, now());
    forwarded = verdict.forward;
    note_verdict(std::move(verdict), std::move(turn));
  }
  act(forwarded);
}

/// More of a body that is not held, as its receiver reads it.
void Exchange::tell_oversize(std::string_view bytes) {
  const RecorderTurn turn = gateway_.turn();
  turn.of(record_).on_oversize_bytes(bytes);
}

/// All of a body that was not held has been seen.
void Exchange::end_oversize() {
  if (!oversize_ || !record_) return;
  const RecorderTurn turn = gateway_.turn();
  record::HttpExchange& record = turn.of(record_);
  if (const auto received = oversize_->finish()) {
    record.on_oversize_received({received->reason, received->bytes, received->digest});
  }
  oversize_.reset();
  write(record.on_oversize_end(true, now()));
}

void Exchange::body_complete() {
  if (!collecting_) {
    end_oversize();
    if (framing_.kind == http::BodyKind::chunked) {
      upstream_out_.add(http::last_chunk(body_reader_.trailers()));
    }
    if (phase_ == Phase::exchanging) send_request();
    return;
  }
  collecting_ = false;
  const DecodedBody decoded(head_.fields, body_, terms_->limits.body_bytes);
  if (decoded.too_large()) {
    too_large();
    return;
  }
  const std::string digest = digest_unless_good(decoded);
  RecorderTurn turn = gateway_.turn();
  const mcp::Moment moment = now();
  decide(decoded, digest, std::move(turn), moment);
}

/// The body cannot be read to its end, nor can what follows on this connection.
void Exchange::body_refused(http::ChunkFault fault) {
  keep_client_ = false;
  upload_stopped_ = true;
  record::RefusedRequest refused;
  refused.reason = http::fault_name(fault);
  refused.method = head_.method;
  refused.target = head_.target;
  refused.fields = &head_.fields;
  {
    const RecorderTurn turn = gateway_.turn();
    write(turn.recorder().on_refused(refused, peer_.seen(), now()));
  }
  if (phase_ == Phase::collecting) {
    record_.reset();  // nothing was decided, so there is nothing else to say
    answer(400);
    return;
  }
  upstream_.reset();
  if (response_) {
    response_broken(record::HttpEnd::client_left);
    return;
  }
  end_record(record::HttpEnd::client_left, 400);
  answer(400);
}

void Exchange::refuse() { answer(refusal_.status, refusal_.content_type, refusal_.body); }

void Exchange::answer(int status, std::string_view content_type, std::string_view body) {
  if (!request_complete_) keep_client_ = false;
  const bool keep = keep_client_ && !gateway_.draining;
  finish();
  client_.outbox().add(to_bytes({status, content_type, body, !keep, head_.method == "HEAD"}));
  client_.exchange_over(keep);
}

void Exchange::end_record(record::HttpEnd how, std::optional<int> answered) {
  if (!record_) return;
  const RecorderTurn turn = gateway_.turn();
  tell_recorder(turn, false);
  record::HttpEndInfo info;
  info.how = how;
  info.answered = answered;
  info.request_bytes = request_bytes_;
  info.nothing_sent = phase_ == Phase::connecting;
  end_record(turn, info, now());
}

void Exchange::end_record(const RecorderTurn& turn, const record::HttpEndInfo& info,
                          mcp::Moment moment) {
  record::HttpEndInfo whole = info;
  whole.response_bytes = response_bytes_;
  whole.endpoint_rewritten = endpoint_rewritten_;
  write(turn.of(record_).on_end(whole, moment));
  tee_.reset();
  record_.reset();
}

/// Nothing happens here any more.
void Exchange::finish() {
  phase_ = Phase::over;
  deadline_.clear();
  sending_.clear();
  connector_.reset();
  upstream_.reset();
  upstream_out_.clear();
  release_memory(body_);
  budget_.release();
  leave_line();
  if (waiter_ != 0) gateway_.journal.forget(std::exchange(waiter_, 0));
}

void Exchange::client_left() {
  if (phase_ == Phase::over) return;
  if (phase_ == Phase::held) give_up_held();
  end_record(tunnel_ ? record::HttpEnd::tunnelled : record::HttpEnd::client_left, std::nullopt);
  finish();
}

void Exchange::cut() {
  if (phase_ == Phase::over) return;
  if (phase_ == Phase::held) give_up_held();
  end_record(record::HttpEnd::drained, std::nullopt);
  finish();
}

}  // namespace tally::proxy
