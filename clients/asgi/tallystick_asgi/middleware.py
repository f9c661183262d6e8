# SPDX-License-Identifier: Apache-2.0
"""The ASGI middleware: sees every request, hands it on untouched, and leaves all work to the sender's thread."""
from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import time
import uuid
from typing import Any, Awaitable, Callable, MutableMapping, Optional

from .events_text import text
from .exchange import REQUEST_HEADERS, RESPONSE_HEADERS, Capture, Exchange, header_of, picked
from .redaction import MASK
from .routes import OTHER, RouteTable
from .sender import Sender
from .settings import Scope, Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("tallystick")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@\-]{1,128}")
_WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))


class AuditMiddleware:
    """``app.add_middleware(AuditMiddleware, url=..., token=...)``; keywords are those of :class:`Settings`.

    Put it outermost, so that what other middleware refuses is seen too. One thread per process sends; it starts with
    the application (lifespan) or with the first request, and is given ``shutdown_seconds`` at the end.
    """

    def __init__(self, app: App, settings: Optional[Settings] = None, sender: Optional[Sender] = None,
                 **options: Any) -> None:
        self.app = app
        self.settings = settings if settings is not None else Settings(**options)
        self.sender = sender if sender is not None else Sender(self.settings)
        self._routes = RouteTable(self.settings.routes)
        self._exact = frozenset(path for path in self.settings.exclude if not path.endswith("*"))
        self._starts = tuple(path[:-1] for path in self.settings.exclude if path.endswith("*"))
        self._networks = [ipaddress.ip_network(network) for network in self.settings.trusted_proxies]
        self._actor_headers = [name.lower().encode("latin-1") for name in self.settings.actor_headers]
        self._kept_headers = REQUEST_HEADERS | frozenset(self._actor_headers)
        self._captured = 0
        self._told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        watch = None
        if kind in ("http", "websocket"):
            try:
                watch = self._watch(scope)
            except Exception:  # auditing must not break a request
                self._trouble("a request could not be looked at")
                self.sender.lost(str(scope.get("method", "")), "middleware")
        if watch is None:
            await self.app(scope, receive, send)
            return
        await watch.run(self.app, scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.sender.start()

        async def watched(message: Message) -> None:
            if message["type"] in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
                await asyncio.get_running_loop().run_in_executor(None, self.sender.close)
            await send(message)

        await self.app(scope, receive, watched)

    def _watch(self, scope: Scope) -> Optional["_Watch"]:
        path: str = scope["path"]
        if path in self._exact or (self._starts and path.startswith(self._starts)):
            return None
        method: str = scope.get("method", "GET")
        root: str = scope.get("root_path", "")
        inner = path[len(root):] if root and path.startswith(root + "/") else path
        route, identity, secret = self._routes.find(method, inner)
        if secret:
            path = path.replace(secret, MASK)
        if route is OTHER and self.settings.unlisted == "skip":
            return None
        headers = scope["headers"]
        given = header_of(headers, b"x-request-id")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        if not given:
            scope["headers"] = [*headers, (b"x-request-id", request_id.encode())]
        exchange = Exchange(
            kind=scope["type"], method=method, path=path, query=scope.get("query_string", b""),
            headers=picked(headers, self._kept_headers), client=self._client(scope, headers), request_id=request_id,
            started=time.time(), route=route, object_id=identity)
        if scope["type"] == "http" and method in _WITH_BODY:
            rpc = route.category in ("rpc", "mcp")
            if route.body:
                exchange.request_body = Capture(self.settings.body_bytes)
            if rpc and method == "POST":
                exchange.response_body = Capture(self.settings.answer_bytes)
        if exchange.response_body is None and scope["type"] == "http" and self._shows_objects(exchange):
            exchange.response_body = Capture(self.settings.object_bytes)
        return _Watch(self, exchange)

    def _shows_objects(self, exchange: Exchange) -> bool:
        route = exchange.route
        return bool(self.settings.object_bytes and route.body and (route.target_type or route.action == "login"))

    def _client(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> str:
        client = scope.get("client")
        address: str = client[0] if client else ""
        if self._networks and self._trusts(address):
            hops = b",".join(value for name, value in headers if name.lower() == b"x-forwarded-for").split(b",")
            for hop in reversed(hops):
                try:
                    address = str(ipaddress.ip_address(hop.decode("latin-1").strip()))
                except ValueError:
                    break
                if not self._trusts(address):
                    break
        return text(address, 64)

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def room(self) -> int:
        return self.settings.captured_bytes - self._captured

    def capture(self, delta: int) -> None:
        self._captured += delta

    def finished(self, exchange: Exchange, scope: Scope) -> None:
        """Hands it to the sender. Called once per exchange."""
        for body in (exchange.request_body, exchange.response_body):
            if body is not None:
                self._captured -= body.kept
        try:
            exchange.actor = self._actor(scope, exchange)
            self.sender.put(exchange)
        except Exception:
            self._trouble("a request could not be recorded")
            self.sender.lost(exchange.method, "middleware")

    def _actor(self, scope: Scope, exchange: Exchange) -> dict[str, Any]:
        if self.settings.actor is not None:
            found = self.settings.actor(scope)
            if isinstance(found, dict):
                return dict(found)
            if found:
                return {"actor_id": text(str(found)), "actor_type": "user", "actor_verified": True}
            return {}
        for name in self._actor_headers:
            value = header_of(exchange.headers, name)
            if value:
                return {"actor_id": text(value), "actor_type": "user", "actor_verified": True}
        return actor_of_scope(scope)

    def _trouble(self, what: str) -> None:
        log.log(logging.DEBUG if self._told else logging.ERROR, "audit: %s", what, exc_info=True)
        self._told = True


def actor_of_scope(scope: Scope) -> dict[str, Any]:
    """The user that authentication middleware left in the scope: an object, a mapping, or an id."""
    state = scope.get("state")
    places = [scope.get("user")]
    if isinstance(state, dict):
        places += [state.get("user"), state.get("user_email"), state.get("username")]
    for user in places:
        if not user or getattr(user, "is_authenticated", True) is False:
            continue
        if isinstance(user, str):
            return {"actor_id": text(user), "actor_type": "user", "actor_verified": True}
        for name in ("identity", "email", "username", "sub", "display_name", "id"):
            try:
                value = user.get(name) if isinstance(user, dict) else getattr(user, name, None)
            except Exception:  # Starlette's BaseUser raises in what a class does not implement
                continue
            if isinstance(value, (str, int)) and value != "" and not isinstance(value, bool):
                return {"actor_id": text(str(value)), "actor_type": "user", "actor_verified": True}
    return {}


class _Watch:
    """One request on its way through the application."""

    __slots__ = ("_owner", "_exchange", "_scope", "_began", "_done", "_gone", "_answered", "_accepted")

    def __init__(self, owner: AuditMiddleware, exchange: Exchange) -> None:
        self._owner = owner
        self._exchange = exchange
        self._began = time.perf_counter()
        self._done = False
        self._gone = False  # the client left
        self._answered = False  # the answer is complete
        self._accepted = False  # of a websocket

    async def run(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._exchange
        self._scope = scope
        http = exchange.kind == "http"

        async def watched_receive() -> Message:
            message = await receive()
            self._received(message)
            return message

        async def watched_send(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.start":
                message = self._started(message)
            await send(message)
            self._sent(kind, message)

        try:
            await app(scope, watched_receive, watched_send)
        except asyncio.CancelledError:
            self._finish("cancelled")
            raise
        except Exception as error:
            if not self._done and not self._gone:
                exchange.exception = type(error).__name__
                if not exchange.status:
                    exchange.status = 500  # what servers answer then
            self._finish("disconnected" if self._gone else "")
            raise
        except BaseException:
            self._finish("interrupted")
            raise
        if http:
            self._finish("" if self._answered else "disconnected" if self._gone else "no-answer")
        else:
            self._finish("")

    def _received(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.request":
            body = self._exchange.request_body
            if body is not None and not self._done:
                data = message.get("body", b"")
                if data:
                    self._owner.capture(body.add(data, self._owner.room()))
                body.ended = not message.get("more_body", False)
        elif kind == "http.disconnect":
            self._gone = True
        elif kind == "websocket.disconnect":
            self._exchange.close_code = message.get("code")

    def _started(self, message: Message) -> Message:
        headers = list(message.get("headers") or ())
        self._exchange.response_headers = picked(headers, RESPONSE_HEADERS)
        self._exchange.status = message["status"]
        if any(name.lower() == b"x-request-id" for name, _ in headers):
            return message
        return {**message, "headers": [*headers, (b"x-request-id", self._exchange.request_id.encode())]}

    def _sent(self, kind: str, message: Message) -> None:
        if kind == "http.response.body":
            answer = self._exchange.response_body
            more = message.get("more_body", False)
            if answer is not None and not self._done:
                data = message.get("body", b"")
                if data:
                    self._owner.capture(answer.add(data, self._owner.room()))
                answer.ended = not more
            if not more:
                self._answered = True
                # Here and not when the application returns: background tasks may follow.
                self._finish("")
        elif kind in ("http.response.pathsend", "http.response.zerocopysend"):
            self._answered = not message.get("more_body", False)
        elif kind == "websocket.accept":
            self._exchange.status = 101
            self._accepted = True
        elif kind == "websocket.http.response.start":
            self._exchange.status = message["status"]
        elif kind == "websocket.close":
            if not self._accepted:
                self._exchange.status = 403
            self._exchange.close_code = message.get("code", 1000)

    def _finish(self, reason: str) -> None:
        if self._done:
            return
        self._done = True
        exchange = self._exchange
        exchange.milliseconds = (time.perf_counter() - self._began) * 1000
        exchange.finished = time.time()
        exchange.reason = reason
        self._owner.finished(exchange, self._scope)
