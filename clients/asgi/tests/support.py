# SPDX-License-Identifier: Apache-2.0
"""What the tests share: an ASGI client without a network, and a server whose answers a test decides."""
import asyncio
import gzip
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from tallystick_asgi import AuditMiddleware, Settings  # noqa: E402
from tallystick_asgi.events import EventMaker  # noqa: E402


class Recorder:
    """Stands where the sender stands and keeps what it gets."""

    def __init__(self):
        self.exchanges, self.lost_ones, self.calls = [], [], []

    def start(self):
        self.calls.append("start")

    def close(self):
        self.calls.append("close")

    def put(self, exchange):
        self.exchanges.append(exchange)
        return True

    def lost(self, method, reason):
        self.lost_ones.append((method, reason))

    def events(self, **options):
        make = EventMaker(Settings(server="gw", **options))
        return [event for exchange in self.exchanges for event in make(exchange)]


def scope_of(method="GET", path="/tools", query=b"", headers=(), kind="http", **more):
    return {"type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": query, "root_path": "", "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in headers], "client": ("192.0.2.7", 5000),
            "server": ("127.0.0.1", 80), **more}


def ask(app, scope, body=b"", pieces=1, incoming=None):
    """Runs one request to its end; returns what was sent. `incoming`: messages instead of those of the body."""
    messages = list(incoming) if incoming is not None else []
    if incoming is None:
        step = max(1, -(-len(body) // pieces))
        cut = [body[i:i + step] for i in range(0, len(body), step)] or [b""]
        messages = [{"type": "http.request", "body": piece, "more_body": i + 1 < len(cut)} for i, piece in enumerate(cut)]
    sent = []

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def answering(status=200, body=b"{}", content_type="application/json", headers=(), before=None):
    """An application that reads the body and answers that."""
    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        if before is not None:
            before(scope)
        await send({"type": "http.response.start", "status": status,
                    "headers": [(b"content-type", content_type.encode()), *headers]})
        await send({"type": "http.response.body", "body": body})
    return app


def audited(app, **options):
    """(middleware, recorder)"""
    recorder = Recorder()
    return AuditMiddleware(app, Settings(server="gw", **options), recorder), recorder


class Server:
    """Answers POST /api/audit/events with what `plan` gives for (number of the request, events): (status, object),
    or None to hang up. `bodies` are the events of each request that was answered with 2xx."""

    def __init__(self, plan=None, port=0):
        outer = self
        self.plan = plan if plan is not None else (lambda number, events: (201, {"accepted": len(events)}))
        self.requests, self.taken, self.tokens, self.changed = 0, [], [], threading.Condition()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                data = self.rfile.read(int(self.headers["Content-Length"]))
                events = [json.loads(line) for line in gzip.decompress(data).splitlines()]
                with outer.changed:
                    number, outer.requests = outer.requests, outer.requests + 1
                    outer.tokens.append(self.headers["Authorization"])
                    answer = outer.plan(number, events)
                    if answer is not None and answer[0] < 300:
                        outer.taken.extend(events)
                    outer.changed.notify_all()
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                body = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def wait(self, condition, seconds=10):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), seconds)

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
