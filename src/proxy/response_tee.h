// SPDX-License-Identifier: Apache-2.0
// Reads a copy of a response's body for the recorder, behind the bytes that were forwarded.
#pragma once

#include "http/content_decoder.h"
#include "http/event_stream.h"
#include "http/fields.h"
#include "mcp/types.h"
#include "proxy/body_budget.h"
#include "record/http_exchange.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::proxy {

/// One body. Holds at most `bytes_max` of it (one event of a stream), within the budget; what is
/// longer goes to the recorder in pieces.
class ResponseTee {
 public:
  /// Told of what is read is `exchange`, which each call gets anew: nobody keeps it between turns.
  /// `budget` must outlive it.
  ResponseTee(record::HttpExchange& exchange, record::TeePlan plan, const http::FieldList& fields,
              std::size_t bytes_max, BodyBudget& budget);

  /// The next bytes of the body, content codings not undone. Adds records to `out`.
  void feed(record::HttpExchange& exchange, std::string_view bytes, mcp::Moment now,
            record::Events& out);

  // The same in three steps, the first of which may take long and needs no recorder.
  /// Undoes content codings of the next bytes; `out` gets what take() has to be told, in order.
  void decode(std::string_view bytes, const http::ByteConsumer& out);
  /// The next bytes of the body, content codings undone. Adds records to `out`.
  void take(record::HttpExchange& exchange, std::string_view bytes, mcp::Moment now,
            record::Events& out);
  /// Whether decode() found that it can go no further; once take() was told of everything before
  /// that, tell_fault() is due.
  [[nodiscard]] bool has_fault() const { return fault_ && readable_; }
  void tell_fault(record::HttpExchange& exchange);

  /// The body is over; `complete` says whether all of it came.
  void finish(record::HttpExchange& exchange, bool complete, mcp::Moment now, record::Events& out);
  /// feed() of what is left of the body, which is complete then, and finish(). Holds nothing of one
  /// that comes in one piece.
  void take_whole(record::HttpExchange& exchange, std::string_view bytes, mcp::Moment now,
                  record::Events& out);
  /// Room for the body that is held now.
  [[nodiscard]] std::size_t held_bytes() const { return collected_.capacity(); }

 private:
  void tell_body(record::HttpExchange& exchange, std::string_view body, mcp::Moment now,
                 record::Events& out);
  void collect(record::HttpExchange& exchange, std::string_view bytes);
  void read_events(record::HttpExchange& exchange, std::string_view bytes, mcp::Moment now,
                   record::Events& out);

  record::TeePlan plan_;
  std::string charset_;
  std::size_t bytes_max_;
  BudgetShare budget_;
  bool readable_ = false;  // the codings are known and the data follows them
  bool fault_ = false;     // until here
  std::optional<http::ContentDecoder> decoder_;
  std::unique_ptr<http::EventStreamReader> events_;  // few have them
  std::string collected_;
  bool oversize_ = false;  // of this body, or of the event that is being read
};

}  // namespace tally::proxy
