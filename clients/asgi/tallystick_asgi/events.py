# SPDX-License-Identifier: Apache-2.0
"""From an exchange to events: one for an HTTP request, one per JSON-RPC message for a JSON-RPC body."""
from __future__ import annotations

import hashlib
import re
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any, Optional
from urllib.parse import parse_qsl

from .events_text import text, timestamp
from .exchange import Exchange, header_of
from .ids import uuid7
from .json_text import RepeatedKeys, dumps, loads
from .mcp_methods import METHODS
from .objects import ObjectMemory
from .operation import Operation, level_of, type_of
from .outcome import SEVERITY_OF, STATUS_OF, Answers, Outcome, decoded, http_outcome
from .redaction import Notes, redact_json, redact_parameters, redact_text
from .routes import RouteTable
from .settings import Settings

Event = dict[str, Any]

EVENT_BYTES_MAX = 46_000  # the server takes 48,000, of which it needs some itself
PREVIEW_CHARS_MAX = 500
BATCH_MAX = 100  # elements of one JSON-RPC batch that get events of their own
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def encoded(event: Event) -> bytes:
    """One line of JSON, within what the server takes: payloads go first. Errors: as json_text.dumps."""
    line = dumps(event).encode("utf-8", "replace")
    places = ((event["details"], "request_body"), (event, "new_values"), (event, "old_values"), (event["details"], "arguments"))
    for holder, key in places if len(line) > EVENT_BYTES_MAX else ():
        if holder.get(key) is not None:
            holder[key] = {"bytes": len(dumps(holder[key])), "reason": "event-too-large"}
            line = dumps(event).encode("utf-8", "replace")
            if len(line) <= EVENT_BYTES_MAX:
                break
    return line


