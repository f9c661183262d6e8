#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A script of real administration on a gateway with the middleware: every request gives the event that it should.

    administration.py --tallystick PATH
"""
import argparse
import asyncio
import json
import os
import sys

sys.dont_write_bytecode = True
import httpx  # noqa: E402
from service import Gateway, Service  # noqa: E402

KINDS = {"tools": "tool", "resources": "resource", "prompts": "prompt", "servers": "server", "gateways": "gateway"}


class Script:
    """Requests, and for each what its event must have."""

    def __init__(self, client):
        self.client = client
        self.expected = []

    def step(self, method, path, status, name, action, result, who="alice", target=None, body=None, **more):
        headers = {"X-Request-ID": f"step-{len(self.expected)}"}
        if who:
            headers["Authorization"] = f"Bearer user:{who}"
        answer = self.client.request(method, path, json=body, headers=headers)
        if answer.status_code != status or answer.headers["x-request-id"] != headers["X-Request-ID"]:
            raise RuntimeError(f"{method} {path}: {answer.status_code}")
        expected = {"event_name": name, "event_action": action, "event_result": result, "actor_id": who,
                    "http_method": method, **more}
        if target is not None:
            expected["target_type"], expected["target_name"] = target
        self.expected.append((headers["X-Request-ID"], status, expected))
        return answer

    def objects(self, prefix):
        for plural, kind in KINDS.items():
            base, name = f"{prefix}/{plural}", f"admin-{kind}-"
            made = self.step("POST", base, 201, name + "created", "create", "success", body={"name": "x", "auth_token": "hunter2"},
                             event_type="admin").json()
            one, path = (kind, "x"), f"{base}/{made['id']}"
            masked = {**made, "auth_token": "[redacted]"}
            self.expected[-1][2].update(target_type=kind, target_name="x", target_id=f"gw/{made['id']}", new_values=masked)
            self.step("GET", base, 200, self.viewed(prefix), "list", "success", target=("endpoint", base))
            self.step("GET", path, 200, self.viewed(prefix), "view", "success", target=one)
            self.step("PUT", path, 200, name + "updated", "update", "success", target=(kind, "y"), body={"name": "y"},
                      old_values={"name": "x"}, new_values={"name": "y"})
            self.step("POST", path + "/toggle", 200, name + "state-changed", "update", "success", target=(kind, "y"),
                      old_values={"enabled": True}, new_values={"enabled": False})
            self.step("DELETE", path, 403, "access-denied", "delete", "denied", "reader-1", (kind, "y"), event_type="access")
            self.step("DELETE", path, 204, name + "deleted", "delete", "success", target=(kind, "y"), severity_level="high",
                      old_values={**masked, "name": "y", "enabled": False})
            self.step("DELETE", path, 404, name + "deleted", "delete", "failure", target=(kind, made["id"]))
            self.step("POST", base, 429, "rate-limit-exceeded", "create", "denied", "busy", body={}, event_type="access")
            self.step("GET", base, 401, "auth-failure", "list", "failure", None, actor_type="anonymous")

    def viewed(self, prefix):
        return "admin-request" if prefix else "http-request"

    def others(self):
        login = {"email": "a@b", "password": "correct horse"}
        self.step("POST", "/auth/login", 200, "auth-login", "login", "success", None, body=login, severity="info")
        wrong = {**login, "password": "hunter2"}
        self.step("POST", "/auth/login", 401, "auth-failure", "login", "failure", None, body=wrong, severity="warning")
        self.step("GET", "/nowhere?password=hunter2", 404, "http-request", "view", "failure")
        self.step("GET", "/stream?pieces=5", 200, "http-request", "view", "success")
        for name, result in (("t", "success"), ("fail", "failure"), ("break", "error")):
            call = {"jsonrpc": "2.0", "id": "c1", "method": "tools/call", "params": {"name": name, "arguments": {"pin": 1}}}
            for path in ("/rpc", "/mcp"):
                self.step("POST", path, 200, "mcp-tool-execution", "execute", result, target=("tool", name), body=call)
        self.step("POST", "/rpc", 200, "mcp-ping", "view", "failure", body={"jsonrpc": "2.0", "id": 1, "method": "ping"})
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        self.step("POST", "/rpc", 202, "mcp-initialized", "notify", "success", body=note)


async def websocket(port):
    """A handshake and one message by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Request-ID: socket\r\n\r\n")
    if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
        raise RuntimeError("no websocket")
    writer.write(b"\x81\x82\x00\x00\x00\x00hi")
    if await reader.readexactly(4) != b"\x81\x02hi":
        raise RuntimeError("no echo")
    await reader.read()
    writer.close()


def wrong_in(entry, status, expected):
    """Where the entry is not as expected."""
    out = [f"{key}: {entry.get(key)!r} instead of {value!r}" for key, value in expected.items() if entry.get(key) != value]
    details = entry["details"].get("http", entry["details"])
    if details["status_code"] != status:
        out.append(f"status_code {details['status_code']}")
    if not entry["duration_ms"] > 0 or entry["actor_ip"] != "127.0.0.1":
        out.append("duration or address")
    if "hunter2" in json.dumps(entry) or "correct horse" in json.dumps(entry):
        out.append("a secret")
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    service = Service(os.path.abspath(parser.parse_args().tallystick)).start()
    gateway = None
    try:
        gateway = Gateway(service, service.token(), server="gw")
        with httpx.Client(base_url=f"http://127.0.0.1:{gateway.port}") as client:
            script = Script(client)
            script.objects("")
            script.objects("/admin")
            script.others()
            if client.get("/health").status_code != 200 or client.get("/broken").status_code != 500:
                raise RuntimeError("/health or /broken")
        asyncio.run(websocket(gateway.port))
        gateway.stop()
        entries = {entry["request_id"]: entry for entry in service.entries()}
        failed = 0
        for identity, status, expected in script.expected:
            found = wrong_in(entries[identity], status, expected) if identity in entries else ["no event"]
            if found:
                failed += 1
                print(identity, expected["http_method"], "; ".join(found))
        left = [entry for identity, entry in entries.items() if not identity.startswith("step-")]
        names = sorted(entry["details"]["path"] + " " + entry["event_result"] for entry in left)
        if names != ["/broken error", "/ws success"]:
            failed += 1
            print(names)
        print(f"{len(script.expected)} requests, {len(entries)} events, {failed} failed")
        return 1 if failed else 0
    finally:
        if gateway is not None:
            gateway.close()
        service.close()


if __name__ == "__main__":
    sys.exit(main())
