// SPDX-License-Identifier: Apache-2.0
// Schemas of what is sent and answered, for the OpenAPI document.
#include "base/json_writer.h"
#include "event/event.h"
#include "server/openapi.h"

namespace tally::server {
namespace {

constexpr std::string_view kFixed =
    R"("OpenApi":{"type":"object","description":"An OpenAPI 3.1 document."},
"Problem":{"type":"object","description":"RFC 9457.","required":["type","title","status","detail"],"properties":{
"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
"parameter":{"type":"string","description":"Which parameter it is about."}}},
"Entry":{"type":"object","description":"An entry as it stands in the log, with null for what clients expect to be there.",
"required":["seq","event_id","timestamp","event_name","event_type","event_action","event_result","severity"],"properties":{
"seq":{"type":"integer"},"event_id":{"type":"string"},"timestamp":{"type":"string","format":"date-time"},
"event_name":{"type":"string"},"event_type":{"type":"string"},"event_action":{"type":"string"},
"event_result":{"type":"string"},"severity":{"type":"string"},
"checksum":{"type":"string","description":"Leaf hash in lower-case hex."},
"previous_checksum":{"type":["string","null"],"description":"That of the entry before; null for the first."}}},
"Entries":{"oneOf":[{"type":"array","items":{"$ref":"#/components/schemas/Entry"}},
{"type":"object","description":"With envelope=true.","required":["items","next","prev","total","head"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/Entry"}},
"next":{"type":["string","null"],"description":"Cursor of the page behind this one."},
"prev":{"type":["string","null"],"description":"Cursor of the page before this one."},
"total":{"type":"object","required":["value","relation"],"properties":{"value":{"type":"integer"},
"relation":{"type":"string","enum":["exact","at_least"]}}},
"head":{"type":"object","required":["size"],"properties":{"size":{"type":"integer","description":"Entries of the log that were taken into account."}}},
"searched_down_to":{"type":"object","description":"The time for looking into lines was over here; next goes on.","required":["seq"],"properties":{
"seq":{"type":"integer"}}}}}]},
"Bound":{"type":"object","required":["value","relation"],"properties":{"value":{"type":"integer"},
"relation":{"type":"string","enum":["exact","at_least"]}}},
"Counts":{"type":"object","additionalProperties":{"type":"integer"}},
"Latency":{"type":["object","null"],"description":"Of the entries that have a duration, failed ones too; exact to 1 part in 32.",
"required":["count","p50_ms","p90_ms","p95_ms","p99_ms","max_ms"],"properties":{"count":{"type":"integer"},"p50_ms":{"type":"number"},
"p90_ms":{"type":"number"},"p95_ms":{"type":"number"},"p99_ms":{"type":"number"},"max_ms":{"type":"number"}}},
"TopValues":{"type":"array","description":"The most frequent first.","items":{"type":"object","required":["count","failed","error_rate"],"properties":{
"tool":{"type":"string"},"server":{"type":"string"},"actor_id":{"type":"string"},"count":{"type":"integer"},"failed":{"type":"integer"},
"error_rate":{"type":"number"},"latency":{"$ref":"#/components/schemas/Latency"}}}},
"Stats":{"type":"object","required":["from","to","head","relation","total","failed","error_rate","failed_logins","configuration_changes","active_actors",
"by_result","by_severity","by_type","latency","top_tools","top_servers","top_actors","interval_ms","histogram","facets"],"properties":{
"from":{"type":"string","format":"date-time"},"to":{"type":"string","format":"date-time","description":"Exclusive."},
"head":{"type":"object","required":["size"],"properties":{"size":{"type":"integer","description":"Entries of the log that were taken into account."}}},
"relation":{"type":"string","enum":["exact","at_least"],"description":"Of every number here."},
"total":{"$ref":"#/components/schemas/Bound"},"failed":{"type":"integer","description":"With the result failure, denied or error."},
"error_rate":{"type":["number","null"],"description":"failed / total."},"failed_logins":{"type":"integer"},
"configuration_changes":{"type":"integer","description":"Made by administrators, or of settings, tokens and keys of the audit service."},
"active_actors":{"$ref":"#/components/schemas/Bound"},"by_result":{"$ref":"#/components/schemas/Counts"},
"by_severity":{"$ref":"#/components/schemas/Counts"},"by_type":{"$ref":"#/components/schemas/Counts"},
"latency":{"$ref":"#/components/schemas/Latency"},"top_tools":{"$ref":"#/components/schemas/TopValues"},
"top_servers":{"$ref":"#/components/schemas/TopValues"},"top_actors":{"$ref":"#/components/schemas/TopValues"},
"interval_ms":{"type":"integer"},"histogram":{"type":"array","items":{"type":"object","required":["start","count","results"],"properties":{
"start":{"type":"string","format":"date-time","description":"A multiple of the interval; the first and last bar are cut by the range."},
"count":{"type":"integer"},"results":{"$ref":"#/components/schemas/Counts"}}}},
"facets":{"type":"object","description":"By field; tool, resource, prompt, server and client by name.","additionalProperties":{"type":"object",
"required":["values","others","distinct"],"properties":{"values":{"type":"array","items":{"type":"object","required":["value","count"],
"properties":{"value":{"type":"string"},"count":{"type":"integer"}}}},"others":{"type":"integer","description":"Entries with a value that is not listed."},
"distinct":{"$ref":"#/components/schemas/Bound"}}}}}},
"Integrity":{"type":"object","required":["total_logs","valid_logs","invalid_logs","chain_breaks","integrity_percentage",
"invalid_entries","chain_break_points","range","unsigned","checkpoint","head"],"properties":{
"total_logs":{"type":"integer","description":"Entries that were checked."},
"valid_logs":{"type":"integer"},"invalid_logs":{"type":"integer","description":"Entries whose line is changed or missing."},
"chain_breaks":{"type":"integer","description":"Runs of missing entries, lines out of place, and everything else that does not agree with what was signed."},
"integrity_percentage":{"type":"number","description":"Rounded down; 100 for an empty range."},
"invalid_entries":{"type":"array","items":{"$ref":"#/components/schemas/IntegrityProblem"}},
"invalid_entries_left_out":{"type":"integer","description":"Invalid entries that the list does not name."},
"chain_break_points":{"type":"array","items":{"$ref":"#/components/schemas/IntegrityProblem"}},
"chain_break_points_left_out":{"type":"integer"},
"range":{"type":"object","required":["start_seq","end_seq"],"properties":{"start_seq":{"type":"integer"},"end_seq":{"type":"integer","description":"One behind the last entry."}}},
"unsigned":{"type":"integer","description":"Checked entries that no checkpoint covers yet."},
"checkpoint":{"type":["object","null"],"description":"The latest signed one; null when none is signed.","required":["size","root","origin"],"properties":{
"size":{"type":"integer"},"root":{"type":"string","description":"base64"},"origin":{"type":"string"}}},
"head":{"type":"object","required":["size","root"],"properties":{"size":{"type":"integer"},"root":{"type":"string"}}}}},
"IntegrityProblem":{"type":"object","required":["seq","kind","detail"],"properties":{
"seq":{"type":["integer","null"],"description":"First entry concerned; null for what is no entry's."},
"end_seq":{"type":"integer","description":"One behind the last, of a run."},"kind":{"type":"string"},"detail":{"type":"string"}}},
"Session":{"type":"object","required":["id","name","role","scope","session","ends"],"properties":{"id":{"type":"string"},
"name":{"type":"string"},"role":{"type":"string","enum":["admin","auditor","writer"]},"scope":{"type":"array","items":{"type":"string"}},
"session":{"type":"boolean","description":"This request came with a session."},"ends":{"type":["string","null"],"format":"date-time"}}},
"IntegrityRunning":{"type":"object","required":["state","location"],"properties":{"state":{"type":"string","enum":["running"]},
"location":{"type":"string"},"bytes_done":{"type":"integer"},"bytes_total":{"type":"integer"}}},
"IngestItem":{"type":"object","required":["index"],"properties":{
"index":{"type":"integer","description":"Place in the request, from 0; in NDJSON the line, blank ones counted."},
"event_id":{"type":"string","format":"uuid"},"seq":{"type":"integer","description":"Number in the log."},
"leaf_hash":{"type":"string","description":"Leaf hash in lower-case hex."},
"duplicate":{"type":"boolean","description":"It was in the log already."},
"error":{"type":"string","description":"Why it was not taken."}}},
"IngestAnswer":{"type":"object","required":["accepted","duplicates","rejected","items"],"properties":{
"accepted":{"type":"integer","description":"New and durable."},"duplicates":{"type":"integer"},
"rejected":{"type":"integer"},"ignored":{"type":"integer","description":"Lines that are no audit events; for forms of other systems."},"items":{"type":"array","items":{"$ref":"#/components/schemas/IngestItem"}}}},
"OtlpRequest":{"type":"object","description":"ExportLogsServiceRequest (opentelemetry-proto) in JSON.","properties":{
"resourceLogs":{"type":"array","items":{"type":"object"}}}},
"OtlpAnswer":{"type":"object","description":"ExportLogsServiceResponse.","properties":{"partialSuccess":{"type":"object","properties":{
"rejectedLogRecords":{"type":"string"},"errorMessage":{"type":"string"}}}}},
"OtlpStatus":{"type":"object","description":"google.rpc.Status.","required":["code","message"],"properties":{
"code":{"type":"integer"},"message":{"type":"string"}}},
"BackstageEvent":{"type":"object","description":"AuditorEvent, or a line that Backstage or Janus logs of one.","properties":{
"plugin":{"type":"string"},"eventId":{"type":"string"},"status":{"type":"string"}}},
"IngestProblem":{"allOf":[{"$ref":"#/components/schemas/Problem"},{"type":"object","properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/IngestItem"}}}}]},
)";

