// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_body.h"

#include "base/json.h"
#include "base/limits.h"
#include "http/media_type.h"

namespace tally::server {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

tl::unexpected<Error> too_many() {
  return fail(Errc::too_large, "more than " + std::to_string(kIngestEventsMax) +
                                   " events in one request; send less at once");
}

Result<std::vector<RawEvent>> split_lines(std::string_view body) {
  std::vector<RawEvent> out;
  for (std::size_t index = 0; !body.empty(); ++index) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (out.size() >= kIngestEventsMax) return too_many();
    out.push_back({index, line});
  }
  return out;
}

Result<std::vector<RawEvent>> split_array(std::string_view body) {
  json::Document document;
  auto array = document.parse(body, {.depth_indexed = 1, .nodes_max = kIngestEventsMax + 1});
  if (!array) {
    if (array.error().code == Errc::too_large) return too_many();
    return fail(Errc::malformed, "the array is no JSON: " + array.error().detail);
  }
  std::vector<RawEvent> out;
  for (const json::Value element : array->children()) out.push_back({out.size(), element.raw()});
  return out;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view body) {
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  return body;
}

Result<IngestForm> ingest_form(std::string_view media_type, std::string_view body) {
  body = without_byte_order_mark(body);
  const auto type = http::parse_media_type(media_type);
  if (type && (type->is("application", "x-ndjson") || type->is("application", "ndjson") ||
               type->is("application", "jsonl"))) {
    return IngestForm::lines;
  }
  if (!media_type.empty() && !(type && type->is_json())) {
    return fail(Errc::unsupported,
                "Content-Type: send application/json (an object or an array) or "
                "application/x-ndjson (one object a line)");
  }
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '[' ? IngestForm::array
                                                               : IngestForm::one;
}

Result<std::vector<RawEvent>> split_events(IngestForm form, std::string_view body) {
  body = without_byte_order_mark(body);
  Result<std::vector<RawEvent>> out;
  switch (form) {
    case IngestForm::one: out->push_back({0, body}); break;
    case IngestForm::array: out = split_array(body); break;
    case IngestForm::lines: out = split_lines(body); break;
  }
  const bool blank = body.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (out && (out->empty() || blank)) {
    return fail(Errc::invalid_argument, "the body holds no event");
  }
  return out;
}

Result<std::string> decode_body(std::string body, const std::vector<http::ContentCoding>& codings) {
  if (codings.empty()) return body;
  std::string out;
  http::ContentDecoder decoder(codings, kApiBodyBytesMax);
  auto state = decoder.feed(body, [&out](std::string_view bytes) { out.append(bytes); });
  if (state == http::DecodeState::good) state = decoder.finish();
  switch (state) {
    case http::DecodeState::good: return out;
    case http::DecodeState::too_large:
      return fail(Errc::too_large, "the decoded body has more than " +
                                       std::to_string(kApiBodyBytesMax) +
                                       " bytes; send less at once");
    case http::DecodeState::garbage:
    case http::DecodeState::trailing:
    case http::DecodeState::truncated: break;
  }
  return fail(Errc::malformed, "the body is not what Content-Encoding says: " +
                                   std::string(http::state_name(state)));
}

}  // namespace tally::server
