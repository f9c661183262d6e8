// SPDX-License-Identifier: Apache-2.0
#include "server/answer.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "http/head.h"

namespace tally::server {

Answer json_answer(std::string body, int status) {
  Answer out;
  out.status = status;
  out.type = kJsonType;
  out.body = std::move(body);
  return out;
}

Answer problem(int status, std::string_view detail, std::string_view members) {
  Answer out;
  out.status = status;
  out.type = kProblemType;
  json::ObjectWriter writer(out.body);
  writer.string("type", "about:blank");
  writer.string("title", http::reason_phrase(status));
  writer.number("status", status);
  writer.string("detail", detail);
  out.body += members;
  writer.end();
  out.body += '\n';
  return out;
}

Answer busy(std::string_view detail, int retry_after_s) {
  Answer out = problem(503, detail);
  out.fields.emplace_back("Retry-After", std::to_string(retry_after_s));
  return out;
}

Answer problem_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid_argument: return problem(422, error.detail);
    case Errc::malformed: return problem(422, error.detail);
    case Errc::too_large: return problem(413, error.detail);
    case Errc::not_found: return problem(404, error.detail);
    case Errc::already_exists: return problem(409, error.detail);
    case Errc::permission_denied: return problem(403, error.detail);
    case Errc::unsupported: return problem(501, error.detail);
    case Errc::timeout:
    case Errc::overloaded:
    case Errc::disk_full:
    case Errc::closed: return busy("the log cannot do this now; try again");
    case Errc::io:
    case Errc::sync_failed:
    case Errc::poisoned:
    case Errc::corrupt:
    case Errc::mismatch: return problem(500, "the log cannot be used; its operator has to look");
  }
  TALLY_CHECK(!"Errc out of range");
}

}  // namespace tally::server
