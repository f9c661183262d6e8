# SPDX-License-Identifier: Apache-2.0
"""A gateway with the REST paths of ContextForge, as far as its administration goes: objects live in memory.

Prints its port and serves until its standard input ends. Paths and answers are written after the public API documentation
of ContextForge 1.0; what a test needs and a gateway would not do stands under /test.
"""
import asyncio
import json
import socket
import sys
import threading

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

KINDS = ("tool", "resource", "prompt", "server", "gateway")
PASSWORD = "correct horse"
LOGINS_MAX = 3


class State:
    """Objects by kind and id, and what the last request looked like when it came here."""

    def __init__(self):
        self.objects = {kind: {} for kind in (*KINDS, "user", "team")}
        self.last = {}
        self.failed_logins = {}
        self.next_id = 1

    def new_id(self):
        self.next_id += 1
        return f"{self.next_id:032x}"


STATE = State()


async def body_of(request):
    """JSON object or form as dict; None for anything else."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        from urllib.parse import parse_qsl

        return dict(parse_qsl((await request.body()).decode()))
    try:
        found = json.loads(await request.body())
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def shown(thing):
    """As a gateway shows it: secrets are masked by itself too."""
    return {key: "*****" if key == "authToken" else value for key, value in thing.items()}


def allowed(request):
    token = request.headers.get("authorization", "")
    if not token:
        return JSONResponse({"detail": "Not authenticated"}, 401, {"WWW-Authenticate": "Bearer"})
    if token != "Bearer admin-token":
        return JSONResponse({"detail": "Insufficient permissions"}, 403)
    return None


def remember(request):
    STATE.last = {"headers": dict(request.headers), "path": request.url.path}


class Objects:
    """REST and administration of one kind."""

    def __init__(self, kind, base, form, key="id"):
        self.kind, self.base, self.form, self.key = kind, base, form, key

    @property
    def all(self):
        return STATE.objects[self.kind]

    async def collection(self, request):
        remember(request)
        if refusal := allowed(request):
            return refusal
        if request.method == "GET":
            things = [shown(thing) for thing in self.all.values()]
            return JSONResponse({"data": things, "pagination": {"page": 1}} if self.form else things)
        wanted = await body_of(request)
        if wanted is None or not wanted.get("name", wanted.get("email")):
            return JSONResponse({"detail": "validation error", "success": False}, 422)
        thing = {"id": STATE.new_id(), **wanted, "enabled": True}
        thing.pop("password", None)
        self.all[thing[self.key]] = thing
        if self.form:
            return JSONResponse({"message": "registered", "success": True})
        return JSONResponse(shown(thing), 201)

    async def one(self, request):
        remember(request)
        if refusal := allowed(request):
            return refusal
        thing = self.all.get(request.path_params["id"])
        if thing is None:
            return JSONResponse({"detail": "not found"}, 404)
        if request.method == "GET":
            return JSONResponse(shown(thing))
        if request.method == "DELETE":
            del self.all[thing[self.key]]
            return JSONResponse({"status": "success", "message": "permanently deleted"})
        wanted = await body_of(request)
        if wanted is None:
            return JSONResponse({"detail": "validation error"}, 422)
        thing.update(wanted)
        return JSONResponse(shown(thing))

    async def do(self, request):
        """POST BASE/{id}/{verb}"""
        remember(request)
        if refusal := allowed(request):
            return refusal
        thing = self.all.get(request.path_params["id"])
        verb = request.path_params["verb"]
        if thing is None:
            return JSONResponse({"detail": "not found"}, 404)
        wanted = await body_of(request) or {}
        if verb == "delete":
            del self.all[thing[self.key]]
            return RedirectResponse(f"/admin#{self.kind}s", 303)
        if verb in ("edit", "update"):
            thing.update(wanted)
            return JSONResponse({"message": "updated", "success": True})
        if verb in ("activate", "deactivate"):
            thing["enabled"] = verb == "activate"
            return Response(status_code=204)
        if verb in ("state", "toggle"):
            wish = request.query_params.get("activate", wanted.get("activate", "true"))
            thing["enabled"] = str(wish).lower() == "true"
            return JSONResponse({"status": "success", self.kind: shown(thing)})
        return JSONResponse({"detail": "not found"}, 404)

    def routes(self):
        many = ["GET", "POST"]
        single = ["GET", "PUT", "PATCH", "DELETE"]
        return [
            Route(self.base, self.collection, methods=many),
            Route(self.base + "/", self.collection, methods=many),
            Route(self.base + "/{id}", self.one, methods=single),
            Route(self.base + "/{id}/{verb}", self.do, methods=["POST"]),
        ]


async def login(request):
    remember(request)
    wanted = await body_of(request) or {}
    name = wanted.get("email", wanted.get("username", ""))
    failed = STATE.failed_logins.get(name, 0)
    if failed >= LOGINS_MAX:
        return JSONResponse({"detail": "too many"}, 429, {"Retry-After": "60", "X-RateLimit-Limit": str(LOGINS_MAX)})
    good = wanted.get("password") == PASSWORD
    form = request.url.path == "/admin/login"
    if not good:
        STATE.failed_logins[name] = failed + 1
        if form:
            return RedirectResponse("/admin/login?error=invalid_credentials", 303)
        return JSONResponse({"detail": "Invalid email or password"}, 401)
    if form:
        return RedirectResponse("/admin", 303, {"Set-Cookie": "jwt_token=cookie-secret; HttpOnly"})
    return JSONResponse({"access_token": "admin-token", "token_type": "bearer", "expires_in": 3600})


async def logout(request):
    remember(request)
    return JSONResponse({"success": True})


async def tokens(request):
    remember(request)
    if refusal := allowed(request):
        return refusal
    return JSONResponse({"access_token": "issued-secret", "token": {"id": "t-1"}}, 201)


async def token(request):
    remember(request)
    return allowed(request) or Response(status_code=204)


async def rpc(request):
    """JSON-RPC, as /rpc and as a server's MCP endpoint."""
    remember(request)
    try:
        message = json.loads(await request.body())
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": {"tools": []}})
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"detail": "no message"}, 400)


