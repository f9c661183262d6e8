# SPDX-License-Identifier: Apache-2.0
"""One POST of events to `tallystick serve`, and what its answer means."""
from __future__ import annotations

import gzip
import http.client
import json
import ssl
from enum import Enum
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from .settings import Settings

ANSWER_BYTES_MAX = 64 * 1024 * 1024
_PATH = "/api/audit/events"


class Verdict(Enum):
    WRITTEN = "written"  # each event is in the log, or refused for what it is
    LATER = "later"  # the same again, with the same ids
    SMALLER = "smaller"  # too much at once, or one of them spoils the request


class Answer(NamedTuple):
    verdict: Verdict
    #: How many events the server will not take, and what it says of the first.
    refused: int = 0
    detail: str = ""
    #: Seconds that the server asks for; 0: it does not say.
    pause: float = 0.0


class Delivery:
    """Keeps one connection. Used by one thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        parts = urlsplit(settings.url)
        self._base = parts.path.rstrip("/")
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._tls: Optional[ssl.SSLContext] = None
        if parts.scheme == "https":
            self._tls = ssl.create_default_context(cafile=settings.ca_file or None)
        self._connection: Optional[http.client.HTTPConnection] = None
        self._token: Optional[str] = None

    def post(self, lines: list[bytes]) -> Answer:
        """Sends events, one JSON object each. Never raises for what the network or the server does."""
        try:
            if self._token is None:
                self._token = self._settings.read_token()
            response, body = self._exchange(gzip.compress(b"\n".join(lines) + b"\n", 1))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return Answer(Verdict.LATER, detail=f"{type(error).__name__}: {error}")
        return self._read(response.status, response.getheader("Retry-After") or "", body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/x-ndjson",
                   "Content-Encoding": "gzip", "User-Agent": "tallystick-asgi"}
        for attempt in (0, 1):
            kept = self._connection is not None
            connection = self._connect()
            try:
                connection.request("POST", self._base + _PATH, body, headers)
                response = connection.getresponse()
                break
            except (ConnectionError, http.client.RemoteDisconnected):
                # A kept connection that the server has closed meanwhile. The ids make a repetition harmless.
                self.close()
                if attempt or not kept:
                    raise
        answer = response.read(ANSWER_BYTES_MAX)
        if response.will_close or not response.isclosed():
            self.close()
        return response, answer

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is None:
            timeout = self._settings.timeout_seconds
            if self._tls is not None:
                self._connection = http.client.HTTPSConnection(self._host, self._port, timeout=timeout,
                                                               context=self._tls)
            else:
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        return self._connection

    def _read(self, status: int, retry_after: str, body: bytes) -> Answer:
        if status in (200, 201):
            return Answer(Verdict.WRITTEN)
        detail = f"status {status}"
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if status in (207, 422) and isinstance(said, dict) and isinstance(said.get("items"), list):
            errors = [item["error"] for item in said["items"] if isinstance(item, dict) and "error" in item]
            return Answer(Verdict.WRITTEN, len(errors), str(errors[0])[:300] if errors else "")
        if isinstance(said, dict) and isinstance(said.get("detail"), str):
            detail += ": " + said["detail"][:300]
        if status in (400, 413, 422):
            return Answer(Verdict.SMALLER, detail=detail)
        if status in (401, 403):
            self._token = None  # a new one may be in the file by then
        pause = float(retry_after) if retry_after.isdigit() else 0.0
        return Answer(Verdict.LATER, detail=detail, pause=min(pause, 30.0))
