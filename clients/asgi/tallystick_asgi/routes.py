# SPDX-License-Identifier: Apache-2.0
"""Which paths are what: the table of audited requests, with the paths of IBM ContextForge as its default."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, NamedTuple, Sequence

READING = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))

#: What stands in event_action for an action of a route.
EVENT_ACTIONS = {
    "view": "view", "list": "list", "create": "create", "update": "update", "delete": "delete", "state": "update",
    "enable": "update", "disable": "update", "execute": "execute", "login": "login", "logout": "logout",
    "token": "create", "revoke-token": "delete",
}


@dataclass(frozen=True)
class Route:
    """One row. ``path``: words, ``{id}`` for one segment (the object's id), ``{secret}`` for one that is not
    recorded, ``*`` for any rest."""

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


_VARIABLE = re.compile(r"(\{id\}|\{secret\}|\*)")

#: A path that no row has: recorded without its body.
OTHER = Route("/*", body=False)

_KINDS = {"tools": "tool", "resources": "resource", "prompts": "prompt", "servers": "server", "gateways": "gateway",
          "users": "user", "teams": "team"}


_POST, _READ, _WRITE = ("POST",), ("GET",), ("POST", "PUT", "PATCH")


def _objects(base: str, kind: str, category: str) -> Iterator[Route]:
    """Everything that can be done with objects below a path."""
    one = base + "/{id}"
    yield Route(base, category, kind)
    yield Route(one, category, kind)
    for verb, action in (("state", "state"), ("toggle", "state"), ("activate", "enable"), ("deactivate", "disable")):
        yield Route(f"{one}/{verb}", category, kind, action, _WRITE)


def _administration() -> Iterator[Route]:
    for name, kind in _KINDS.items():
        base = f"/admin/{name}"
        yield from _objects(base, kind, "admin")
        for verb in ("edit", "update"):
            yield Route(f"{base}/{{id}}/{verb}", "admin", kind, "update", _WRITE)
        yield Route(base + "/{id}/delete", "admin", kind, "delete", _POST)
        for verb in ("partial", "ids", "search"):
            yield Route(f"{base}/{verb}", "admin", kind, "list", _READ)
        yield Route(base + "/create", "admin", kind, "create", _POST)
        yield Route(base + "/import", "admin", "", "execute", _POST)
    yield Route("/admin", "admin")
    yield Route("/admin/*", "admin")


def _authentication() -> Iterator[Route]:
    for path in ("/auth/login", "/auth/email/login", "/admin/login", "/login"):
        yield Route(path, "auth", "", "login", _POST)
    for path in ("/auth/logout", "/auth/email/logout", "/admin/logout", "/logout"):
        yield Route(path, "auth", "", "logout", ("GET", "POST"))
    for path in ("/auth/refresh", "/auth/token", "/oauth/token", "/token", "/tokens", "/tokens/teams/{id}"):
        yield Route(path, "auth", "token", "token", _POST)
    yield Route("/tokens", "auth", "token")
    yield Route("/tokens/{id}", "auth", "token", "revoke-token", ("DELETE",))
    yield Route("/tokens/*", "auth")
    yield Route("/auth/email/register", "auth", "user", "create", _POST)
    yield from _objects("/auth/email/admin/users", "user", "auth")
    for base in ("/auth/email", "/auth", "/admin"):
        yield Route(base + "/reset-password/{secret}", "auth")
    for base in ("/auth", "/oauth"):
        yield Route(base, "auth")
        yield Route(base + "/*", "auth")


def _contextforge() -> Iterator[Route]:
    for name in ("tools", "resources", "prompts", "servers", "gateways"):
        yield from _objects("/" + name, _KINDS[name], "api")
        yield Route(f"/{name}/*", "api")
    for name in ("tools", "resources", "prompts"):
        yield Route("/servers/{id}/" + name, "api", "server", "view", _READ)
    yield from _objects("/teams", "team", "admin")
    yield Route("/teams/invitations/{secret}", "admin")
    yield Route("/teams/invitations/{secret}/accept", "admin")
    yield Route("/teams/*", "admin")
    yield from _administration()
    yield from _authentication()
    yield Route("/api", "api", body=False)
    yield Route("/api/*", "api", body=False)
    yield Route("/rpc", "rpc")
    yield Route("/rpc/*", "rpc")
    for word in ("mcp", "sse", "message", "messages"):
        for base in ("/", "/servers/{id}/"):
            yield Route(base + word, "mcp")
            yield Route(f"{base}{word}/*", "mcp")


class Found(NamedTuple):
    route: Route
    #: "" without one.
    id: str = ""
    secret: str = ""


class RouteTable:
    """Immutable; the most specific row wins: one without ``*``, then the longer one, then the earlier one."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._by_first: dict[str, list[tuple[re.Pattern[str], Route]]] = {}
        ranked = sorted(routes, key=lambda route: (route.path.endswith("*"), -len(_VARIABLE.sub("", route.path)),
                                                   not route.methods))
        for route in ranked:
            first = route.path.split("/")[1].lower()
            self._by_first.setdefault("*" if first.startswith(("*", "{")) else first, []).append((_compiled(route.path), route))

    def find(self, method: str, path: str) -> Found:
        """The row is OTHER when none fits."""
        path = "/" + "/".join(segment for segment in path.split("/") if segment)
        first = path.split("/", 2)[1].lower()
        for known in (first, "*"):
            for pattern, route in self._by_first.get(known, ()):
                if route.methods and method not in route.methods:
                    continue
                match = pattern.fullmatch(path)
                if match:
                    found = match.groupdict()
                    return Found(route, found.get("id") or "", found.get("secret") or "")
        return Found(OTHER)


def _compiled(path: str) -> re.Pattern[str]:
    text = ""
    for part in _VARIABLE.split(path):
        known = {"{id}": "(?P<id>[^/]+)", "{secret}": "(?P<secret>[^/]+)", "*": ".*"}
        text += known.get(part, re.escape(part))
    return re.compile(text, re.IGNORECASE)


#: Paths of IBM ContextForge 1.0: REST, administration, authentication, JSON-RPC and MCP endpoints.
CONTEXTFORGE = tuple(_contextforge())
