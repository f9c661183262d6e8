// SPDX-License-Identifier: Apache-2.0
// The operations of the API as a table: what is routed, who may, which parameters there are. The
// router checks by it and /openapi.json is printed from it, so the two cannot differ.
#pragma once

#include "access/principal.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::server {

enum class OperationId : std::uint8_t {
  health,
  ready,
  openapi,
  metrics,
  post_events,
  post_backstage,
  post_otlp,
  list,
  entry,
  stats,
  export_entries,
  stream,
  proof,
  checkpoint,
  tile,
  integrity,
  integrity_result,
  session_open,
  session_show,
  session_close,
};
inline constexpr std::size_t kOperationCount = 20;

enum class ParameterKind : std::uint8_t {
  text,     ///< 1 to `bytes_max` bytes of UTF-8
  word,     ///< one of `words`
  integer,  ///< `low` to `high`
  boolean,  ///< true or false
  time,     ///< RFC 3339, a date, or relative: -15m, now-1h
  uuid,     ///< canonical lower-case form
};

struct Parameter {
  std::string_view name;
  ParameterKind kind = ParameterKind::text;
  std::string_view description;
  std::span<const std::string_view> words{};
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::size_t bytes_max = 0;    ///< of text; 0: kApiParameterBytesMax
  std::string_view fallback{};  ///< value when it is absent, for the document
};

/// What a request of this operation carries.
enum class BodyRule : std::uint8_t { none, events, backstage, otlp };

/// One possible answer, for the document.
struct Response {
  int status;
  std::string_view description;
  std::string_view type;    ///< media type; empty: no body
  std::string_view schema;  ///< name of a schema of the document; empty: any
};

struct Operation {
  OperationId id;
  std::string_view method;
  std::string_view path;  ///< "/api/audit/logs/{event_id}": braces take one segment
  access::Need need;
  bool open_on_loopback = false;  ///< no token is asked of a client on this machine
  bool blocks = false;            ///< runs on a worker, not on the loop
  bool waits = false;             ///< may take long: it is noticed when the client leaves
  bool conditional = false;       ///< answers 304 to who has the answer already
  BodyRule body = BodyRule::none;
  std::string_view tag;
  std::string_view summary;
  std::string_view description{};
  std::span<const Parameter> path_parameters{};
  std::span<const Parameter> query{};
  std::span<const Parameter> headers{};
  std::span<const Response> responses{};
};

/// In the order of documentation; operation i has id i. Static storage.
[[nodiscard]] std::span<const Operation> operations();

/// Which operation a request is for.
struct RouteMatch {
  const Operation* operation = nullptr;  ///< null: none, see `allowed`
  std::vector<std::string> segments;     ///< values of braces, decoded, in order
  std::string allowed;  ///< methods that this path has, "GET, HEAD, OPTIONS"; empty: no such path
};
/// HEAD is routed as GET. `path` is raw.
[[nodiscard]] RouteMatch find_route(std::string_view method, std::string_view path);

}  // namespace tally::server
