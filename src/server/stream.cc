// SPDX-License-Identifier: Apache-2.0
#include "server/stream.h"

#include "server/entry_filter.h"
#include "server/live_stream.h"
#include "server/share.h"

#include <utility>
#include <variant>

namespace tally::server {
namespace {

constexpr int kRetryAfter = 5;

Answer too_many() {
  return busy("there are " + std::to_string(kStreamClientsMax) + " streams already, or " +
                  std::to_string(share_of(kStreamClientsMax)) + " of this token; try again",
              kRetryAfter);
}

/// The first entry of the stream, or what is wrong with the id.
std::variant<std::uint64_t, Answer> start_of(const Reading& reading, const Request& request) {
  const auto reader = reading.readers.take();
  if (!reader) return problem_of(reader.error());
  const auto head = (*reader)->lines.head();
  if (!head) return problem_of(head.error());
  const std::uint64_t size = head->size.value();
  // The header is newer: browsers repeat the address of the first request.
  std::string_view name = "Last-Event-ID";
  auto last = request.parameters.integer(name);
  if (!last) last = request.parameters.integer(name = "last_event_id");
  if (!last) return size;
  const auto next = static_cast<std::uint64_t>(*last) + 1;
  if (next <= size) return next;
  return parameter_problem(
      name, "the log has only " + std::to_string(size) + " entries; this id is from another log");
}

}  // namespace

void answer_stream(const Reading& reading, const std::shared_ptr<LiveTail>& tail,
                   const Request& request, const Reply& reply) {
  // No time by default: a client that resumes after long must not miss what is older.
  auto filter = entry_filter(request, reading.clock.now(), reading.digest, std::nullopt);
  if (auto* const wrong = std::get_if<Answer>(&filter)) {
    reply.send(std::move(*wrong));
    return;
  }
  if (tail->full(request.principal->holds())) {
    reply.send(too_many());
    return;
  }
  const auto wrong_start = start_of(reading, request);
  if (const auto* const wrong = std::get_if<Answer>(&wrong_start)) {
    reply.send(*wrong);
    return;
  }
  const SelfEvents& events = reading.audit.events();
  if (!reading.audit.record(
          events.accessed(caller_of(request), "stream", query_of(request, reading.digest), 0))) {
    reply.send(busy("this read could not be recorded, so it is not answered; try again"));
    return;
  }
  // Behind its own record.
  const auto start = start_of(reading, request);
  if (const auto* const wrong = std::get_if<Answer>(&start)) {
    reply.send(*wrong);
    return;
  }
  // Nothing else says that it ended, or why.
  const auto refused = [&audit = reading.audit,
                        caller = caller_of(request)](access::Standing standing) {
    audit.note(audit.events().not_admitted(caller, 401, access::standing_text(standing)));
  };
  Answer answer;
  answer.type = "text/event-stream";
  answer.fields.emplace_back("X-Accel-Buffering", "no");  // for proxies that collect answers
  answer.source =
      LiveStream::open(tail, std::get<index::Filter>(filter), request.principal->holds(),
                       std::get<std::uint64_t>(start), refused);
  reply.send(answer.source == nullptr ? too_many() : std::move(answer));
}

}  // namespace tally::server
