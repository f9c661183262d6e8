// SPDX-License-Identifier: Apache-2.0
#include "server/reading.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "event/view.h"
#include "http/target.h"
#include "index/filter.h"
#include "redact/redact.h"

#include <algorithm>

namespace tally::server {

Caller caller_of(const Request& request) {
  return {request.principal, request.peer,
          std::string(request.fields.find("user-agent").value_or("")), request.method,
          std::string(http::split_target(request.target).path)};
}

std::string query_of(const Request& request, const redact::KeyedDigest& digest) {
  std::string out;
  json::ObjectWriter writer(out);
  for (const Parameters::Value& value : request.parameters.all()) {
    const std::string_view name = value.parameter->name;
    const bool raw_session = name == "session_id" && !value.text.starts_with("hmac:");
    writer.string(name, raw_session ? digest(value.text) : value.text);
  }
  writer.end();
  std::vector<event::Redaction> redactions;
  return redact::redact_json(out, "details.query", redactions);
}

bool may_see(const access::Scope& scope, std::string_view line) {
  if (scope.everything()) return true;
  event::EventView view;
  return view.parse(line) && std::ranges::binary_search(scope.servers, index::server_of(view));
}

std::optional<Answer> not_recorded(const Reading& reading, const Request& request,
                                   std::string_view operation, std::uint64_t count) {
  const Caller caller = caller_of(request);
  const std::string query = query_of(request, reading.digest);
  const std::string who = caller.principal ? caller.principal->id : caller.address;
  // What saw something else, or came from elsewhere, is another access.
  const std::string key = "access " + who + ' ' + caller.address + ' ' + std::string(operation) +
                          ' ' + std::to_string(count) + ' ' + caller.path + ' ' + query;
  if (reading.audit.record(key, reading.audit.events().accessed(caller, operation, query, count))) {
    return std::nullopt;
  }
  return busy("this read could not be recorded, so it is not answered; try again");
}

void answer_read(const Reading& reading, const Request& request, const Reply& reply,
                 std::string_view operation, Result<Answer> answer, std::uint64_t count) {
  if (auto refusal = not_recorded(reading, request, operation, answer ? count : 0)) {
    reply.send(std::move(*refusal));
  } else {
    reply.send(answer ? std::move(*answer) : problem_of(answer.error()));
  }
}

void when_found(const Reading& reading, const std::shared_ptr<Request>& request, const Reply& reply,
                std::function<void()> then) {
  const auto seq = request->parameters.integer("wait_for");
  if (!seq) {
    then();
    return;
  }
  reading.waiting.wait(
      static_cast<std::uint64_t>(*seq), reading.clock.mono() + kSearchTime,
      [&reading, reply, seq = *seq, then = std::move(then)](bool there) {
        if (there) {
          reading.workers.resume(then);
        } else {
          reply.send(busy("entry " + std::to_string(seq) + " cannot be found yet; try again"));
        }
      });
}

Result<std::string> leaf_hex(LogReader& reader, std::int64_t seq) {
  if (seq < 0) return std::string();
  TALLY_TRY(const std::string bytes, reader.tree.read_bytes(0, static_cast<std::uint64_t>(seq), 1));
  return to_hex(as_bytes(bytes));
}

}  // namespace tally::server
