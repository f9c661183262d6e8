# SPDX-License-Identifier: Apache-2.0
"""What a request to an audited path asked for and what came of it: event name, target, old and new values.

Names and rules are those of the proxy (docs/events.md, "admin-..." and "auth-...").
"""
from __future__ import annotations

from typing import Any, Optional
from urllib.parse import parse_qsl, urlsplit

from .events_text import text, timestamp
from .exchange import Exchange, header_of
from .objects import STATE_NAMES, Json, Object, ObjectMemory, difference, read_object, shown_list, shown_object
from .outcome import Outcome
from .redaction import Notes, redact_text
from .routes import EVENT_ACTIONS, RouteTable

CHANGES = {"create": "created", "update": "updated", "delete": "deleted", "state": "state-changed",
           "enable": "state-changed", "disable": "state-changed"}
KINDS = ("tool", "resource", "prompt", "server", "gateway", "user", "team")
USER_NAMES = ("username", "email", "user", "login", "user_id", "client_id")
_AUTH = {"login": "auth-login", "logout": "auth-logout", "token": "auth-token-issued", "revoke-token": "auth-token-revoked"}
_REQUESTS = {"api": "http-request", "mcp": "http-request", "admin": "admin-request", "auth": "auth-request",
             "rpc": "rpc-request"}
_LEVELS = {"auth-login": "medium", "auth-logout": "low", "auth-token-issued": "high", "auth-token-revoked": "high",
           "http-request": "low", "admin-request": "medium", "auth-request": "medium", "rpc-request": "medium",
           "auth-failure": "high", "access-denied": "high", "rate-limit-exceeded": "medium"}
_TYPES = {"auth-failure": "auth", "access-denied": "access", "rate-limit-exceeded": "access", "http-request": "api",
          "rpc-request": "rpc"}


def event_names() -> list[str]:
    """Every name that a request can get."""
    kinds = (f"admin-{kind}-{change}" for kind in (*KINDS, "object") for change in dict.fromkeys(CHANGES.values()))
    return [*_LEVELS, *kinds]


def level_of(name: str) -> str:
    if name in _LEVELS:
        return _LEVELS[name]
    high = name.endswith("-deleted") or name.split("-")[1] in ("server", "gateway", "user", "team")
    return "high" if high else "medium"


def type_of(name: str) -> str:
    return _TYPES.get(name, name.split("-")[0])


def _state(value: Any) -> Optional[bool]:
    word = str(value).lower()
    return True if word in ("true", "1", "on") else False if word in ("false", "0", "off") else None


