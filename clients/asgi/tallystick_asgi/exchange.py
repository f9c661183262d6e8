# SPDX-License-Identifier: Apache-2.0
"""What the middleware saw of one request: plain facts, collected on the event loop, read by the sender's thread."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable, Optional

from .routes import OTHER, Route

Headers = list[tuple[bytes, bytes]]


def header_of(headers: Headers, name: bytes) -> str:
    """The first header of that (lower-case) name, "" without one."""
    for key, value in headers:
        if key.lower() == name:
            return value.decode("latin-1")
    return ""


#: Headers that are of use later. The others, credentials among them, are not held on to.
REQUEST_HEADERS = frozenset((b"user-agent", b"content-type", b"content-encoding", b"content-length",
                             b"mcp-session-id", b"traceparent", b"mcp-protocol-version"))
RESPONSE_HEADERS = frozenset((b"content-type", b"content-encoding", b"mcp-session-id", b"location", b"retry-after",
                              b"ratelimit-limit", b"x-ratelimit-limit"))


def picked(headers: Iterable[tuple[bytes, bytes]], names: frozenset[bytes]) -> Headers:
    """Those of these names, in lower case."""
    return [(name.lower(), value) for name, value in headers if name.lower() in names]


@dataclass
class Capture:
    """Bytes of a body up to a bound."""

    limit: int
    parts: list[bytes] = field(default_factory=list)
    kept: int = 0
    total: int = 0
    #: Whether the body ended; a reader may stop before that.
    ended: bool = False
    #: Whether something did not fit; what came behind it is not kept.
    cut: bool = False

    def add(self, data: bytes, room: int) -> int:
        """Keeps what fits into the limit and `room`; returns how many bytes that was."""
        self.total += len(data)
        take = 0 if self.cut else min(len(data), self.limit - self.kept, room)
        self.cut = self.cut or take < len(data)
        if take > 0:
            self.parts.append(data[:take])
            self.kept += take
        return max(take, 0)

    @property
    def whole(self) -> bool:
        return self.ended and not self.cut

    def bytes(self) -> bytes:
        return b"".join(self.parts)


@dataclass
class Exchange:
    kind: str  # "http" or "websocket"
    method: str
    path: str
    query: bytes
    headers: Headers
    client: str
    request_id: str
    started: float  # seconds since 1970
    route: Route = OTHER
    object_id: str = ""
    request_body: Optional[Capture] = None
    response_body: Optional[Capture] = None
    response_headers: Headers = field(default_factory=list)
    status: int = 0
    finished: float = 0.0
    milliseconds: float = 0.0
    #: Why no complete answer was seen; "" if one was.
    reason: str = ""
    #: Class of an exception that left the application.
    exception: str = ""
    #: Fields of the event that say who it was.
    actor: dict[str, Any] = field(default_factory=dict)
    #: Of a websocket.
    close_code: Optional[int] = None

    @property
    def size(self) -> int:
        """About how much memory it takes."""
        bodies = sum(body.kept for body in (self.request_body, self.response_body) if body is not None)
        headers = sum(len(value) for each in (self.headers, self.response_headers) for _, value in each)
        return 2048 + len(self.path) + len(self.query) + headers + bodies
