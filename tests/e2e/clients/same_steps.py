#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The steps of administration that tests/e2e/gateway takes through the proxy, here through the middleware: every record
must hold the same.

    same_steps.py --tallystick PATH
"""
import argparse
import asyncio
import importlib.util
import json
import os
import socket
import sys
import threading

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "clients", "asgi"))
import uvicorn  # noqa: E402
from service import Service, wait_for  # noqa: E402
from tallystick_asgi import CONTEXTFORGE, AuditMiddleware, Route  # noqa: E402

# Paths that a server behind the proxy might take for another one. This application does not, and the middleware knows.
LITERAL = ("/x/../tools/none", "/health/%2e%2e/tools/none", "/tools;v=1/none")


def load(name):
    spec = importlib.util.spec_from_file_location("proxied_" + name, os.path.join(HERE, "..", "gateway", name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def reading(app):
    """The application, but reading every body: some of its handlers do not, and what nobody reads cannot be seen."""
    async def read_first(scope, receive, send):
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())

        async def again():
            return messages.pop(0) if messages else await receive()
        await app(scope, again, send)
    return read_first


def ask_all(steps, application, service):
    """Runs every step against the application with the middleware; returns what their records must hold."""
    routes = [Route("/api/strange", "admin", "thing"), Route("/api/strange/{id}", "admin", "thing"), *CONTEXTFORGE]
    app = AuditMiddleware(reading(application), url=service.url, token=service.token(), server="gw", routes=routes, exclude=())
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        wait_for("the gateway", lambda: server.started)
        admin = steps.Administration(listener.getsockname()[1])
        for part in (steps.objects, steps.people, steps.logins, steps.refusals, steps.strangers):
            part(admin)
    finally:
        server.should_exit = True
        thread.join()
    return admin.wanted


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    service = Service(os.path.abspath(parser.parse_args().tallystick)).start()
    try:
        steps = load("administration")
        wanted = ask_all(steps, load("gateway").application(), service)
        entries = service.entries()
        passed, wrong = 0, []
        for what, request_id, expected in wanted:
            own = [entry for entry in entries if entry.get("request_id") == request_id]
            if len(own) != 1:
                wrong.append(f"{what}: {len(own)} records")
                continue
            if any(path in what for path in LITERAL):
                expected = {"event_name": "http-request", "event_result": "failure", "details__status_code": 404}
            for name, value in expected.items():
                seen = steps.member(own[0], name)
                passed += seen == value
                if seen != value:
                    wrong.append(f"{what}: {name}: {json.dumps(seen)}, not {json.dumps(value)}")
        wrong += [f"a secret got in: {secret}" for secret in steps.SECRETS if secret in json.dumps(entries)]
        print(*wrong, sep="\n")
        print(f"{len(wanted)} requests, {passed} checks passed, {len(wrong)} failed")
        return 1 if wrong or not wanted else 0
    finally:
        service.close()


if __name__ == "__main__":
    sys.exit(main())
