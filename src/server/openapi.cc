// SPDX-License-Identifier: Apache-2.0
#include "server/openapi.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "server/answer.h"
#include "server/operation.h"

#include <algorithm>
#include <map>

namespace tally::server {
namespace {

using json::ObjectWriter;

void write_schema(std::string& out, const Parameter& parameter) {
  ObjectWriter schema(out);
  switch (parameter.kind) {
    case ParameterKind::text:
      schema.string("type", "string");
      schema.number("minLength", 1);
      schema.number("maxLength",
                    parameter.bytes_max == 0 ? kApiParameterBytesMax : parameter.bytes_max);
      break;
    case ParameterKind::word: {
      schema.string("type", "string");
      schema.key("enum");
      char separator = '[';
      for (const std::string_view word : parameter.words) {
        out += separator;
        separator = ',';
        json::append_string(out, word);
      }
      out += ']';
      break;
    }
    case ParameterKind::integer:
      schema.string("type", "integer");
      schema.number("minimum", parameter.low);
      schema.number("maximum", parameter.high);
      if (!parameter.fallback.empty()) schema.raw("default", parameter.fallback);
      break;
    case ParameterKind::boolean:
      schema.string("type", "boolean");
      schema.boolean("default", parameter.fallback == "true");
      break;
    case ParameterKind::time:
      schema.string("type", "string");
      schema.string("format", "date-time");
      break;
    case ParameterKind::uuid:
      schema.string("type", "string");
      schema.string("format", "uuid");
      schema.string("pattern", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
      break;
  }
  const bool worded =
      parameter.kind == ParameterKind::word || parameter.kind == ParameterKind::text;
  if (worded && !parameter.fallback.empty()) schema.string("default", parameter.fallback);
  schema.end();
}

void write_parameters(std::string& out, const Operation& operation) {
  char separator = '[';
  const auto all = [&](std::span<const Parameter> parameters, std::string_view place) {
    for (const Parameter& parameter : parameters) {
      out += separator;
      separator = ',';
      ObjectWriter one(out);
      one.string("name", parameter.name);
      one.string("in", place);
      one.boolean("required", place == "path");
      one.string("description", parameter.description);
      one.key("schema");
      write_schema(out, parameter);
      one.end();
    }
  };
  all(operation.path_parameters, "path");
  all(operation.query, "query");
  all(operation.headers, "header");
  if (separator == '[') out += '[';
  out += ']';
}

/// `same`: answers with one status, each with a media type of its own.
void write_response(std::string& out, std::span<const Response> same) {
  ObjectWriter one(out);
  one.string("description", same.front().description);
  if (!same.front().type.empty()) {
    one.key("content");
    ObjectWriter content(out);
    for (const Response& response : same) {
      content.key(response.type);
      out += "{\"schema\":";
      if (response.schema.empty()) {
        out += "{\"type\":\"string\"}";
      } else {
        out.append("{\"$ref\":\"#/components/schemas/").append(response.schema).append("\"}");
      }
      out += '}';
    }
    content.end();
  }
  one.end();
}

/// What every operation of a kind may answer beside its own: one rule for what the service does
/// before and after any handler.
std::vector<Response> common_responses(const Operation& operation) {
  std::vector<Response> out;
  const auto add = [&out](int status, std::string_view description) {
    out.push_back({status, description, kProblemType, "Problem"});
  };
  const bool has_body = operation.body != BodyRule::none;
  if (operation.conditional) {
    out.push_back({304, "The client has it already (If-None-Match).", "", ""});
  }
  add(400, has_body ? "No acceptable HTTP request, or a broken chunked body."
                    : "No acceptable HTTP request, or one with a body, which is not taken here.");
  if (operation.need != access::Need::nothing) {
    add(401, "No token, or one that is not accepted.");
    add(403, "The token's role may not do this, or its claims give none.");
    add(429, "Too many wrong tokens from this address.");
  }
  add(408, "The request did not come to its end in time.");
  if (has_body) add(413, "More than one request may carry.");
  add(415, "A Content-Encoding that is not understood.");
  add(422, "A parameter is unknown, repeated or has a bad value.");
  if (operation.blocks) add(500, "The log cannot be used; its operator has to look.");
  if (operation.blocks || has_body || operation.need != access::Need::nothing) {
    add(503,
        "Too much is under way, or the keys of the token's issuer are not known; see "
        "Retry-After.");
  }
  return out;
}

void write_responses(std::string& out, const Operation& operation) {
  std::map<int, std::vector<Response>> by_status;
  for (const Response& response : operation.responses) {
    by_status[response.status].push_back(response);
  }
  for (const Response& response : common_responses(operation)) {
    by_status.try_emplace(response.status, 1, response);  // its own go first
  }
  ObjectWriter all(out);
  for (const auto& [status, responses] : by_status) {
    all.key(std::to_string(status));
    write_response(out, responses);
  }
  all.end();
}

void write_events_body(std::string& out, std::string_view schema, std::string_view line_types) {
  const std::string reference = R"({"$ref":"#/components/schemas/)" + std::string(schema) + "\"}";
  out.append(R"("application/json":{"schema":{"oneOf":[)").append(reference);
  out.append(R"(,{"type":"array","minItems":1,"items":)").append(reference).append("}]}}");
  while (!line_types.empty()) {
    const std::size_t end = std::min(line_types.find(' '), line_types.size());
    out.append(",\"").append(line_types.substr(0, end));
    out += R"(":{"schema":{"type":"string","description":"One object a line."}})";
    line_types.remove_prefix(std::min(end + 1, line_types.size()));
  }
}

void write_body(std::string& out, BodyRule rule) {
  out += R"({"required":true,"content":{)";
  switch (rule) {
    case BodyRule::none: break;
    case BodyRule::events: write_events_body(out, "NewEvent", "application/x-ndjson"); break;
    case BodyRule::backstage:
      write_events_body(out, "BackstageEvent", "application/x-ndjson text/plain");
      break;
    case BodyRule::otlp:
      out += R"("application/json":{"schema":{"$ref":"#/components/schemas/OtlpRequest"}})";
      break;
  }
  out += "}}";
}

std::string operation_id(const Operation& operation) {
  std::string out;
  for (const char c : operation.method) out += static_cast<char>(c | 0x20);
  bool upper = true;
  for (const char c : operation.path) {
    if (c == '/' || c == '{' || c == '}' || c == '_' || c == '.' || c == '*' || c == '-') {
      upper = true;
    } else {
      out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      upper = false;
    }
  }
  return out;
}

void write_operation(std::string& out, const Operation& operation) {
  ObjectWriter one(out);
  one.string("operationId", operation_id(operation));
  one.raw("tags", "[\"" + std::string(operation.tag) + "\"]");
  one.string("summary", operation.summary);
  if (!operation.description.empty()) one.string("description", operation.description);
  one.key("security");
  out += operation.need == access::Need::nothing     ? "[]"
         : operation.id == OperationId::session_open ? R"([{"token":[]}])"
         : operation.open_on_loopback                ? R"([{},{"token":[]},{"session":[]}])"
                                                     : R"([{"token":[]},{"session":[]}])";
  const bool any =
      !operation.path_parameters.empty() || !operation.query.empty() || !operation.headers.empty();
  if (any) {
    one.key("parameters");
    write_parameters(out, operation);
  }
  if (operation.body != BodyRule::none) {
    one.key("requestBody");
    write_body(out, operation.body);
  }
  one.key("responses");
  write_responses(out, operation);
  one.end();
}

/// "/log/tile/{rest*}" as OpenAPI writes it.
std::string document_path(std::string_view path) {
  std::string out(path);
  std::erase(out, '*');
  return out;
}

}  // namespace

std::string openapi_document(std::string_view version) {
  std::string out;
  ObjectWriter document(out);
  document.string("openapi", "3.1.0");
  document.key("info");
  {
    ObjectWriter info(out);
    info.string("title", "Tallystick");
    info.string("version", version);
    info.string("description",
                "The audit log of an MCP deployment: add events, search and prove "
                "them. Reading is itself audited.");
    info.raw("license", R"({"name":"Apache-2.0","identifier":"Apache-2.0"})");
    info.end();
  }
  document.raw("servers", R"([{"url":"/","description":"The service that gave this document."}])");
  document.raw("security", R"([{"token":[]}])");
  document.raw("tags",
               R"([{"name":"events","description":"Adding and reading entries."},)"
               R"({"name":"proofs","description":"What third parties check the log with."},)"
               R"({"name":"sessions","description":"A cookie for browsers in place of a token."},)"
               R"({"name":"service","description":"The service itself."}])");
  document.key("paths");
  ObjectWriter paths(out);
  std::vector<std::string_view> done;
  for (const Operation& operation : operations()) {
    if (std::ranges::find(done, operation.path) != done.end()) continue;
    done.push_back(operation.path);
    paths.key(document_path(operation.path));
    ObjectWriter path(out);
    for (const Operation& other : operations()) {
      if (other.path != operation.path) continue;
      std::string method(other.method);
      for (char& c : method) c = static_cast<char>(c | 0x20);
      path.key(method);
      write_operation(out, other);
    }
    path.end();
  }
  paths.end();
  document.raw(
      "components",
      "{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\","
      "\"description\":\"tallystick token create makes one; or of an issuer, where one is "
      "configured.\"},\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":"
      "\"tallystick_session\",\"description\":\"From POST /api/audit/session; under TLS it "
      "has __Host- before its name.\"}},\"schemas\":{" +
          openapi_schemas() + "}}");
  document.end();
  return out + "\n";
}

}  // namespace tally::server
