# SPDX-License-Identifier: Apache-2.0
"""A gateway with ContextForge's REST paths (Starlette), audited by the middleware; prints "port N" and serves.

Objects live in memory. Who a request is from stands in its bearer token ("user:NAME"); what users whose name begins with
"reader" send that changes something is refused, and "busy" is refused for coming too often.
"""
import asyncio
import json
import os
import signal
import socket
import sys
import uuid

import uvicorn
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "clients", "asgi"))
from tallystick_asgi import AuditMiddleware  # noqa: E402

KINDS = ("tools", "resources", "prompts", "servers", "gateways")
OBJECTS = {kind: {} for kind in KINDS}


class Bearer(AuthenticationBackend):
    async def authenticate(self, conn):
        scheme, _, token = conn.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.startswith("user:"):
            return AuthCredentials(["authenticated"]), SimpleUser(token[5:])
        return None


def refusal(request):
    """The answer to who may not do this; None for who may."""
    if not request.user.is_authenticated:
        return JSONResponse({"detail": "who are you"}, 401, {"WWW-Authenticate": "Bearer"})
    if request.user.display_name == "busy":
        return JSONResponse({"detail": "too many"}, 429, {"Retry-After": "7"})
    if request.user.display_name.startswith("reader") and request.method not in ("GET", "HEAD"):
        return JSONResponse({"detail": "no"}, 403)
    return None


def of_kind(kind):
    async def collection(request):
        refused = refusal(request)
        if refused is not None:
            return refused
        if request.method == "GET":
            return JSONResponse(list(OBJECTS[kind].values()))
        known = {"id": uuid.uuid4().hex, "enabled": True, **await request.json()}
        OBJECTS[kind][known["id"]] = known
        return JSONResponse(known, 201)

    async def single(request):
        refused = refusal(request)
        if refused is not None:
            return refused
        known = OBJECTS[kind].get(request.path_params["id"])
        if known is None:
            return JSONResponse({"detail": "no such object"}, 404)
        if request.method == "DELETE":
            del OBJECTS[kind][known["id"]]
            return Response(status_code=204)
        if request.method == "PUT":
            known.update(await request.json())
        return JSONResponse(known)

    async def toggle(request):
        refused = refusal(request)
        if refused is not None:
            return refused
        known = OBJECTS[kind][request.path_params["id"]]
        known["enabled"] = not known["enabled"]
        return JSONResponse(known)

    return [Route(f"/{kind}", collection, methods=["GET", "POST"]),
            Route(f"/{kind}/{{id}}", single, methods=["GET", "PUT", "DELETE"]),
            Route(f"/{kind}/{{id}}/toggle", toggle, methods=["POST"])]


async def login(request):
    form = await request.json()
    if form.get("password") != "correct horse":
        return JSONResponse({"detail": "wrong"}, 401)
    return JSONResponse({"access_token": "user:" + form["email"], "token_type": "bearer"})


def answer_to(message):
    if "id" not in message:
        return None
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    params = message.get("params") or {}
    if message["method"] != "tools/call":
        return {**answer, "error": {"code": -32601, "message": "no such method"}}
    if params.get("name") == "break":
        return {**answer, "error": {"code": -32603, "message": "Internal error"}}
    text = {"type": "text", "text": "it did not work" if params.get("name") == "fail" else "done"}
    return {**answer, "result": {"content": [text], "isError": params.get("name") == "fail"}}


async def rpc(request):
    body = await request.json()
    answers = [answer_to(message) for message in (body if isinstance(body, list) else [body])]
    answers = [answer for answer in answers if answer is not None]
    if not answers:
        return Response(status_code=202)
    return JSONResponse(answers if isinstance(body, list) else answers[0])


async def mcp(request):
    answer = answer_to(await request.json())

    async def events():
        yield b": hello\n\n"
        await asyncio.sleep(0)
        yield b"event: message\ndata: " + json.dumps(answer).encode() + b"\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Mcp-Session-Id": "session-1"})


async def stream(request):
    async def pieces():
        for number in range(int(request.query_params.get("pieces", "3"))):
            yield b"%d\n" % number
            await asyncio.sleep(0.001)
    return StreamingResponse(pieces(), media_type="text/plain")


async def echo(request):
    return Response(await request.body(), media_type="application/octet-stream")


async def broken(request):
    raise RuntimeError("this application is broken on purpose")


async def socket_echo(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close(1000)


async def health(request):
    return Response("ok")


def routes():
    out = [route for kind in KINDS for route in of_kind(kind)]
    out += [Mount("/admin", routes=[route for kind in KINDS for route in of_kind(kind)])]
    out += [Route("/auth/login", login, methods=["POST"]), Route("/rpc", rpc, methods=["POST"]),
            Route("/mcp", mcp, methods=["POST"]), Route("/stream", stream), Route("/echo", echo, methods=["POST"]),
            Route("/broken", broken), Route("/health", health), WebSocketRoute("/ws", socket_echo)]
    return out


def application(options):
    app = AuthenticationMiddleware(Starlette(routes=routes()), backend=Bearer())
    return app if options is None else AuditMiddleware(app, **options)


async def serve():
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    # Inherited by connections; asyncio does it only for sockets that it made.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(application(json.loads(os.environ["GATEWAY_OPTIONS"])), log_level="critical", lifespan="on",
                            access_log=False)
    server = uvicorn.Server(config)
    print("port", listener.getsockname()[1], flush=True)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())