def _first(values: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        if isinstance(values, dict) and values.get(name) not in (None, ""):
            return values[name]
    return None


class Operation:
    """One request. `request` and `answer` are the bodies, parsed; None: unread or no JSON."""

    def __init__(self, exchange: Exchange, table: RouteTable, request: Any, answer: Any) -> None:
        self.exchange, self.route = exchange, exchange.route
        self.action = self.route.action_of(exchange.method, bool(exchange.object_id))
        self._table = table
        self._request, self._answer = request, answer
        self._id = exchange.object_id
        self._shown: Optional[Object] = None
        self.claimed_id = ""
        self._says_failed = isinstance(answer, dict) and answer.get("success") is False
        kind = self.route.target_type
        reads = self.action == "view" and self._id or self.action in CHANGES and self.action != "delete"
        if kind and reads and 200 <= exchange.status < 300 and not self._says_failed:
            self._read_shown(shown_object(answer, kind), kind)

    def _read_shown(self, value: Optional[Json], kind: str) -> None:
        found = read_object(value)
        if found is None or not found.names:
            return
        if self.action != "create" and not found.is_called(self._id):
            self.claimed_id = found.names.get("id", "")
        elif found.own_id(kind):
            found.seen_at = self.exchange.finished
            self._shown = found

    @property
    def name(self) -> str:
        """Of the event, unless the application refuses the request."""
        if self.action in _AUTH:
            return _AUTH[self.action]
        if self.action in CHANGES and self.route.target_type:
            kind = self.route.target_type if self.route.target_type in KINDS else "object"
            return f"admin-{kind}-{CHANGES[self.action]}"
        return _REQUESTS[self.route.category]

    @property
    def event_action(self) -> str:
        return EVENT_ACTIONS[self.action]

    def judge(self, outcome: Outcome, details: Json) -> tuple[str, Outcome]:
        """Name and outcome, which the answer may turn into a failure; adds to details why."""
        status, headers = self.exchange.status, self.exchange.response_headers
        name = self.name
        if outcome.reason:
            return name, outcome
        if self._login_failed():
            details.update(operation=name, reason="login_failed")
            return "auth-failure", outcome._replace(result="denied" if status == 403 else "failure")
        if status == 401:
            details.update(operation=name, reason="unauthorized")
            return "auth-failure", outcome
        if status == 403:
            details.update(operation=name, reason="forbidden")
            return "access-denied", outcome
        if status == 429:
            details["operation"] = name
            told = (("limit", b"ratelimit-limit"), ("limit", b"x-ratelimit-limit"), ("retry_after", b"retry-after"))
            for member, header in told:
                value = header_of(headers, header)
                if value:
                    details.setdefault(member, text(value, 256))
            return "rate-limit-exceeded", outcome
        if self._says_failed and outcome.result == "success":
            return name, outcome._replace(result="failure", reason="says_failed")
        return name, outcome

    def _login_failed(self) -> bool:
        status = self.exchange.status
        if self.action != "login":
            return False
        if 400 <= status < 500:
            return status not in (404, 405, 429)
        if 300 <= status < 400:
            target = urlsplit(header_of(self.exchange.response_headers, b"location"))
            if any(name == "error" for name, _ in parse_qsl(target.query, keep_blank_values=True)):
                return True
            back = self._table.find("POST", target.path or "/").route
            return back.action == "login"
        return status < 300 and self._says_failed

    def describe(self, event: Json, details: Json, server: str, memory: ObjectMemory, notes: Notes) -> None:
        """Target of the event; for a login who it was for."""
        kind, identity = self.route.target_type, self._id
        if self.action == "login":
            user = _first(self._request, USER_NAMES)
            identity = redact_text(text(str(user), 256), "target_name", notes) if isinstance(user, (str, int)) else ""
            kind = "user"
            if identity:
                details["user"] = identity
        elif self._shown is not None:
            identity = self._shown.own_id(kind)
        known = self._shown or (memory.find(kind, identity) if identity else None)
        name = known.names.get("name", "") if known is not None else ""
        if not name and self.action in (*CHANGES, "token") and isinstance(self._request, dict):
            given = self._request.get("name")
            name = redact_text(text(given, 256), "target_name", notes) if isinstance(given, str) else ""
        if kind and (identity or name):
            event["target_type"] = kind
            event["target_id"] = text(f"{server}/{identity or name}")
            event["target_name"] = text(name or identity)
        else:
            event["target_type"] = "endpoint"
            event["target_id"] = text(server + details["path"])
            event["target_name"] = details["path"]

    def conclude(self, event: Json, details: Json, memory: ObjectMemory) -> None:
        """Old and new values, and what is remembered of the object from now on."""
        kind, result, when = self.route.target_type, event["event_result"], self.exchange.finished
        if self.action == "list" and kind and result == "success":
            self._remember_list(kind, memory)
        if self.action == "view" and self._shown is not None:
            memory.shown(kind, self._shown.own_id(kind), self._shown, self.exchange.started)
        if self.action == "token" and result == "success":
            requested = read_object(self._request)
            if requested is not None:
                event["new_values"] = requested.members
        if self.action not in CHANGES or not kind:
            return
        identity = self._shown.own_id(kind) if self._shown is not None else self._id
        before = memory.find(kind, identity) if identity and self.action != "create" else None
        if result == "success":
            self._values(event, details, before)
        if not identity or result in ("failure", "denied"):
            return
        after = self._shown if result == "success" and self.action != "delete" else None
        memory.changed(kind, identity, after, when)
        if before is None and after is None and self.action != "create":
            memory.doubt(kind, identity, when)

    def _remember_list(self, kind: str, memory: ObjectMemory) -> None:
        objects: dict[str, Optional[Object]] = {}
        for value in shown_list(self._answer, kind):
            found = read_object(value)
            identity = found.own_id(kind) if found is not None else ""
            if found is not None and identity:
                found.seen_at = self.exchange.finished
                objects[identity] = None if identity in objects else found  # twice the same id means nobody
        for identity, each in objects.items():
            if each is not None:
                memory.shown(kind, identity, each, self.exchange.started)
            else:
                memory.changed(kind, identity, None, self.exchange.finished)

    def _values(self, event: Json, details: Json, before: Optional[Object]) -> None:
        requested = read_object(self._request)
        after = self._shown or (requested if requested is not None and requested.members else None)
        state = self._wanted_state() if after is None else None
        removed = self.action == "delete"
        if removed:
            if before is not None:
                event["old_values"] = before.members
        elif after is not None and before is not None:
            event["old_values"], event["new_values"] = difference(before, after)
        elif after is not None:
            event["new_values"] = after.members
        elif state is not None:
            event["new_values"] = {"enabled": state}
            for name in STATE_NAMES:
                if before is not None and name in before.members:
                    event["old_values"] = {name: before.members[name]}
                    break
        told: Json = {}
        if self.action != "create":
            told["old"] = "unknown" if before is None else "seen"
            if before is not None:
                told["seen_at"] = timestamp(before.seen_at)
        if not removed:
            told["new"] = "response" if self._shown is not None else \
                "request" if after is not None or state is not None else "unknown"
        if self.claimed_id:
            told["claimed_id"] = text(self.claimed_id, 256)
        details["object"] = told

    def _wanted_state(self) -> Optional[bool]:
        if self.action in ("enable", "disable"):
            return self.action == "enable"
        if self.action != "state":
            return None
        query = dict(parse_qsl(self.exchange.query.decode("latin-1")))
        given = _first(query, STATE_NAMES)
        return _state(given if given is not None else _first(self._request, STATE_NAMES))
