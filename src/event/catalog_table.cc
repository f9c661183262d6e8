// SPDX-License-Identifier: Apache-2.0
#include "event/catalog_table.h"

#include <array>

namespace tally::event {
namespace {

using enum EventType;
using Level = SeverityLevel;
using Sev = Severity;

constexpr std::uint8_t kA = kMcp20241105, kB = kMcp20250326, kC = kMcp20250618, kD = kMcp20251125,
                       kE = kMcp20260728, kX = kTasksExtension;
constexpr std::uint8_t kAtoD = kA | kB | kC | kD, kAtoE = kAtoD | kE;

constexpr CatalogMethod c2s(std::string_view method, std::uint8_t versions) {
  return {method, MessageKind::request, true, false, versions};
}
constexpr CatalogMethod s2c(std::string_view method, std::uint8_t versions) {
  return {method, MessageKind::request, false, true, versions};
}
constexpr CatalogMethod both(std::string_view method, std::uint8_t versions) {
  return {method, MessageKind::request, true, true, versions};
}
constexpr CatalogMethod note_c2s(std::string_view method, std::uint8_t versions) {
  return {method, MessageKind::notification, true, false, versions};
}
constexpr CatalogMethod note_s2c(std::string_view method, std::uint8_t versions) {
  return {method, MessageKind::notification, false, true, versions};
}
constexpr CatalogMethod note_both(std::string_view method, std::uint8_t versions) {
  return {method, MessageKind::notification, true, true, versions};
}

/// Of every HTTP event; "object" of those about an object, "operation" of those that name a
/// refusal.
constexpr std::array<std::string_view, 12> kHttp{
    "response_time_ms", "status_code", "path", "query_params", "request_body", "ambiguous_path"};
constexpr std::array<std::string_view, 12> kObject{
    "response_time_ms", "status_code",    "path",  "query_params",
    "request_body",     "ambiguous_path", "object"};
/// A change of an object of a gateway, with old_values and new_values.
constexpr CatalogRow change(std::string_view name, std::string_view action, Level level,
                            std::string_view type, std::string_view description) {
  return {name, admin, action, level, Sev::info, type, description, {}, kObject};
}

// Who sends what in which version: schema/<version>/schema.ts of the Model Context Protocol and the
// io.modelcontextprotocol/tasks extension. Severity is that of a success; of an incident, of the
// incident.
// clang-format off
constexpr CatalogRow kRows[] = {
    // Sessions and discovery
    {"mcp-initialize", mcp, "connect", Level::low, Sev::debug, "server",
     "A client opens a session and both sides state version, capabilities and who they are.",
     {c2s("initialize", kAtoD)},
     {"requested_version", "capabilities", "server_capabilities", "instructions_digest"}},
    {"mcp-initialized", mcp, "notify", Level::low, Sev::debug, "server",
     "The client says that it is ready after initialize.",
     {note_c2s("notifications/initialized", kAtoD)}, {}},
    {"mcp-server-discovery", mcp, "view", Level::low, Sev::debug, "server",
     "A client asks which versions and capabilities a server has.", {c2s("server/discover", kE)},
     {"supported_versions", "server_capabilities", "instructions_digest"}},
    {"mcp-ping", mcp, "view", Level::low, Sev::debug, "server",
     "One side checks whether the other one answers.", {both("ping", kAtoD)}, {}},
    // Tools
    {"mcp-tool-discovery", mcp, "list", Level::low, Sev::debug, "server",
     "A client lists tools; every definition served is hashed.", {c2s("tools/list", kAtoE)},
     {"cursor", "next_cursor", "count", "definitions", "definitions_omitted", "page", "result"}},
    {"mcp-tool-execution", mcp, "execute", Level::medium, Sev::info, "tool",
     "A client calls a tool; bound to the definition that was served last.",
     {c2s("tools/call", kAtoE)},
     {"arguments", "arguments_digest", "result", "tool_definition", "task_requested", "task",
      "task_status", "input_responses", "request_state", "next_request_state",
      "request_state_use", "progress_token"}},
    {"mcp-tool-list-changed", mcp, "notify", Level::low, Sev::debug, "server",
     "A server says that its list of tools has changed.",
     {note_s2c("notifications/tools/list_changed", kAtoE)}, {"subscription_id"}},
    {"mcp-tool-definition", mcp, "update", Level::high, Sev::info, "tool",
     "A tool definition changed, or a tool was added or removed, since an earlier complete list of "
     "this process or one before it; a change carries both. The first list of all gives none.", {},
     {"change", "definition", "previous_definition", "changed_fields", "previous_text",
      "compared_with"}},
    {"mcp-tool-shadowed", security, "notify", Level::high, Sev::warning, "server",
     "A server lists tools of names that another server behind this proxy has, too: clients that "
     "know tools by name alone may call the wrong one. Once for each name and server.", {},
     {"tools", "count"}},
    // Resources
    {"mcp-resource-discovery", mcp, "list", Level::low, Sev::debug, "server",
     "A client lists resources.", {c2s("resources/list", kAtoE)},
     {"cursor", "next_cursor", "count", "result"}},
    {"mcp-resource-template-discovery", mcp, "list", Level::low, Sev::debug, "server",
     "A client lists resource templates.", {c2s("resources/templates/list", kAtoE)},
     {"cursor", "next_cursor", "count", "result"}},
    {"mcp-resource-read", mcp, "view", Level::low, Sev::info, "resource",
     "A client reads a resource.", {c2s("resources/read", kAtoE)},
     {"uri", "result", "input_responses", "request_state", "next_request_state",
      "request_state_use"}},
    {"mcp-resource-subscribe", mcp, "subscribe", Level::low, Sev::debug, "resource",
     "A client asks to be told when a resource changes.", {c2s("resources/subscribe", kAtoD)},
     {"uri"}},
    {"mcp-resource-unsubscribe", mcp, "unsubscribe", Level::low, Sev::debug, "resource",
     "A client no longer wants to be told.", {c2s("resources/unsubscribe", kAtoD)}, {"uri"}},
    {"mcp-resource-list-changed", mcp, "notify", Level::low, Sev::debug, "server",
     "A server says that its list of resources has changed.",
     {note_s2c("notifications/resources/list_changed", kAtoE)}, {"subscription_id"}},
    {"mcp-resource-updated", mcp, "notify", Level::low, Sev::debug, "resource",
     "A server says that a resource has changed.",
     {note_s2c("notifications/resources/updated", kAtoE)}, {"uri", "subscription_id"}},
    {"mcp-subscription-listen", mcp, "subscribe", Level::low, Sev::debug, "server",
     "A client opens a long-lived stream of notifications.", {c2s("subscriptions/listen", kE)},
     {"arguments", "subscription_id"}},
    {"mcp-subscription-acknowledged", mcp, "notify", Level::low, Sev::debug, "server",
     "A server says which notifications of a stream it will send.",
     {note_s2c("notifications/subscriptions/acknowledged", kE)}, {"arguments", "subscription_id"}},
    // Prompts and completion
    {"mcp-prompt-discovery", mcp, "list", Level::low, Sev::debug, "server",
     "A client lists prompts.", {c2s("prompts/list", kAtoE)},
     {"cursor", "next_cursor", "count", "result"}},
    {"mcp-prompt-get", mcp, "view", Level::low, Sev::info, "prompt",
     "A client fetches a prompt with its arguments filled in.", {c2s("prompts/get", kAtoE)},
     {"arguments", "arguments_digest", "result", "input_responses", "request_state",
      "next_request_state", "request_state_use"}},
    {"mcp-prompt-list-changed", mcp, "notify", Level::low, Sev::debug, "server",
     "A server says that its list of prompts has changed.",
     {note_s2c("notifications/prompts/list_changed", kAtoE)}, {"subscription_id"}},
    {"mcp-completion", mcp, "execute", Level::low, Sev::debug, "prompt",
     "A client asks for completions of an argument of a prompt or resource template.",
     {c2s("completion/complete", kAtoE)}, {"arguments", "result"}},
    // Server to client
    {"mcp-sampling", mcp, "execute", Level::medium, Sev::info, "client",
     "A server asks the client's model for a completion.", {s2c("sampling/createMessage", kAtoD)},
     {"arguments", "arguments_digest", "result", "role", "model", "stop_reason",
      "task_requested"}},
    {"mcp-elicitation", mcp, "execute", Level::medium, Sev::info, "client",
     "A server asks the user for input, by form or by sending them to a URL.",
     {s2c("elicitation/create", kC | kD)},
     {"mode", "arguments", "arguments_digest", "result", "user_action", "elicitation_id",
      "task_requested"}},
    {"mcp-elicitation-complete", mcp, "notify", Level::low, Sev::debug, "client",
     "A server says that an elicitation by URL has ended.",
     {note_s2c("notifications/elicitation/complete", kD)}, {"elicitation_id"}},
    {"mcp-root-discovery", mcp, "list", Level::low, Sev::debug, "client",
     "A server asks which folders the client lets it use.", {s2c("roots/list", kAtoD)},
     {"result", "count"}},
    {"mcp-root-list-changed", mcp, "notify", Level::low, Sev::debug, "server",
     "A client says that its list of roots has changed.",
     {note_c2s("notifications/roots/list_changed", kAtoD)}, {}},
    // Tasks
    {"mcp-task-get", mcp, "view", Level::low, Sev::debug, "task",
     "One side asks how a task stands.", {both("tasks/get", kD), c2s("tasks/get", kX)},
     {"task", "task_status", "task_message", "task_outcome", "result"}},
    {"mcp-task-result", mcp, "view", Level::low, Sev::info, "task",
     "One side fetches the outcome of a task.", {both("tasks/result", kD)}, {"task", "result"}},
    {"mcp-task-discovery", mcp, "list", Level::low, Sev::debug, "server", "One side lists tasks.",
     {both("tasks/list", kD)}, {"cursor", "next_cursor", "count", "result"}},
    {"mcp-task-cancel", mcp, "delete", Level::medium, Sev::info, "task", "One side cancels a task.",
     {both("tasks/cancel", kD), c2s("tasks/cancel", kX)}, {"task", "task_status", "task_message"}},
    {"mcp-task-update", mcp, "update", Level::medium, Sev::info, "task",
     "A client gives a task the input that it waits for.", {c2s("tasks/update", kX)},
     {"task", "input_responses"}},
    {"mcp-task-status", mcp, "notify", Level::low, Sev::debug, "task",
     "One side says how a task stands.",
     {note_both("notifications/tasks/status", kD), note_s2c("notifications/tasks", kX)},
     {"task", "task_status", "task_message", "task_outcome", "result"}},
    {"mcp-task-probing", security, "notify", Level::high, Sev::warning, "server",
     "One principal, or one address of unchecked ones, asked for many tasks that are not there.", {},
     {"tasks", "window_seconds"}},
    // Utilities
    {"mcp-log-level-set", mcp, "update", Level::low, Sev::debug, "server",
     "A client sets which log messages it wants.", {c2s("logging/setLevel", kAtoD)}, {"level"}},
    {"mcp-log-message", mcp, "notify", Level::low, Sev::debug, "server",
     "A server sends a log message.", {note_s2c("notifications/message", kAtoE)},
     {"level", "logger", "arguments"}},
    {"mcp-progress", mcp, "notify", Level::low, Sev::debug, "request",
     "One side says how far a request has come.",
     {note_both("notifications/progress", kAtoD), note_s2c("notifications/progress", kE)},
     {"progress_token", "progress", "total", "message", "progress_of"}},
    {"mcp-cancellation", mcp, "notify", Level::low, Sev::debug, "request",
     "One side no longer wants an answer.", {note_both("notifications/cancelled", kAtoE)},
     {"cancelled_id", "reason", "cancels"}},
    // What fits nowhere
    {"mcp-unknown-method", mcp, "execute", Level::medium, Sev::info, "method",
     "A request or notification whose method this table does not have in that direction.", {},
     {"arguments", "arguments_digest", "result"}},
    {"mcp-unmatched-response", mcp, "notify", Level::medium, Sev::warning, "request",
     "A response to a request that nobody has seen, or a second one.", {}, {"response"}},
    {"mcp-unparsed", mcp, "notify", Level::medium, Sev::warning, "server",
     "Bytes on an MCP connection that are no JSON-RPC message; kept by size and digest.", {},
     {"reason", "violations", "content", "bytes_so_far", "cut_off"}},
    {"mcp-protocol-violation", security, "notify", Level::high, Sev::warning, "server",
     "A message that two parsers could read differently or that the protocol forbids here.", {},
     {"violations", "violating_method", "violating_id", "message"}},
    // Sessions and streams over HTTP
    {"mcp-stream", mcp, "subscribe", Level::low, Sev::debug, "server",
     "A client holds a stream open on which the server sends messages: GET of Streamable HTTP, or "
     "HTTP+SSE.", {},
     {"response_time_ms", "status_code", "path", "query_params", "request_body", "stream", "events",
      "replayed_events", "endpoint", "endpoint_origin", "endpoint_rewritten"}},
    {"mcp-session-end", mcp, "disconnect", Level::low, Sev::info, "session",
     "A session ended: deleted by the client, no longer known to the server, or its stream closed.",
     {}, {"reason", "open_requests"}},
    {"mcp-session-shared", security, "notify", Level::high, Sev::warning, "session",
     "One session is used by another principal, address or client than the one that opened it.", {},
     {"differs", "first_principal", "principals", "first_address", "addresses", "first_client"}},
    // Processes under wrap
    {"mcp-server-start", system, "start", Level::medium, Sev::info, "server",
     "wrap started the server's command.", {},
     {"command", "arguments", "environment_names", "executable", "executable_digest",
      "executable_bytes", "working_directory", "pid", "wrapper_pid", "wrapper_parent_pid",
      "instance_process", "user"}},
    {"mcp-server-exit", system, "stop", Level::medium, Sev::info, "server",
     "The server's process ended.", {},
     {"exit_code", "signal", "core_dumped", "exit_status", "reason", "executable_digest",
      "executable_bytes"}},
    // Identity and access
    {"auth-login", auth, "login", Level::medium, Sev::info, "session", "Someone logged in.", {},
     {"method", "user", "response_time_ms", "status_code", "path", "query_params", "request_body",
      "ambiguous_path"}},
    {"auth-logout", auth, "logout", Level::low, Sev::info, "session", "Someone logged out.", {},
     kHttp},
    {"auth-failure", auth, "login", Level::high, Sev::warning, "session",
     "Credentials were missing, wrong or expired.", {},
     {"method", "reason", "challenge", "response_time_ms", "status_code", "path", "query_params",
      "request_body", "operation", "user", "ambiguous_path"}},
    {"auth-scope-challenge", auth, "login", Level::medium, Sev::warning, "session",
     "A server wants more scopes than the token has.", {},
     {"scopes", "challenge", "response_time_ms", "status_code", "path", "query_params",
      "request_body", "operation", "user", "ambiguous_path"}},
    {"access-denied", access, "execute", Level::high, Sev::warning, "endpoint",
     "A known identity was refused.", {},
     {"reason", "origin", "challenge", "response_time_ms", "status_code", "path", "query_params",
      "request_body", "operation", "user", "ambiguous_path"}},
    {"rate-limit-exceeded", access, "execute", Level::medium, Sev::warning, "endpoint",
     "Requests were refused because there were too many.", {},
     {"limit", "retry_after", "response_time_ms", "status_code", "path", "query_params",
      "request_body", "operation", "user", "ambiguous_path"}},
    {"auth-token-misuse", security, "notify", Level::high, Sev::warning, "server",
     "A token was used at a second server, at one that it was not made for, or in a query.", {},
     {"reason", "credential_digest", "first_server", "audiences", "host"}},
    {"auth-metadata-changed", security, "update", Level::high, Sev::warning, "endpoint",
     "Authorization metadata that a server publishes is not what it was when it was last seen.", {},
     {"path", "changed_members", "digest", "previous_digest", "previous_seen"}},
    {"auth-metadata-unsafe", security, "notify", Level::high, Sev::warning, "endpoint",
     "Authorization metadata, or a challenge, leads clients to an address that they should not go "
     "to: of the own network, of a cloud's metadata service, without TLS, with credentials.", {},
     {"path", "host", "addresses"}},
    {"http-request-refused", security, "notify", Level::high, Sev::warning, "endpoint",
     "Something that is no acceptable HTTP request, or that two parsers could read differently, was "
     "refused.", {}, {"reason", "response_time_ms", "status_code", "path", "query_params", "request_body"}},
    {"http-request", api, "execute", Level::low, Sev::debug, "endpoint",
     "An HTTP exchange that carried no MCP message.", {},
     {"response_time_ms", "status_code", "path", "query_params", "request_body", "upgrade",
      "bytes_from_client", "bytes_from_server", "ambiguous_path"}},
    // Administration of a gateway, by HTTP requests that are not MCP
    change("admin-tool-created", "create", Level::medium, "tool", "A tool was created."),
    change("admin-tool-updated", "update", Level::medium, "tool", "A tool was changed."),
    change("admin-tool-deleted", "delete", Level::high, "tool", "A tool was removed."),
    change("admin-tool-state-changed", "update", Level::medium, "tool",
           "A tool was switched on or off."),
    change("admin-resource-created", "create", Level::medium, "resource", "A resource was created."),
    change("admin-resource-updated", "update", Level::medium, "resource", "A resource was changed."),
    change("admin-resource-deleted", "delete", Level::high, "resource", "A resource was removed."),
    change("admin-resource-state-changed", "update", Level::medium, "resource",
           "A resource was switched on or off."),
    change("admin-prompt-created", "create", Level::medium, "prompt", "A prompt was created."),
    change("admin-prompt-updated", "update", Level::medium, "prompt", "A prompt was changed."),
    change("admin-prompt-deleted", "delete", Level::high, "prompt", "A prompt was removed."),
    change("admin-prompt-state-changed", "update", Level::medium, "prompt",
           "A prompt was switched on or off."),
    change("admin-server-created", "create", Level::high, "server", "A (virtual) server was created."),
    change("admin-server-updated", "update", Level::high, "server", "A (virtual) server was changed."),
    change("admin-server-deleted", "delete", Level::high, "server", "A (virtual) server was removed."),
    change("admin-server-state-changed", "update", Level::high, "server",
           "A (virtual) server was switched on or off."),
    change("admin-gateway-created", "create", Level::high, "gateway", "A gateway, that is another MCP server behind this one, was registered."),
    change("admin-gateway-updated", "update", Level::high, "gateway", "A gateway, that is another MCP server behind this one, was changed."),
    change("admin-gateway-deleted", "delete", Level::high, "gateway", "A gateway, that is another MCP server behind this one, was removed."),
    change("admin-gateway-state-changed", "update", Level::high, "gateway",
           "A gateway, that is another MCP server behind this one, was switched on or off."),
    change("admin-user-created", "create", Level::high, "user", "A user was added."),
    change("admin-user-updated", "update", Level::high, "user", "A user was changed."),
    change("admin-user-deleted", "delete", Level::high, "user", "A user was removed."),
    change("admin-user-state-changed", "update", Level::high, "user",
           "A user was switched on or off."),
    change("admin-team-created", "create", Level::high, "team", "A team was created."),
    change("admin-team-updated", "update", Level::high, "team", "A team was changed."),
    change("admin-team-deleted", "delete", Level::high, "team", "A team was removed."),
    change("admin-team-state-changed", "update", Level::high, "team",
           "A team was switched on or off."),
    change("admin-object-created", "create", Level::medium, "object", "An object of another kind was created."),
    change("admin-object-updated", "update", Level::medium, "object", "An object of another kind was changed."),
    change("admin-object-deleted", "delete", Level::high, "object", "An object of another kind was removed."),
    change("admin-object-state-changed", "update", Level::medium, "object",
           "An object of another kind was switched on or off."),
    {"admin-request", admin, "execute", Level::medium, Sev::info, "endpoint",
     "A request to an administration path that is none of these; its action follows from the "
     "method.", {}, kObject},
    {"auth-request", auth, "execute", Level::medium, Sev::info, "endpoint",
     "A request to an authentication path that is no login, logout or token; its action follows "
     "from the method.", {}, kHttp},
    {"auth-token-issued", auth, "create", Level::high, Sev::info, "token",
     "A gateway or authorization server made a token.", {}, kObject},
    {"auth-token-revoked", auth, "delete", Level::high, Sev::info, "token",
     "A token was revoked.", {}, kHttp},
    {"rpc-request", rpc, "execute", Level::medium, Sev::debug, "endpoint",
     "A request to a JSON-RPC path that carried no message.", {}, kHttp},
    // What programs that send events themselves tell (clients/)
    {"mcp-connection", mcp, "connect", Level::low, Sev::debug, "server",
     "Backstage's MCP plugin began or ended to answer a POST; told by its auditor, not seen on the "
     "wire.", {},
     {"plugin", "event_id", "meta", "backstage", "hostname", "error", "actor", "request"}},
    {"client-audit-gap", security, "create", Level::critical, Sev::error, "log",
     "A program that sends events could not send some for a time; says from when to when and how "
     "many.", {}, {"from", "to", "count", "by_method", "spooled", "reason"}},
    // The audit log itself
    {"audit-log-created", audit, "create", Level::high, Sev::info, "log", "This log was created.",
     {}, {"origin", "hash", "version"}},
    {"audit-log-access", audit, "view", Level::medium, Sev::info, "log",
     "Someone read the audit log.", {}, {"operation", "query", "count"}},
    {"audit-log-export", audit, "view", Level::high, Sev::info, "log",
     "Someone exported from the audit log: one record before the first byte, one at the end.", {},
     {"format", "query", "size", "count", "bytes", "complete", "sha256", "outcome"}},
    {"audit-log-recovered", audit, "update", Level::high, Sev::warning, "log",
     "Bytes behind the last commit were cut off when the log was opened.", {},
     {"entries", "bytes", "sha256", "segments_removed", "lines_rewritten", "tree_rebuilt"}},
    {"audit-log-integrity-check", audit, "view", Level::medium, Sev::info, "log",
     "The log was checked against its tree and checkpoints.", {},
     {"size", "root", "problems", "entries", "entries_invalid", "trigger"}},
    {"audit-log-integrity-failure", audit, "view", Level::critical, Sev::critical, "log",
     "The log does not agree with its tree or a checkpoint.", {},
     {"problems", "size", "root", "entries", "entries_invalid", "trigger"}},
    {"audit-gap", audit, "create", Level::critical, Sev::error, "log",
     "Interactions could not be recorded for a time; says from when to when and how many by "
      "method.", {}, {"from", "to", "count", "by_method", "spooled", "reason"}},
    {"audit-disabled", audit, "update", Level::critical, Sev::warning, "log",
     "Auditing was switched off; traffic is only relayed.", {}, {"setting"}},
    {"audit-service-start", audit, "start", Level::medium, Sev::info, "service",
     "The audit service started.", {}, {"version", "settings_digest", "settings", "instance_process"}},
    {"audit-service-stop", audit, "stop", Level::medium, Sev::info, "service",
     "The audit service stopped.", {}, {"version", "reason"}},
    {"audit-settings-changed", audit, "update", Level::high, Sev::info, "settings",
     "Settings of the audit service changed.", {},
     {"reason", "changed", "needs_restart", "settings_digest", "settings"}},
    {"audit-token-created", audit, "create", Level::high, Sev::info, "token",
     "An API token was made.", {}, {"role", "scope", "expires"}},
    {"audit-token-revoked", audit, "delete", Level::high, Sev::info, "token",
     "An API token was revoked.", {}, {}},
    {"audit-key-rotated", audit, "update", Level::critical, Sev::info, "key",
     "The log is signed with another key from now on.", {}, {"previous_key", "key"}},
};
// clang-format on

constexpr std::string_view kCommonDetails[] = {"transport",
                                               "direction",
                                               "method",
                                               "protocol_version",
                                               "jsonrpc_id",
                                               "batch",
                                               "server",
                                               "client",
                                               "outcome",
                                               "arguments",
                                               "arguments_digest",
                                               "result",
                                               "other_params",
                                               "error_data",
                                               "progress_notifications",
                                               "capability",
                                               "cancelled",
                                               "ambiguous_id",
                                               "oversize",
                                               "auth",
                                               "http"};

}  // namespace

std::span<const std::string_view> common_details() { return kCommonDetails; }

std::span<const CatalogRow> catalog_rows() { return kRows; }

}  // namespace tally::event
