// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_dialect.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "dialect/backstage.h"
#include "dialect/otlp.h"
#include "http/media_type.h"
#include "server/operation.h"

#include <algorithm>
#include <utility>

namespace tally::server {
namespace {

using dialect::Dialect;
using State = IngestItem::State;

/// google.rpc.Code for what HTTP says.
int rpc_code(int status) {
  switch (status) {
    case 413: return 8;   // RESOURCE_EXHAUSTED
    case 500: return 13;  // INTERNAL
    case 503: return 14;  // UNAVAILABLE
    default: return 3;    // INVALID_ARGUMENT
  }
}

Answer rpc_status(int status, std::string_view message) {
  std::string body;
  json::ObjectWriter writer(body);
  writer.number("code", rpc_code(status));
  writer.string("message", message);
  writer.end();
  return json_answer(body + '\n', status);
}

Result<ConvertedEvents> convert_backstage(IngestForm form, std::string_view body) {
  TALLY_TRY(const std::vector<RawEvent> raws, split_events(form, body));
  ConvertedEvents out;
  dialect::BackstageReader reader;
  std::size_t bytes = 0;
  for (const RawEvent& raw : raws) {
    auto event = reader.read(raw.text);
    if (!event) {
      out.events.push_back({raw.index, tl::unexpected(std::move(event).error())});
    } else if (*event) {
      bytes += (*event)->size();
      out.events.push_back({raw.index, std::move(**event)});
    } else if (form == IngestForm::lines) {
      ++out.ignored;
    } else {
      out.events.push_back(
          {raw.index, fail(Errc::invalid_argument,
                           "no audit event of Backstage: needs plugin, eventId and status, or "
                           "isAuditEvent, or isAuditLog")});
    }
    if (bytes > kConvertedBytesMax) {
      return fail(Errc::too_large, "the events become more than " +
                                       std::to_string(kConvertedBytesMax) +
                                       " bytes; send less at once");
    }
  }
  return out;
}

Result<ConvertedEvents> convert_otlp(std::string_view body) {
  dialect::OtlpReader reader;
  TALLY_TRY(auto records, reader.read(without_byte_order_mark(body)));
  ConvertedEvents out;
  out.events.reserve(records.size());
  for (dialect::OtlpRecord& record : records) {
    // No Idempotency-Key has a line feed, so the two are told apart.
    std::string key = record.uid.empty() ? "" : "\n" + record.uid;
    out.events.push_back({out.events.size(), std::move(record.event), std::move(key)});
  }
  return out;
}

Answer otlp_answer(const IngestBatch& batch) {
  std::size_t refused = 0;
  bool unwritten = false;
  std::string_view why;
  for (const IngestItem& item : batch.items) {
    unwritten = unwritten || item.state == State::unwritten || item.state == State::claimed;
    if (item.state != State::refused) continue;
    if (refused++ == 0) why = item.error;
  }
  if (unwritten) {
    // Also when a part was written: only this makes the sender send again.
    Answer out = rpc_status(503, "the log takes nothing now; send the same again");
    out.fields.emplace_back("Retry-After", "1");
    return out;
  }
  if (refused == 0) return json_answer("{}\n");
  const std::string text = std::to_string(refused) + " of " + std::to_string(batch.items.size()) +
                           " log records were refused, the first because: " + std::string(why);
  if (refused == batch.items.size()) return rpc_status(400, text);
  std::string body = "{\"partialSuccess\":";
  json::ObjectWriter partial(body);
  partial.string("rejectedLogRecords", std::to_string(refused));  // int64 is text in this mapping
  partial.string("errorMessage", text);
  partial.end();
  return json_answer(body + "}\n");
}

}  // namespace

Dialect dialect_of(const Request& request) {
  if (request.operation == nullptr) return Dialect::events;
  switch (request.operation->body) {
    case BodyRule::none:
    case BodyRule::events: return Dialect::events;
    case BodyRule::backstage: return Dialect::backstage;
    case BodyRule::otlp: return Dialect::otlp;
  }
  TALLY_CHECK(!"BodyRule out of range");
}

Result<IngestForm> dialect_form(Dialect dialect, std::string_view media_type,
                                std::string_view body) {
  const auto type = http::parse_media_type(media_type);
  switch (dialect) {
    case Dialect::events: break;
    case Dialect::backstage:
      if (type && type->is("text", "plain")) return IngestForm::lines;
      break;
    case Dialect::otlp:
      if (media_type.empty() || (type && type->is("application", "json"))) return IngestForm::one;
      if (type && type->is("application", "x-protobuf")) {
        return fail(Errc::unsupported,
                    "Content-Type: protobuf is not taken; set the exporter to JSON (Collector: "
                    "otlphttp with encoding: json; SDKs: OTEL_EXPORTER_OTLP_PROTOCOL=http/json)");
      }
      return fail(Errc::unsupported, "Content-Type: send application/json (OTLP/HTTP in JSON)");
  }
  return ingest_form(media_type, body);
}

Result<ConvertedEvents> convert_events(Dialect dialect, IngestForm form, std::string_view body) {
  switch (dialect) {
    case Dialect::events: break;
    case Dialect::backstage: return convert_backstage(form, body);
    case Dialect::otlp: return convert_otlp(body);
  }
  TALLY_CHECK(!"our own events need no conversion");
}

Answer dialect_answer(const IngestBatch& batch) {
  return batch.dialect == Dialect::otlp ? otlp_answer(batch) : ingest_answer(batch);
}

Answer dialect_refusal(Dialect dialect, Answer refusal, std::string_view detail) {
  if (dialect != Dialect::otlp) return refusal;
  // What cannot be read will not be readable the next time; 422 is none of OTLP's words.
  Answer out = rpc_status(refusal.status == 422 ? 400 : refusal.status, detail);
  out.fields = std::move(refusal.fields);
  return out;
}

}  // namespace tally::server