void append_enum(std::string& out, std::string_view allowed) {
  out += "{\"type\":\"string\",\"enum\":[\"";
  for (std::size_t at = 0; at < allowed.size();) {
    const std::size_t end = std::min(allowed.find(", ", at), allowed.size());
    out += allowed.substr(at, end - at);
    at = end + 2;
    if (at < allowed.size()) out += "\",\"";
  }
  out += "\"]}";
}

/// Members of an event that a client may write.
std::string event_properties() {
  std::string out;
  json::ObjectWriter all(out);
  const auto text = [&all](std::string_view name) { all.raw(name, R"({"type":"string"})"); };
  const auto words = [&](std::string_view name, const std::string& allowed) {
    all.key(name);
    append_enum(out, allowed);
  };
  all.raw("timestamp", R"({"type":"string","format":"date-time"})");
  all.raw("event_id", R"({"type":"string","format":"uuid"})");
  text("event_name");
  words("event_type", event::allowed_texts<event::EventType>());
  text("event_action");
  words("event_result", event::allowed_texts<event::EventResult>());
  words("status", event::allowed_texts<event::Status>());
  words("severity", event::allowed_texts<event::Severity>());
  words("severity_level", event::allowed_texts<event::SeverityLevel>());
  words("actor_type", event::allowed_texts<event::ActorType>());
  for (const std::string_view name :
       {"actor_id", "actor_ip", "actor_user_agent", "target_type", "target_id", "target_name",
        "request_id", "session_id", "trace_id", "interaction_id", "flow_id", "api_endpoint",
        "http_method", "error_message"}) {
    text(name);
  }
  all.raw("on_behalf_of", R"({"type":"array","items":{"type":"string"}})");
  all.raw("duration_ms", R"({"type":"number","minimum":0})");
  all.raw("details", R"({"type":"object"})");
  all.end();
  return out;
}

}  // namespace

std::string openapi_schemas() {
  std::string out;
  for (const char c : kFixed) {
    if (c != '\n') out += c;
  }
  out +=
      "\"NewEvent\":{\"type\":\"object\",\"description\":\"An event as it is sent; unknown "
      "members are kept.\",\"anyOf\":[{\"required\":[\"event_name\"]},{\"required\":"
      "[\"event_type\",\"event_action\"]}],\"properties\":" +
      event_properties() + "}";
  return out;
}

}  // namespace tally::server
