// SPDX-License-Identifier: Apache-2.0
// What a request to an audited path asks for, and what came of it: its event, its target, old and
// new values.
#pragma once

#include "http/fields.h"
#include "record/http_event.h"
#include "rest/object_body.h"
#include "rest/path_table.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// One request. Text views are read during the call only; the table and the digest must outlive it.
class HttpOperation {
 public:
  /// `match.rule` is not null; `query` that of the target.
  HttpOperation(const rest::PathTable& table, rest::PathMatch match, std::string_view query,
                const redact::KeyedDigest& digest);

  [[nodiscard]] const rest::PathRule& rule() const { return *match_.rule; }
  /// Name of its event unless the server refuses it.
  [[nodiscard]] std::string_view event_name() const;

  /// The body of the request, decoded.
  void read_request(std::string_view text, bool is_form);
  /// Whether anything is to be learnt from the body of such a response.
  [[nodiscard]] bool reads_response(int status) const;
  /// That body; `asked`: when the request began. What it shows of objects is remembered.
  void read_response(std::string_view text, rest::ObjectMemory& memory, MonoTime asked,
                     mcp::Moment now);
  /// Where a redirection leads: login forms answer a wrong password with one.
  void read_redirect(std::string_view location);

  /// The name of the event for this outcome, which may become a failure by what the response says.
  /// `refusal`: what the status says of a refusal. Adds members to outcome.extra.
  [[nodiscard]] std::string_view judge(HttpOutcome& outcome, const RefusalKind& refusal) const;
  /// Action and target of both records.
  void describe(const Context& context, HttpExchangeFacts& facts);
  /// Old and new values for this result, and what is remembered of the object from now on.
  /// `reached`: the server may have got some of it. `asked`: when the request came.
  void conclude(event::EventResult result, bool reached, rest::ObjectMemory& memory, MonoTime asked,
                mcp::Moment now, HttpExchangeFacts& facts);

 private:
  [[nodiscard]] bool keeps_values() const;
  [[nodiscard]] bool login_failed(const HttpOutcome& outcome) const;
  [[nodiscard]] std::string object_id() const;
  void write_values(const rest::ObjectMemory::Seen* before, HttpExchangeFacts& facts) const;

  const rest::PathTable& table_;
  rest::PathMatch match_;
  const redact::KeyedDigest& digest_;
  std::optional<bool> wanted_state_;  // on or off, as the request says
  std::string user_;                  // of a login, redacted
  std::vector<event::Redaction> redactions_;
  std::optional<rest::Object> requested_;
  rest::ShownObject shown_;
  bool redirected_to_failure_ = false;
};

}  // namespace tally::record
