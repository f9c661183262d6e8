// SPDX-License-Identifier: Apache-2.0
#include "server/entry_parameters.h"
#include "server/export_parameters.h"
#include "server/operation.h"

namespace tally::server {
namespace {

using access::Need;
using Id = OperationId;
using Kind = ParameterKind;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProblem = "application/problem+json";
constexpr std::string_view kText = "text/plain";

constexpr std::array kHealthResponses{Response{200, "The process runs.", kText, ""}};
constexpr std::array kReadyResponses{
    Response{200, "The log is open and everything listens.", kText, ""},
    Response{503, "Not ready; the text says why.", kText, ""},
};
constexpr std::array kOpenapiResponses{Response{200, "This document.", kJson, "OpenApi"}};

constexpr std::array kMetricsResponses{
    Response{200, "Prometheus text format, version 0.0.4.", kText, ""}};

constexpr std::array kListResponses{
    Response{200, "A page of entries; X-Next-Cursor and Link lead to the others.", kJson,
             "Entries"},
    Response{400, "The time range ends before it begins.", kProblem, "Problem"},
};
constexpr std::array kEntryPath{Parameter{"event_id", Kind::uuid, "Which entry."}};
constexpr std::array kEntryResponses{
    Response{200, "The entry with its leaf hash and that of the entry before it.", kJson, "Entry"},
    Response{404, "There is no such entry, or the token is not about it.", kProblem, "Problem"},
};
constexpr std::array kStreamHeaders{Parameter{"Last-Event-ID",
                                              Kind::integer,
                                              "The last entry that was seen; it goes on behind it.",
                                              {},
                                              0,
                                              kSeqMax}};
constexpr std::array kStreamResponses{
    Response{
        200,
        "Server-sent events: id is seq, event the event_name, data the entry. lagging, dropped "
        "and ended are of the stream itself.",
        "text/event-stream", ""},
    Response{400, "The time range ends before it begins.", kProblem, "Problem"},
    Response{503, "Too many streams; see Retry-After.", kProblem, "Problem"},
};
constexpr std::array kStatsResponses{
    Response{200, "Numbers of the entries that match.", kJson, "Stats"},
    Response{400, "The time range ends before it begins.", kProblem, "Problem"},
};
constexpr std::array kExportResponses{
    Response{200, "All of them, to the last chunk; else the body was cut.", kJson, "Entries"},
    Response{200, "", "application/x-ndjson", ""},
    Response{200, "", "text/csv", ""},
    Response{400, "The time range ends before it begins.", kProblem, "Problem"},
    Response{505, "HTTP/1.0 cannot say that a body was cut.", kProblem, "Problem"},
};
constexpr std::array kProofPath{
    Parameter{"seq", Kind::integer, "Number of the entry in the log.", {}, 0, kSeqMax}};
constexpr std::array kProofQuery{
    Parameter{"size",
              Kind::integer,
              "In the kept checkpoint over so many entries; else the latest.",
              {},
              1,
              kSeqMax}};
constexpr std::array kProofResponses{
    Response{200, "A c2sp.org/tlog-proof.", kText, ""},
    Response{404, "There is no such entry or checkpoint, or it is not signed yet.", kProblem,
             "Problem"},
};
constexpr std::array kCheckpointResponses{
    Response{200, "The latest signed checkpoint (c2sp.org/tlog-checkpoint).", kText, ""}};
constexpr std::array kTilePath{Parameter{
    "tile", Kind::text, "L/N, L/N.p/W or entries/N (c2sp.org/tlog-tiles).", {}, 0, 0, 128}};
constexpr std::array kTileResponses{
    Response{200, "Hashes, or entries with their lengths.", "application/octet-stream", ""},
    Response{404, "The log has no such tile.", kProblem, "Problem"},
    Response{501, "The log's hash algorithm has no tiles.", kProblem, "Problem"},
};

constexpr std::array kIntegrityQuery{
    Parameter{"start_time", Kind::time,
              "From the first entry with a timestamp from this time on. Without a zone it is UTC."},
    Parameter{"end_time", Kind::time, "To the last entry with a timestamp before this time."},
    Parameter{"start_seq", Kind::integer, "From the entry with this seq on.", {}, 0, kSeqMax},
    Parameter{"end_seq", Kind::integer, "Before the entry with this seq.", {}, 0, kSeqMax},
};
constexpr std::array kIntegrityResponses{
    Response{200, "What was found; tampering too.", kJson, "Integrity"},
    Response{202, "It takes longer; the result will be at Location.", kJson, "IntegrityRunning"},
    Response{400, "The range ends before it begins.", kProblem, "Problem"},
    Response{403, "The token's role or scope does not allow it.", kProblem, "Problem"},
};
constexpr std::array kIntegrityPath{
    Parameter{"check", Kind::uuid, "Which check: the end of its Location."}};
constexpr std::array kIntegrityResultResponses{
    Response{200, "What was found; tampering too.", kJson, "Integrity"},
    Response{202, "It still runs; ask again after Retry-After.", kJson, "IntegrityRunning"},
    Response{403, "The token's role or scope does not allow it.", kProblem, "Problem"},
    Response{404, "There is no such check, or its result is no longer kept.", kProblem, "Problem"},
};

constexpr std::array kSessionOpenResponses{
    Response{201, "Whose it is and when it ends; Set-Cookie has it.", kJson, "Session"},
    Response{404, "Sessions are switched off.", kProblem, "Problem"},
    Response{409, "The request has a session already, and no token.", kProblem, "Problem"},
    Response{503, "Too many sessions, or it could not be recorded.", kProblem, "Problem"},
};
constexpr std::array kSessionShowResponses{
    Response{200, "Role, scope, and when it ends.", kJson, "Session"}};
constexpr std::array kSessionCloseResponses{
    Response{204, "It is over.", "", ""},
    Response{409, "The request has a token, and no session.", kProblem, "Problem"},
};

constexpr std::array kIngestHeaders{
    Parameter{"Idempotency-Key",
              Kind::text,
              "Makes a repetition of this request write nothing twice: events without an event_id "
              "get one that is derived from this key, the token and their place in the request.",
              {},
              0,
              0,
              255},
};
constexpr std::array kIngestResponses{
    Response{201, "All events are durable; at least one is new.", kJson, "IngestAnswer"},
    Response{200, "All events are in the log already.", kJson, "IngestAnswer"},
    Response{207, "Some events were refused; the others are durable.", kJson, "IngestAnswer"},
    Response{413, "More than one request may carry.", kProblem, "Problem"},
    Response{415, "A body or coding that is not understood.", kProblem, "Problem"},
    Response{422, "No event was accepted.", kProblem, "IngestProblem"},
    Response{503, "The log takes nothing now; Retry-After says when to try again.", kProblem,
             "Problem"},
};

constexpr std::array kOtlpResponses{
    Response{200, "Durable: {}, or partialSuccess with what was refused.", kJson, "OtlpAnswer"},
    Response{400, "No request of OTLP, or every log record was refused; not to be sent again.",
             kJson, "OtlpStatus"},
    Response{413, "More than one request may carry.", kJson, "OtlpStatus"},
    Response{413, "", kProblem, "Problem"},
    Response{415, "Protobuf, or another type or coding that is not understood.", kJson,
             "OtlpStatus"},
    Response{415, "", kProblem, "Problem"},
    Response{503, "The log takes nothing now; Retry-After says when to send the same again.", kJson,
             "OtlpStatus"},
    Response{503, "", kProblem, "Problem"},
};

constexpr std::array kOperations{
    Operation{.id = Id::health,
              .method = "GET",
              .path = "/healthz",
              .need = Need::nothing,
              .tag = "service",
              .summary = "Whether the process runs",
              .responses = kHealthResponses},
    Operation{.id = Id::ready,
              .method = "GET",
              .path = "/readyz",
              .need = Need::nothing,
              .tag = "service",
              .summary = "Whether records can be written",
              .responses = kReadyResponses},
    Operation{.id = Id::openapi,
              .method = "GET",
              .path = "/openapi.json",
              .need = Need::nothing,
              .conditional = true,
              .tag = "service",
              .summary = "This description of the API",
              .responses = kOpenapiResponses},
    Operation{.id = Id::metrics,
              .method = "GET",
              .path = "/metrics",
              .need = Need::observe,
              .open_on_loopback = true,
              .blocks = true,
              .tag = "service",
              .summary = "Figures of the process for Prometheus",
              .description = "Without a token only for clients on the same machine.",
              .responses = kMetricsResponses},
    Operation{.id = Id::post_events,
              .method = "POST",
              .path = "/api/audit/events",
              .need = Need::write,
              .body = BodyRule::events,
              .tag = "events",
              .summary = "Add events",
              .description =
                  "One JSON object, an array of them, or NDJSON (application/x-ndjson), also with "
                  "Content-Encoding gzip. Answered when every accepted event is on disk, with its "
                  "number and leaf hash. An event whose event_id is in the log already is answered "
                  "and not written again, within the last million events. An event needs "
                  "event_name, or event_type and event_action. The role writer may not write the "
                  "types audit and system, and its actor_verified becomes claimed.",
              .headers = kIngestHeaders,
              .responses = kIngestResponses},
    Operation{.id = Id::post_backstage,
              .method = "POST",
              .path = "/api/audit/ingest/backstage",
              .need = Need::write,
              .body = BodyRule::backstage,
              .tag = "events",
              .summary = "Add audit events of Backstage",
              .description =
                  "AuditorEvent objects of Backstage, the lines that it or Janus logs of them, or "
                  "what the export in this format wrote: one, an array, or lines "
                  "(application/x-ndjson, text/plain). Other lines of the same log are counted as "
                  "ignored; a broken audit line is refused. The rest is as in POST "
                  "/api/audit/events.",
              .headers = kIngestHeaders,
              .responses = kIngestResponses},
    Operation{.id = Id::post_otlp,
              .method = "POST",
              .path = "/v1/logs",
              .need = Need::write,
              .body = BodyRule::otlp,
              .tag = "events",
              .summary = "Add log records of OpenTelemetry",
              .description =
                  "OTLP/HTTP in JSON, also with Content-Encoding gzip; one event for each log "
                  "record. A log.record.uid makes a repetition write nothing twice, as the header "
                  "does.",
              .headers = kIngestHeaders,
              .responses = kOtlpResponses},
    Operation{.id = Id::list,
              .method = "GET",
              .path = "/api/audit/logs",
              .need = Need::read,
              .blocks = true,
              .tag = "events",
              .summary = "Search entries",
              .description =
                  "All conditions must hold; without start_time the last 7 days. Newest first by "
                  "timestamp, then seq; cursors keep their filters and stay right while the log "
                  "grows.",
              .query = kListParameters,
              .responses = kListResponses},
    Operation{
        .id = Id::entry,
        .method = "GET",
        .path = "/api/audit/logs/{event_id}",
        .need = Need::read,
        .blocks = true,
        .conditional = true,
        .tag = "events",
        .summary = "One entry",
        .description = "checksum is its leaf hash, previous_checksum that of the entry before.",
        .path_parameters = kEntryPath,
        .responses = kEntryResponses},
    Operation{.id = Id::stats,
              .method = "GET",
              .path = "/api/audit/stats",
              .need = Need::read,
              .blocks = true,
              .tag = "events",
              .summary = "Numbers of entries",
              .description =
                  "Of the entries that match, by default of the last 7 days up to now. An "
                  "interaction counts once: records of requests that have no outcome yet (status "
                  "initiated) are left out. relation tells exact numbers from lower bounds, when "
                  "2 s were not enough; then the newest entries were counted.",
              .query = kStatsParameters,
              .responses = kStatsResponses},
    Operation{.id = Id::export_entries,
              .method = "GET",
              .path = "/api/audit/export",
              .need = Need::read,
              .blocks = true,
              .tag = "events",
              .summary = "Export entries",
              .description =
                  "All entries for which all conditions hold, up to the newest one at the start, "
                  "in the order of the log, streamed. Each is checked against the tree.",
              .query = kExportParameters,
              .responses = kExportResponses},
    Operation{.id = Id::stream,
              .method = "GET",
              .path = "/api/audit/stream",
              .need = Need::read,
              .blocks = true,
              .tag = "events",
              .summary = "Entries as they come",
              .description =
                  "In the order of the log, those that match, from now on or behind Last-Event-ID: "
                  "a client that connects again with the id it saw last misses nothing and gets "
                  "nothing twice, also when the server was restarted. All times by default.",
              .query = kStreamParameters,
              .headers = kStreamHeaders,
              .responses = kStreamResponses},
    Operation{.id = Id::proof,
              .method = "GET",
              .path = "/api/audit/proofs/{seq}",
              .need = Need::read,
              .blocks = true,
              .tag = "proofs",
              .summary = "Proof that an entry is in a signed tree",
              .path_parameters = kProofPath,
              .query = kProofQuery,
              .responses = kProofResponses},
    Operation{.id = Id::checkpoint,
              .method = "GET",
              .path = "/log/checkpoint",
              .need = Need::read,
              .blocks = true,
              .conditional = true,
              .tag = "proofs",
              .summary = "The latest signed checkpoint",
              .responses = kCheckpointResponses},
    Operation{.id = Id::tile,
              .method = "GET",
              .path = "/log/tile/{tile*}",
              .need = Need::read,
              .blocks = true,
              .tag = "proofs",
              .summary = "A tile of the tree, or the entries below one",
              .description = "Entries only for tokens without a scope.",
              .path_parameters = kTilePath,
              .responses = kTileResponses},
    Operation{.id = Id::integrity,
              .method = "GET",
              .path = "/api/audit/integrity",
              .need = Need::read,
              .blocks = true,
              .waits = true,
              .tag = "proofs",
              .summary = "Check entries against the tree and what was signed",
              .description =
                  "All committed entries, or those from the first to the last one in a range of "
                  "times or numbers. Only for tokens without a scope.",
              .query = kIntegrityQuery,
              .responses = kIntegrityResponses},
    Operation{.id = Id::integrity_result,
              .method = "GET",
              .path = "/api/audit/integrity/{check}",
              .need = Need::read,
              .blocks = true,
              .tag = "proofs",
              .summary = "Result of a check that took longer",
              .path_parameters = kIntegrityPath,
              .responses = kIntegrityResultResponses},
    Operation{.id = Id::session_open,
              .method = "POST",
              .path = "/api/audit/session",
              .need = Need::hold,
              .blocks = true,
              .tag = "sessions",
              .summary = "Begin a browser's session",
              .description =
                  "With a token in Authorization. The cookie is HttpOnly and SameSite=Strict; it "
                  "lasts for api.session_lifetime, and not longer than its token. With it, what is "
                  "not GET needs the header X-Tallystick-Session.",
              .responses = kSessionOpenResponses},
    Operation{.id = Id::session_show,
              .method = "GET",
              .path = "/api/audit/session",
              .need = Need::hold,
              .blocks = true,
              .tag = "sessions",
              .summary = "Who this token or session is",
              .responses = kSessionShowResponses},
    Operation{.id = Id::session_close,
              .method = "DELETE",
              .path = "/api/audit/session",
              .need = Need::hold,
              .blocks = true,
              .tag = "sessions",
              .summary = "End a browser's session",
              .responses = kSessionCloseResponses},
};
static_assert(kOperations.size() == kOperationCount);
static_assert([] {
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    if (static_cast<std::size_t>(kOperations[i].id) != i) return false;
  }
  return true;
}());

}  // namespace

std::span<const Operation> operations() { return kOperations; }

}  // namespace tally::server
