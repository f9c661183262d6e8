# SPDX-License-Identifier: Apache-2.0
"""Which paths are what: the table of audited requests, with the paths of IBM ContextForge as its default."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable, Sequence

READING = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))

#: What stands in event_action for an action of a route.
EVENT_ACTIONS = {
    "view": "view", "list": "list", "create": "create", "update": "update", "delete": "delete", "state": "update",
    "enable": "update", "disable": "update", "execute": "execute", "login": "login", "logout": "logout",
    "token": "create", "revoke-token": "delete",
}


@dataclass(frozen=True)
class Route:
    """One row. ``path``: words, ``{id}`` for one segment (the object's id), ``*`` for any rest."""

    path: str
    #: api, admin, auth, rpc (JSON-RPC bodies) or mcp (an MCP endpoint): the event's type.
    category: str = "api"
    #: Kind of object; without one the path itself is the target.
    target_type: str = ""
    #: One of EVENT_ACTIONS; "" goes by the method.
    action: str = ""
    #: Upper case; empty: all.
    methods: tuple[str, ...] = ()
    #: Whether request bodies are recorded (redacted, capped).
    body: bool = True

    def __post_init__(self) -> None:
        if self.category not in ("api", "admin", "auth", "rpc", "mcp"):
            raise ValueError(f"route {self.path}: category {self.category!r}; use api, admin, auth, rpc or mcp")
        if self.action and self.action not in EVENT_ACTIONS:
            raise ValueError(f"route {self.path}: action {self.action!r}; use one of {', '.join(EVENT_ACTIONS)}")
        if not self.path.startswith("/"):
            raise ValueError(f"route {self.path!r}: begin it with /")

    def action_of(self, method: str, has_id: bool) -> str:
        """What a request does that fits the row."""
        if self.action:
            return self.action
        if method in ("GET", "HEAD"):
            return "list" if self.target_type and not has_id else "view"
        if method == "OPTIONS":
            return "view"
        if method in ("PUT", "PATCH"):
            return "update"
        if method == "DELETE":
            return "delete"
        if method == "POST" and self.target_type:
            return "update" if has_id else "create"
        return "execute"


#: A path that no row has: recorded without its body.
OTHER = Route("/*", body=False)

_OBJECTS = {"tools": "tool", "resources": "resource", "prompts": "prompt", "servers": "server", "gateways": "gateway",
            "a2a": "agent", "users": "user", "teams": "team"}


def _contextforge() -> Iterable[Route]:
    for category, prefix in (("api", ""), ("admin", "/admin"), ("api", "/v1")):
        for name, kind in _OBJECTS.items():
            base = f"{prefix}/{name}"
            yield Route(base, category, kind)
            yield Route(base + "/{id}", category, kind)
            yield Route(base + "/{id}/*", category, kind)
            for verb in ("state", "toggle"):
                yield Route(f"{base}/{{id}}/{verb}", category, kind, "state")
            for verb, action in (("edit", "update"), ("update", "update"), ("delete", "delete"), ("enable", "enable"),
                                 ("disable", "disable"), ("activate", "enable"), ("deactivate", "disable")):
                yield Route(f"{base}/{{id}}/{verb}", category, kind, action, ("POST", "PUT", "PATCH", "DELETE"))
    yield Route("/admin", "admin")
    yield Route("/admin/*", "admin")
    yield Route("/api/*", "api")
    for path in ("/auth/login", "/auth/email/login", "/admin/login"):
        yield Route(path, "auth", "session", "login", ("POST",))
    for path in ("/auth/logout", "/auth/email/logout", "/admin/logout"):
        yield Route(path, "auth", "session", "logout")
    yield Route("/auth/*", "auth")
    yield Route("/auth/email/admin/users", "auth", "user")
    yield Route("/auth/email/admin/users/{id}", "auth", "user")
    yield Route("/tokens", "auth", "token", "token", ("POST",))
    yield Route("/tokens", "auth", "token")
    yield Route("/tokens/{id}", "auth", "token", "revoke-token", ("DELETE",))
    yield Route("/tokens/{id}", "auth", "token")
    yield Route("/rpc", "rpc")
    yield Route("/servers/{id}/mcp", "mcp")
    for path in ("/mcp", "/sse", "/message", "/messages"):
        yield Route(path, "mcp")
        yield Route(path + "/*", "mcp")
        yield Route("/servers/{id}" + path, "mcp")


class RouteTable:
    """Immutable; the most specific row wins: one without ``*``, then the longer one, then the earlier one."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_first: dict[str, list[tuple[re.Pattern[str], Route]]] = {}
        ranked = sorted(routes, key=lambda route: (route.path.endswith("*"), -len(route.path.replace("{id}", "")),
                                                   not route.methods))
        for route in ranked:
            first = route.path.split("/")[1].lower()
            self._by_first.setdefault("*" if first in ("*", "{id}") else first, []).append((_compiled(route.path), route))

    def find(self, method: str, path: str) -> tuple[Route, str]:
        """(row, id of the object or ""); OTHER when no row fits."""
        path = "/" + "/".join(segment for segment in path.split("/") if segment)
        first = path.split("/", 2)[1].lower()
        for known in (first, "*"):
            for pattern, route in self._by_first.get(known, ()):
                if route.methods and method not in route.methods:
                    continue
                match = pattern.fullmatch(path)
                if match:
                    return route, match.groupdict().get("id") or ""
        return OTHER, ""


def _compiled(path: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in re.split(r"(\{id\}|\*)", path))
    text = "".join(parts).replace(re.escape("{id}"), "(?P<id>[^/]+)").replace(re.escape("*"), ".*")
    return re.compile(text, re.IGNORECASE)


#: Paths of IBM ContextForge 1.0: REST, administration, authentication, JSON-RPC and MCP endpoints.
CONTEXTFORGE = tuple(_contextforge())
