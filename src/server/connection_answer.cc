// SPDX-License-Identifier: Apache-2.0
// The answering half of a connection.
#include "base/limits.h"
#include "http/head.h"
#include "server/connection.h"

#include <charconv>
#include <utility>

namespace tally::server {
namespace {

bool has_no_body(int status) { return status == 204 || status == 304; }

std::string hex_size(std::size_t size) {
  std::array<char, 20> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), size, 16);
  return std::string(text.data(), end);
}

}  // namespace

void Connection::deliver(Mailbox::Letter& letter) {
  if (over_ || letter.exchange != exchange_ || !running_) return;
  if (auto* const whole = std::get_if<Answer>(&letter.content)) {
    if (source_ == nullptr && !closing_) answer(std::move(*whole));
  } else if (auto* const part = std::get_if<Result<BodySource::Piece>>(&letter.content)) {
    piece(std::move(*part));
  } else {
    woken_ = true;
    pull();
  }
  if (!over_) settle();
}

void Connection::write_head(const Answer& answer, bool framed) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  head.append(http::reason_phrase(answer.status)).append("\r\nDate: ").append(service_.date());
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append("\r\n").append(name).append(": ").append(value);
  };
  if (!answer.type.empty()) add("Content-Type", answer.type);
  if (chunked_) {
    add("Transfer-Encoding", "chunked");
  } else if (framed && !has_no_body(answer.status)) {
    add("Content-Length", std::to_string(answer.body.size()));
  }
  if (!answer.etag.empty()) add("ETag", "W/\"" + answer.etag + '"');
  add("Cache-Control", answer.immutable      ? "private, max-age=31536000, immutable"
                       : answer.etag.empty() ? "no-store"
                                             : "private, no-cache");
  add("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : answer.fields) add(name, value);
  if (!keep_) {
    add("Connection", "close");
  } else if (minor_ == 0) {
    add("Connection", "keep-alive");
  }
  head += "\r\n\r\n";
  outbox_.add(head);
}

void Connection::answer(Answer answer) {
  if (answer.source == nullptr && answer.body.size() > kSmallAnswerBytes &&
      service_.answer_bytes_ + answer.body.size() > service_.limits_.answers_bytes) {
    ++service_.counters_.busy;
    answer = busy("too many answers wait for clients that read slowly; try again");
  }
  const auto status_class = static_cast<std::size_t>(answer.status / 100);
  if (status_class < service_.counters_.by_status_class.size()) {
    ++service_.counters_.by_status_class[status_class];
  }
  release_body();
  hangup_.reset();
  left_ = nullptr;
  keep_ = keep_ && !answer.close && !service_.draining_;
  const bool streamed = answer.source != nullptr && !is_head_;
  chunked_ = streamed && minor_ == 1;
  if (streamed && !chunked_) keep_ = false;  // the body ends with the connection
  write_head(answer, answer.source == nullptr);
  if (!streamed) {
    if (!is_head_ && !has_no_body(answer.status)) outbox_.add_block(std::move(answer.body));
    answer_over();
    return;
  }
  source_ = std::move(answer.source);
  ++service_.counters_.streams;
  if (source_->lane() != BodySource::Lane::reads) stream_->bound_unsent(kStreamSocketBytes);
  net::HangupHandler& self = *this;  // a private base is one only here
  hangup_.emplace(service_.loop_, stream_->descriptor(), self);
  source_->set_wake([mailbox = service_.mailbox_, id = id_, exchange = exchange_] {
    mailbox->post({id, exchange, Mailbox::Wake{}});
  });
  if (service_.draining_) static_cast<void>(source_->finish());  // it was made before
  flush();
}

/// Asks for the next piece when there is room for it.
void Connection::pull() {
  if (pulling_ || source_ == nullptr) return;
  const BodySource::Lane lane = source_->lane();
  if (outbox_.size() >= (lane == BodySource::Lane::reads ? kOutboxLow : 1)) return;
  if (waiting_ && !woken_) return;
  pulling_ = true;
  waiting_ = woken_ = false;
  service_.pool(lane).resume(
      [source = source_, mailbox = service_.mailbox_, id = id_, exchange = exchange_] {
        mailbox->post({id, exchange, source->next()});
      });
}

void Connection::piece(Result<BodySource::Piece> piece) {
  pulling_ = false;
  if (source_ == nullptr) return;
  if (!piece) {
    end();
    return;
  }
  if (!piece->bytes.empty()) {
    if (chunked_) outbox_.add(hex_size(piece->bytes.size()) + "\r\n");
    outbox_.add_block(std::move(piece->bytes));
    if (chunked_) outbox_.add(http::kChunkTail);
  }
  switch (piece->state) {
    case BodySource::State::more: break;
    case BodySource::State::wait: waiting_ = true; break;
    case BodySource::State::end:
      if (chunked_) outbox_.add(http::kLastChunk);
      --service_.counters_.streams;
      source_ = nullptr;
      hangup_.reset();
      answer_over();
      return;
  }
  flush();
}

void Connection::answer_over() {
  running_ = false;
  chunked_ = false;
  waiting_ = woken_ = false;
  wait_ = Wait::nothing;
  closing_ = !keep_;
  flush();
  go_on();
}

}  // namespace tally::server
