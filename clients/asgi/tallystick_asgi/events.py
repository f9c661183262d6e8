# SPDX-License-Identifier: Apache-2.0
"""From an exchange to events: one for an HTTP request, one per JSON-RPC message for a JSON-RPC body."""
from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone
from typing import Any, Optional
from urllib.parse import parse_qsl

from .exchange import Exchange, header_of
from .ids import uuid7
from .json_text import dumps, loads
from .mcp_methods import METHODS
from .outcome import SEVERITY_OF, STATUS_OF, Answers, Outcome, decoded, http_outcome
from .redaction import Notes, redact_json, redact_parameters, redact_text
from .routes import EVENT_ACTIONS
from .settings import Settings

Event = dict[str, Any]

FIELD_CHARS_MAX = 1000  # at most 4 KiB of UTF-8
PREVIEW_CHARS_MAX = 500
BATCH_MAX = 100  # elements of one JSON-RPC batch that get events of their own
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def timestamp(seconds: float) -> str:
    """RFC 3339, UTC, microseconds."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text(value: str, limit: int = FIELD_CHARS_MAX) -> str:
    """As it may stand in a field: valid UTF-8, no NUL, bounded."""
    return value[:limit].encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def events_of(exchange: Exchange, settings: Settings) -> list[Event]:
    """Complete events with ids. Never raises for what a client or the application sent."""
    if exchange.kind == "http" and exchange.route.category in ("rpc", "mcp") and exchange.method == "POST":
        messages = _messages(exchange, settings)
        if messages:
            return _rpc_events(exchange, messages, settings)
    return [_http_event(exchange, settings)]


def _common(exchange: Exchange, name: str, outcome: Outcome, severity: str, notes: Notes) -> Event:
    event: Event = {
        "timestamp": timestamp(exchange.finished), "event_id": uuid7(), "event_name": name,
        "event_result": outcome.result, "status": STATUS_OF.get(outcome.result, "failed"),
        "severity": SEVERITY_OF.get(outcome.result, severity), "interaction_id": uuid7(),
        "actor_type": "anonymous", "request_id": exchange.request_id,
        "http_method": "GET" if exchange.kind == "websocket" else text(exchange.method, 32),
        "duration_ms": round(exchange.milliseconds, 3),
        **exchange.actor,
    }
    if exchange.client:
        event["actor_ip"] = exchange.client
    agent = header_of(exchange.headers, b"user-agent")
    if agent:
        event["actor_user_agent"] = text(agent, 512)
    endpoint = exchange.path
    if exchange.query:
        endpoint += "?" + exchange.query.decode("latin-1")
    event["api_endpoint"] = redact_text(text(endpoint), "api_endpoint", notes)
    session = header_of(exchange.headers, b"mcp-session-id") or header_of(exchange.response_headers, b"mcp-session-id")
    if session:
        event["session_id"] = text(session, 256)  # the server keeps a keyed digest of it
    trace = _TRACEPARENT.fullmatch(header_of(exchange.headers, b"traceparent"))
    if trace:
        event["trace_id"] = trace[1]
    if outcome.message:
        event["error_message"] = redact_text(text(outcome.message), "error_message", notes)
    return event


def _http_details(exchange: Exchange, outcome: Outcome, notes: Notes) -> dict[str, Any]:
    pairs = parse_qsl(exchange.query.decode("latin-1"), keep_blank_values=True, max_num_fields=None)[:100]
    details: dict[str, Any] = {
        "transport": exchange.kind,
        "response_time_ms": round(exchange.milliseconds, 3),
        "status_code": exchange.status or None,
        "path": redact_text(text(exchange.path), "details.path", notes),
        "query_params": redact_parameters([(text(name), text(value)) for name, value in pairs], "details.query_params",
                                          notes),
    }
    if outcome.reason:
        details["outcome"] = {"http_status": exchange.status or None, "reason": outcome.reason}
    return details


def _http_event(exchange: Exchange, settings: Settings) -> Event:
    notes: Notes = []
    outcome = http_outcome(exchange)
    route, identity = exchange.route, exchange.object_id
    action = "connect" if exchange.kind == "websocket" else route.action_of(exchange.method, bool(identity))
    details = _http_details(exchange, outcome, notes)
    details["request_body"] = _request_body(exchange, settings, notes)
    name, kind = "http-request", route.category
    if exchange.kind == "websocket":
        details["upgrade"] = "websocket"
        details["close_code"] = exchange.close_code
    elif exchange.status == 401:
        name, kind, action = "auth-failure", "auth", "login"
        details["reason"] = "unauthorized"
    elif exchange.status == 403:
        name, kind = "access-denied", "access"
        details["reason"] = "forbidden"
    elif exchange.status == 429:
        name, kind = "rate-limit-exceeded", "access"
        details["retry_after"] = text(header_of(exchange.response_headers, b"retry-after"), 64) or None
    elif action in ("login", "logout") and outcome.result == "success":
        name = "auth-" + action
    elif action == "login" and outcome.result == "failure":
        name, kind = "auth-failure", "auth"
        details["reason"] = "login"
    severity = "info" if kind in ("auth", "admin", "access") or action in ("create", "update", "delete") else "debug"
    event = _common(exchange, name, outcome, severity, notes)
    event["event_type"] = kind if kind != "mcp" else "api"
    event["event_action"] = EVENT_ACTIONS.get(action, action)
    if route.target_type and route.target_type != "session":
        event["target_type"] = route.target_type
        if identity:
            event["target_id"] = text(f"{settings.server}/{identity}")
            event["target_name"] = text(identity)
        else:
            event["target_id"] = settings.server
    else:
        event["target_type"] = "session" if route.target_type else "endpoint"
        event["target_id"] = text(settings.server + details["path"])
        event["target_name"] = details["path"]
    event["details"] = details
    if notes:
        event["redactions"] = notes
    return event


def _capped(value: Any, path: str, settings: Settings, notes: Notes) -> tuple[Any, Optional[dict[str, Any]]]:
    """(redacted value, None), or (None, what stands in for one that is too large)."""
    found: Notes = []
    clean = redact_json(value, path, found)
    notes.extend(found[: max(0, 50 - len(notes))])
    encoded = dumps(clean)
    size = len(encoded.encode("utf-8", "replace"))
    if size <= settings.recorded_bytes:
        return clean, None
    instead: dict[str, Any] = {"bytes": size, "preview": text(encoded, PREVIEW_CHARS_MAX)}
    if not found:  # a plain digest of something that held a secret would let it be guessed
        instead["digest"] = "sha256:" + hashlib.sha256(encoded.encode("utf-8", "replace")).hexdigest()
    return None, instead


def _request_body(exchange: Exchange, settings: Settings, notes: Notes) -> Any:
    body = exchange.request_body
    if body is None or not body.total:
        return None
    data = decoded(body, header_of(exchange.headers, b"content-encoding"), settings.body_bytes)
    if data is None:
        return {"bytes": body.total, "reason": "not-read" if body.whole else "too-large-or-cut-off"}
    kind = header_of(exchange.headers, b"content-type").split(";")[0].strip().lower()
    value: Any
    try:
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)[:500]
            value = redact_parameters(pairs, "details.request_body", notes, 2 * settings.recorded_bytes, 4 * settings.recorded_bytes)
        elif kind.endswith("json") or data[:1] in (b"{", b"["):
            value = loads(data)
        else:
            return {"bytes": body.total, "content_type": text(kind, 128)}
    except (ValueError, RecursionError):
        return {"bytes": body.total, "reason": "not-json"}
    clean, instead = _capped(value, "details.request_body", settings, notes)
    return clean if instead is None else instead


def _messages(exchange: Exchange, settings: Settings) -> Optional[list[Any]]:
    body = exchange.request_body
    if body is None:
        return None
    data = decoded(body, header_of(exchange.headers, b"content-encoding"), settings.body_bytes)
    if not data:
        return None
    try:
        value = loads(data)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        requests = value[:BATCH_MAX]
    else:
        requests = [value]
    fit = all(isinstance(item, dict) and isinstance(item.get("method"), str) for item in requests)
    return requests if fit else None


def _target(method: str, params: dict[str, Any], kind: str, server: str) -> tuple[str, str, str]:
    key = {"tool": "name", "prompt": "name", "resource": "uri"}.get(kind)
    name = params.get(key) if key else None
    if isinstance(name, str) and name:
        return kind, text(f"{server}/{name}"), text(name)
    if kind == "method":
        return kind, text(f"{server}/{method}"), text(method)
    return "server", server, server


def _rpc_events(exchange: Exchange, messages: list[dict[str, Any]], settings: Settings) -> list[Event]:
    by_status = http_outcome(exchange)
    answers = Answers(exchange, settings.answer_bytes) if by_status.result == "success" else None
    batch = uuid7() if len(messages) > 1 else ""
    out = []
    for index, message in enumerate(messages):
        notes: Notes = []
        method = message["method"]
        name, action, level, kind, severity = METHODS.get(
            method, ("mcp-unknown-method", "execute", "medium", "method", "info"))
        asks = "id" in message
        if answers is None or not asks:
            outcome = by_status
        else:
            outcome = answers.outcome(message["id"])
        event = _common(exchange, name, outcome, severity, notes)
        event["event_type"], event["event_action"], event["severity_level"] = "mcp", action, level
        given = message.get("params")
        params: dict[str, Any] = given if isinstance(given, dict) else {}
        event["target_type"], event["target_id"], event["target_name"] = _target(method, params, kind, settings.server)
        details: dict[str, Any] = {"transport": "http", "direction": "c2s", "method": text(method, 256)}
        version = header_of(exchange.headers, b"mcp-protocol-version")
        if version:
            details["protocol_version"] = text(version, 64)
        if asks and isinstance(message["id"], (str, int, float)):
            details["jsonrpc_id"] = text(message["id"], 256) if isinstance(message["id"], str) else message["id"]
        if isinstance(params.get("clientInfo"), dict):
            details["client"] = redact_json(params["clientInfo"], "details.client", notes)
        arguments = params.get("arguments") if name in ("mcp-tool-execution", "mcp-prompt-get") else given
        if arguments not in (None, {}, []):
            clean, instead = _capped(arguments, "details.arguments", settings, notes)
            details["arguments" if instead is None else "arguments_digest"] = clean if instead is None else instead
        if batch:
            details["batch"] = {"id": batch, "index": index, "size": len(messages)}
        http = _http_details(exchange, outcome, notes)
        reason = http.pop("outcome", None)
        if reason is not None:
            details["outcome"] = reason
        http.pop("transport")
        details["http"] = http
        event["details"] = details
        if notes:
            event["redactions"] = notes[:50]
        out.append(event)
    return out