async def strange(request):
    """Answers of a gateway that errs or lies."""
    remember(request)
    what = request.path_params["id"]
    if what == "liar":
        return JSONResponse({"id": "somebody-else", "name": "planted", "enabled": False})
    if what == "html":
        return Response("<html>saved</html>", media_type="text/html")
    if what == "twice":
        return Response('{"id":"twice","id":"other","name":"x"}', media_type="application/json")
    if what == "breaks":
        return JSONResponse({"detail": "oops"}, 500)
    return Response('{"id":', media_type="application/json")


async def strange_list(request):
    """Huge, or with two objects of one id and two of one name."""
    remember(request)
    if "huge" in request.query_params:
        return JSONResponse([{"id": f"h{i}", "name": f"n{i}", "text": "x" * 200} for i in range(20_000)])
    return JSONResponse([
        {"id": "d1", "name": "first"}, {"id": "d1", "name": "second"},
        {"id": "n1", "name": "same"}, {"id": "n2", "name": "same"}, {"id": 77, "name": "number"},
    ])


async def health(request):
    remember(request)
    return PlainTextResponse("fine")


async def last(request):
    """The headers of the request before."""
    return JSONResponse(STATE.last)


def application():
    routes = []
    for kind in KINDS:
        routes += Objects(kind, f"/{kind}s", form=False).routes()
        routes += Objects(kind, f"/admin/{kind}s", form=True).routes()
    routes += Objects("user", "/admin/users", form=True, key="email").routes()
    routes += Objects("team", "/teams", form=False).routes()
    routes += Objects("team", "/admin/teams", form=True).routes()
    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    strangers = [
        Route("/api/strange", strange_list),
        Route("/api/strange/{id}", strange, methods=everything),
    ]
    return Starlette(routes=[
        Route("/auth/login", login, methods=["POST"]),
        Route("/auth/email/login", login, methods=["POST"]),
        Route("/admin/login", login, methods=["POST"]),
        Route("/auth/logout", logout, methods=["POST"]),
        Route("/auth/reset-password/{token}", logout, methods=["POST"]),
        Route("/tokens", tokens, methods=["POST"]),
        Route("/tokens/{id}", token, methods=["DELETE"]),
        Route("/rpc", rpc, methods=["POST"]),
        Route("/servers/{id}/mcp", rpc, methods=["POST"]),
        *routes,
        *strangers,
        Route("/health", health),
        Route("/test/last", last),
    ])


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application(), log_level="error", lifespan="off"))

    def stop_at_end():
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=stop_at_end, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    asyncio.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
