// SPDX-License-Identifier: Apache-2.0
#include "proxy/response_tee.h"

#include "base/limits.h"
#include "base/release_memory.h"
#include "http/charset.h"
#include "proxy/decoded_body.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace tally::proxy {
namespace {

void append(record::Events& out, record::Events more) {
  if (out.empty()) {
    out = std::move(more);
    return;
  }
  out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

ResponseTee::ResponseTee(record::HttpExchange& exchange, record::TeePlan plan,
                         const http::FieldList& fields, std::size_t bytes_max, BodyBudget& budget)
    : plan_(plan),
      charset_(charset_of(fields)),
      bytes_max_(plan == record::TeePlan::object     ? std::min(bytes_max, kObjectBodyBytesMax)
                 : plan == record::TeePlan::metadata ? std::min(bytes_max, kMetadataBytesMax)
                                                     : bytes_max),
      budget_(budget) {
  if (plan == record::TeePlan::none) return;
  const auto codings = http::content_codings(fields);
  readable_ = codings.has_value();
  if (!readable_) exchange.on_response_undecodable();
  // A long result is read to its end for its outcome, however long it is.
  if (readable_ && !codings->empty()) {
    decoder_.emplace(*codings, std::numeric_limits<std::uint64_t>::max());
  }
  if (plan == record::TeePlan::events) {
    events_ = std::make_unique<http::EventStreamReader>(bytes_max);
  }
}

void ResponseTee::feed(record::HttpExchange& exchange, std::string_view bytes, mcp::Moment now,
                       record::Events& out) {
  if (!decoder_) {
    if (!bytes.empty()) take(exchange, bytes, now, out);
    return;
  }
  decode(bytes, [&](std::string_view part) { take(exchange, part, now, out); });
  if (has_fault()) tell_fault(exchange);
}

void ResponseTee::decode(std::string_view bytes, const http::ByteConsumer& out) {
  if (!readable_ || fault_ || bytes.empty()) return;
  if (decoder_) {
    fault_ = decoder_->feed(bytes, out) != http::DecodeState::good;
  } else {
    out(bytes);
  }
}

void ResponseTee::tell_fault(record::HttpExchange& exchange) {
  readable_ = false;
  if (!oversize_) exchange.on_response_undecodable();
}

void ResponseTee::take(record::HttpExchange& exchange, std::string_view bytes, mcp::Moment now,
                       record::Events& out) {
  if (!readable_) return;
  if (plan_ == record::TeePlan::events) {
    read_events(exchange, bytes, now, out);
  } else {
    collect(exchange, bytes);
  }
}

void ResponseTee::collect(record::HttpExchange& exchange, std::string_view bytes) {
  if (!oversize_ && collected_.size() + bytes.size() <= bytes_max_ && budget_.take(bytes.size())) {
    collected_.append(bytes);
    return;
  }
  if (plan_ == record::TeePlan::object || plan_ == record::TeePlan::metadata) {
    readable_ = false;  // nobody wants a part of it
    release_memory(collected_);
    budget_.release();
    return;
  }
  if (!std::exchange(oversize_, true)) {
    exchange.on_oversize_bytes(collected_);
    release_memory(collected_);
    budget_.release();
  }
  exchange.on_oversize_bytes(bytes);
}

void ResponseTee::read_events(record::HttpExchange& exchange, std::string_view bytes,
                              mcp::Moment now, record::Events& out) {
  using State = http::StreamStep::State;
  for (;;) {
    const http::StreamStep step = events_->next(bytes);
    switch (step.state) {
      case State::need_more: return;
      case State::event:
      case State::block: append(out, exchange.on_event(step.event, now)); break;
      case State::part:
        oversize_ = true;
        exchange.on_oversize_bytes(step.event.data);
        break;
      case State::last_part:
        oversize_ = false;
        exchange.on_oversize_bytes(step.event.data);
        append(out, exchange.on_oversize_end(true, now));
        break;
    }
  }
}

void ResponseTee::finish(record::HttpExchange& exchange, bool complete, mcp::Moment now,
                         record::Events& out) {
  if (oversize_) {
    append(out, exchange.on_oversize_end(complete && readable_, now));
  } else if (plan_ != record::TeePlan::events && complete && readable_) {
    tell_body(exchange, collected_, now, out);
  }
  release_memory(collected_);
  budget_.release();
}

void ResponseTee::take_whole(record::HttpExchange& exchange, std::string_view bytes,
                             mcp::Moment now, record::Events& out) {
  const bool as_it_is = plan_ != record::TeePlan::events && readable_ && !decoder_ && !oversize_;
  if (as_it_is && collected_.empty() && bytes.size() <= bytes_max_ &&
      budget_.would_take(bytes.size())) {
    tell_body(exchange, bytes, now, out);
    return;
  }
  feed(exchange, bytes, now, out);
  finish(exchange, true, now, out);
}

/// All of the body, content codings undone.
void ResponseTee::tell_body(record::HttpExchange& exchange, std::string_view body, mcp::Moment now,
                            record::Events& out) {
  const bool whole = !decoder_ || decoder_->finish() == http::DecodeState::good;
  std::string utf8;
  const http::TextReading reading = http::read_text(body, charset_, utf8);
  if (whole && !reading.ambiguous) {
    append(out, exchange.on_response_body(reading.text, now));
  } else {
    exchange.on_response_undecodable();
  }
}

}  // namespace tally::proxy
