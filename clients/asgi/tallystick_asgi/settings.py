# SPDX-License-Identifier: Apache-2.0
"""What can be set, with its default and its reason."""
from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import Any, Callable, MutableMapping, Optional, Sequence, Union

from .routes import CONTEXTFORGE, Route

Scope = MutableMapping[str, Any]
#: What an `actor` function may return: an id, fields of the event (actor_id, actor_type, ...), or None.
Actor = Union[str, dict[str, Any], None]


@dataclass(frozen=True)
class Settings:
    #: Where `tallystick serve` listens. https, except on this machine.
    url: str = "http://127.0.0.1:8811"
    #: A writer's token, or a file that holds it (read again when the server refuses it).
    token: str = ""
    token_file: str = ""
    #: Certificates that may have signed the server's one; empty: those of the system.
    ca_file: str = ""
    #: Name of the application: target ids begin with it.
    server: str = "gateway"
    routes: Sequence[Route] = CONTEXTFORGE
    #: "metadata": requests that no route names are recorded without their bodies; "skip": not at all.
    unlisted: str = "metadata"
    #: Paths that are not audited, exactly or with a "*" at the end: health checks.
    exclude: Sequence[str] = ("/health", "/healthz", "/ready", "/readyz", "/metrics", "/static/*")
    #: Who sent a request; called after the response, on the event loop. None: scope["user"], scope["state"].
    actor: Optional[Callable[[Scope], Actor]] = None
    #: Headers that a proxy in front sets and clients cannot, the first present one names the actor.
    actor_headers: Sequence[str] = ()
    #: Addresses (CIDR) whose X-Forwarded-For is believed.
    trusted_proxies: Sequence[str] = ()
    #: Request bodies are read up to this, and recorded up to `recorded_bytes`.
    body_bytes: int = 256 * 1024
    #: JSON-RPC answers are read up to this to find out whether a call worked.
    answer_bytes: int = 1024 * 1024
    #: Answers that show objects are read up to this, so that changes are recorded with old and new values; 0: none.
    object_bytes: int = 64 * 1024
    #: What captured bodies of all requests together may take; above it bodies are left out.
    captured_bytes: int = 64 * 1024 * 1024
    recorded_bytes: int = 16 * 1024
    #: Events wait in memory up to these; above them they go to the spool, else they are counted.
    queue_events: int = 50_000
    queue_bytes: int = 64 * 1024 * 1024
    #: A folder for what cannot be sent and does not fit into memory, and for what is left at the end. None: no disk.
    spool: Optional[str] = None
    spool_bytes: int = 1024 * 1024 * 1024
    #: Events of one request to the server, and how long the first of them waits for others.
    batch_events: int = 500
    flush_seconds: float = 0.2
    #: The longest pause between two tries.
    retry_seconds: float = 5.0
    #: One try; the server answers when events are on disk.
    timeout_seconds: float = 30.0
    #: How long the end of the application waits for events that are still to be sent.
    shutdown_seconds: float = 5.0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("url: begin it with http:// or https://")
        host = self.url.split("://", 1)[1].split("/", 1)[0]
        local = host.startswith(("127.", "localhost", "[::1]"))
        if self.url.startswith("http://") and not local:
            raise ValueError("url: plain http would show the token and the events to the network; use https")
        if self.unlisted not in ("metadata", "skip"):
            raise ValueError('unlisted: use "metadata" or "skip"')
        for network in self.trusted_proxies:
            ipaddress.ip_network(network)

    def read_token(self) -> str:
        """The token as it is now. Errors: OSError when its file cannot be read."""
        if self.token_file:
            with open(self.token_file, encoding="utf-8") as file:
                return file.read().strip()
        return self.token or os.environ.get("TALLYSTICK_TOKEN", "")
