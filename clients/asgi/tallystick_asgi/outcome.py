# SPDX-License-Identifier: Apache-2.0
"""What came of a request: HTTP status, then the JSON-RPC answer in it. Success needs both."""
from __future__ import annotations

import zlib
from typing import Any, NamedTuple, Optional

from .exchange import Capture, Exchange, header_of
from .json_text import loads


class Outcome(NamedTuple):
    result: str
    message: str = ""
    reason: str = ""


STATUS_OF = {"success": "succeeded", "deferred": "succeeded"}
SEVERITY_OF = {"failure": "warning", "denied": "warning", "unknown": "warning", "error": "error"}


def http_outcome(exchange: Exchange) -> Outcome:
    """By status alone; "unknown" where no complete answer was seen."""
    if exchange.exception:
        return Outcome("error", exchange.exception, "exception")
    if exchange.reason:
        return Outcome("unknown", "", exchange.reason)
    status = exchange.status
    if status in (403, 429):
        return Outcome("denied")
    if status >= 500:
        return Outcome("error")
    return Outcome("failure" if status >= 400 else "success")


def decoded(body: Capture, coding: str, limit: int) -> Optional[bytes]:
    """The body without its content coding; None when it is not whole or cannot be read."""
    if not body.whole:
        return None
    coding = coding.strip().lower()
    data = body.bytes()
    if coding in ("", "identity"):
        return data
    if coding not in ("gzip", "x-gzip", "deflate"):
        return None
    try:
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        data = inflate.decompress(data, limit)
        return data if inflate.eof else None
    except zlib.error:
        return None


def _messages_of(exchange: Exchange, limit: int) -> Optional[list[Any]]:
    """JSON-RPC messages of the answer; None when it could not be read."""
    body = exchange.response_body
    if body is None:
        return None
    data = decoded(body, header_of(exchange.response_headers, b"content-encoding"), limit)
    if data is None:
        return None
    kind = header_of(exchange.response_headers, b"content-type").split(";")[0].strip().lower()
    out: list[Any] = []
    try:
        if kind == "text/event-stream":
            for block in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n"):
                lines = [line[5:].removeprefix(b" ") for line in block.split(b"\n") if line.startswith(b"data:")]
                if lines and b"".join(lines).strip():
                    out.append(loads(b"\n".join(lines)))
        elif data.strip():
            out.append(loads(data))
    except (ValueError, RecursionError):
        return None
    return [message for each in out for message in (each if isinstance(each, list) else [each])]


class Answers:
    """The answers in one HTTP response, by JSON-RPC id."""

    def __init__(self, exchange: Exchange, limit: int) -> None:
        self._messages = _messages_of(exchange, limit)

    def outcome(self, identity: Any) -> Outcome:
        """Of the request with that id, over an HTTP response that succeeded."""
        if self._messages is None:
            return Outcome("unknown", "", "answer-not-read")
        for message in self._messages:
            if not isinstance(message, dict) or "method" in message:
                continue
            same = type(message.get("id")) is type(identity) and message.get("id") == identity
            if same or (message.get("id") is None and "error" in message):
                return _of_message(message)
        return Outcome("unknown", "", "no-answer")


def _of_message(message: dict[str, Any]) -> Outcome:
    error = message.get("error")
    if error is not None:
        code = error.get("code") if isinstance(error, dict) else None
        text = error.get("message") if isinstance(error, dict) else None
        return Outcome("error" if code == -32603 else "failure", text if isinstance(text, str) else "")
    result = message.get("result")
    if isinstance(result, dict):
        if result.get("isError") is True:
            return Outcome("failure", _first_text(result))
        if result.get("resultType") in ("input_required", "task") or isinstance(result.get("task"), dict):
            return Outcome("deferred")
    return Outcome("success")


def _first_text(result: dict[str, Any]) -> str:
    content = result.get("content")
    for item in content if isinstance(content, list) else ():
        said = item.get("text") if isinstance(item, dict) else None
        if isinstance(said, str):
            return said
    return ""
