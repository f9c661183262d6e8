#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An upstream on Python's http.server that tells what it understood of every request, one line of JSON each on stdout.

As lenient as such servers are: chunk sizes by int(), paths resolved as a gateway would, JSON by json.loads() in whatever
encoding it finds.
"""
import gzip
import json
import posixpath
import signal
import sys
import urllib.parse
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_MAX = 64 * 1024 * 1024


def shown(body):
    """What the driver needs of a body, as strict JSON can say it: method, name and id of every message."""
    def one(message):
        if not isinstance(message, dict):
            return None
        params = message.get("params")
        name = params.get("name") if isinstance(params, dict) else None
        kept = {"method": message.get("method"), "id": repr(message.get("id"))}
        return {**kept, "params": {"name": name if isinstance(name, str) else None}}
    return [one(message) for message in body] if isinstance(body, list) else one(body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def read_chunked(self):
        body = b""
        while True:
            line = self.rfile.readline(65537)
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            if size < 0 or len(body) + size > BODY_MAX:
                raise ValueError("chunk size")
            body += self.rfile.read(size)
            self.rfile.readline(65537)
        while self.rfile.readline(65537) not in (b"\r\n", b"\n", b""):
            pass
        return body

    def read_body(self):
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self.read_chunked()
        size = int(self.headers.get("Content-Length") or 0)
        if not 0 <= size <= BODY_MAX:
            raise ValueError("length")
        return self.rfile.read(size)

    def decoded(self, body):
        coding = (self.headers.get("Content-Encoding") or "identity").strip().lower()
        if coding in ("gzip", "x-gzip"):
            return gzip.decompress(body)
        if coding == "deflate":
            return zlib.decompress(body)
        if coding != "identity":
            raise ValueError("coding")
        return body

    def is_endpoint(self):
        """Routed as gateways do: decoded, dots and slashes resolved."""
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        return posixpath.normpath(path) == "/mcp"

    def handle_any(self):
        seen = {"method": self.command, "target": self.path, "headers": [t for p in self.headers.items() for t in p]}
        answer = None
        status = 200
        try:
            body = self.read_body()
            if self.command == "POST" and self.is_endpoint():
                parsed = json.loads(self.decoded(body))
                seen["body"] = shown(parsed)
                answer = self.result(parsed)
                status = 202 if answer is None else 200
        except (ValueError, OSError, EOFError, RecursionError, zlib.error) as error:
            seen["error"] = type(error).__name__
            status = 400
            self.close_connection = True
        sys.stdout.write(json.dumps({"seen": seen}) + "\n")
        sys.stdout.flush()
        self.reply(status, answer)

    @staticmethod
    def result(body):
        def one(message):
            return {"jsonrpc": "2.0", "id": message["id"], "result": {"content": []}}
        if isinstance(body, list):
            return [one(m) for m in body if isinstance(m, dict) and "id" in m]
        return one(body) if isinstance(body, dict) and "id" in body else None

    def reply(self, status, answer):
        data = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def __getattr__(self, name):
        # Any method at all, as a server would that does not look at it.
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, format, *args):
        """Quiet: what matters is on stdout."""


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
