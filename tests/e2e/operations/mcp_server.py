# SPDX-License-Identifier: Apache-2.0
"""mcp_server.py PORT: a small MCP server over Streamable HTTP (2025-06-18), with one tool that reads and one that writes. Tools that it
does not list are for gaps.py: slow, which says on standard output that it ran to its end, and ask, which wants input first."""
import itertools
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOOLS = [
    {"name": "read_note", "description": "Reads a note.", "annotations": {"readOnlyHint": True},
     "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}}},
    {"name": "write_note", "description": "Writes a note.",
     "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}, "text": {"type": "string"}}}},
]

STATES = itertools.count()


def text(value, error=False):
    return {"content": [{"type": "text", "text": value}], "isError": error}


def result_of(method, params):
    if method == "initialize":
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "docs", "version": "1.0"}}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        name = params["arguments"]["name"]
        if params["name"] == "slow":
            time.sleep(0.5)
            print(f"ran {name}", flush=True)
        if params["name"] == "ask" and "inputResponses" not in params:
            state = {"requestState": f"state {next(STATES)}"} if name == "with-state" else {}
            return {"resultType": "input_required", "inputRequests": {"ok": {"method": "elicitation/create", "params": {
                "mode": "form", "message": "Really?", "requestedSchema": {"type": "object", "properties": {}}}}}, **state}
        if name == "secret":
            return text("no such note", True)
        if name == "forbidden":
            return text("you may not do this", True)
        return text(f"the note {name}" if params["name"] == "read_note" else "written")
    return {} if method == "ping" else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "id" not in message:
            self.answer(202, b"")
            return
        result = result_of(message["method"], message.get("params", {}))
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        if result is None:
            answer["error"] = {"code": -32601, "message": "Method not found"}
        else:
            answer["result"] = result
        self.answer(200, json.dumps(answer).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the client has left

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    print("ready", flush=True)
    server.serve_forever()