class EventMaker:
    """Makes complete events with ids. Used by one thread at a time: it remembers objects as they were last seen."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._table = RouteTable(settings.routes)
        self._memory = ObjectMemory()

    def __call__(self, exchange: Exchange) -> list[Event]:
        """Never raises for what a client or the application sent."""
        if exchange.kind == "http" and exchange.route.category in ("rpc", "mcp") and exchange.method == "POST":
            messages = _messages(exchange, self._settings)
            if messages:
                return _rpc_events(exchange, messages, self._settings)
        if exchange.kind == "websocket":
            return [_websocket_event(exchange, self._settings)]
        return [self._http_event(exchange)]

    def _http_event(self, exchange: Exchange) -> Event:
        settings, memory = self._settings, self._memory
        notes: Notes = []
        details = _http_details(exchange, notes)
        request, details["request_body"] = _request_body(exchange, settings, notes)
        if isinstance(request, RepeatedKeys):
            details["repeated_keys"] = True
        operation = Operation(exchange, self._table, request, self._answer(exchange))
        name, outcome = operation.judge(http_outcome(exchange), details)
        if outcome.reason:
            details["outcome"] = {"http_status": exchange.status or None, "reason": outcome.reason}
        event = _common(exchange, name, outcome, "debug" if name in ("http-request", "rpc-request") else "info", notes)
        event["event_type"], event["severity_level"] = type_of(name), level_of(name)
        event["event_action"] = operation.event_action
        operation.describe(event, details, settings.server, memory, notes)
        operation.conclude(event, details, memory)
        event["details"] = details
        if notes:
            event["redactions"] = notes[:50]
        return event

    def _answer(self, exchange: Exchange) -> Any:
        """The JSON of the answer, parsed; None when there is nothing to be learnt from it."""
        body = exchange.response_body
        if body is None or not body.total:
            return None
        data = decoded(body, header_of(exchange.response_headers, b"content-encoding"), self._settings.object_bytes)
        if not data or data.lstrip()[:1] not in (b"{", b"["):
            return None
        kind = exchange.route.target_type
        if exchange.method == "GET" and self._memory.is_known_list(kind, exchange.path, data):
            return None
        try:
            return loads(data)
        except (ValueError, RecursionError):
            return None


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


def _http_details(exchange: Exchange, notes: Notes) -> dict[str, Any]:
    pairs = parse_qsl(exchange.query.decode("latin-1"), keep_blank_values=True, max_num_fields=None)[:100]
    return {
        "transport": exchange.kind,
        "response_time_ms": round(exchange.milliseconds, 3),
        "status_code": exchange.status or None,
        "path": redact_text(text(exchange.path), "details.path", notes),
        "query_params": redact_parameters([(text(name), text(value)) for name, value in pairs], "details.query_params",
                                          notes),
    }


def _websocket_event(exchange: Exchange, settings: Settings) -> Event:
    notes: Notes = []
    outcome = http_outcome(exchange)
    details = _http_details(exchange, notes)
    details.update(request_body=None, upgrade="websocket", close_code=exchange.close_code)
    if outcome.reason:
        details["outcome"] = {"http_status": exchange.status or None, "reason": outcome.reason}
    event = _common(exchange, "http-request", outcome, "debug", notes)
    event.update(event_type="api", event_action="connect", severity_level="low", target_type="endpoint",
                 target_id=text(settings.server + details["path"]), target_name=details["path"], details=details)
    if notes:
        event["redactions"] = notes[:50]
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


def _request_body(exchange: Exchange, settings: Settings, notes: Notes) -> tuple[Any, Any]:
    """(the body parsed, what of it is recorded)"""
    body = exchange.request_body
    if body is None:
        return None, None
    if not body.total:
        announced = header_of(exchange.headers, b"content-length")
        if not announced.isdigit() or int(announced[:18]) == 0:
            return None, None
        return None, {"bytes": int(announced[:18]), "reason": "not-read-by-application"}
    data = decoded(body, header_of(exchange.headers, b"content-encoding"), settings.body_bytes)
    if data is None:
        return None, {"bytes": body.total, "reason": "not-read" if body.whole else "too-large-or-cut-off"}
    content_type = header_of(exchange.headers, b"content-type")
    kind = content_type.split(";")[0].strip().lower()
    try:
        if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            pairs = form_fields(data, content_type)
            recorded = redact_parameters(pairs, "details.request_body", notes, 2 * settings.recorded_bytes,
                                         4 * settings.recorded_bytes)
            clean, instead = _capped(recorded, "details.request_body", settings, notes)
            return dict(pairs), clean if instead is None else instead
        if not kind.endswith("json") and data[:1] not in (b"{", b"["):
            return None, {"bytes": body.total, "content_type": text(kind, 128)}
        value: Any = loads(data)
    except (ValueError, RecursionError):
        return None, {"bytes": body.total, "reason": "not-json"}
    clean, instead = _capped(value, "details.request_body", settings, notes)
    return value, clean if instead is None else instead


def form_fields(data: bytes, content_type: str) -> list[tuple[str, str]]:
    """Fields of a form, either encoding; of a file its name and size."""
    if not content_type.lower().startswith("multipart/"):
        return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)[:500]
    head = b"Content-Type: " + content_type.encode("latin-1", "replace").replace(b"\n", b" ").replace(b"\r", b" ")
    parsed = BytesParser(policy=policy.compat32).parsebytes(head + b"\r\n\r\n" + data)
    out = []
    parts = parsed.get_payload()
    for part in parts[:500] if isinstance(parts, list) else ():
        if not isinstance(part, Message):
            continue
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        file = part.get_filename()
        value = content.decode("utf-8", "replace") if file is None else f"file {file[:256]}, {len(content)} bytes"
        out.append((name, value))
    return out


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
        if isinstance(message, RepeatedKeys) or isinstance(given, RepeatedKeys):
            details["repeated_keys"] = True
        if batch:
            details["batch"] = {"id": batch, "index": index, "size": len(messages)}
        if outcome.reason:
            details["outcome"] = {"http_status": exchange.status or None, "reason": outcome.reason}
        http = _http_details(exchange, notes)
        http.pop("transport")
        details["http"] = http
        event["details"] = details
        if notes:
            event["redactions"] = notes[:50]
        out.append(event)
    return out
