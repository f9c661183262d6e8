#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server is stopped and killed while a gateway works, and the gateway too: each request is in the log, once.

    restarts.py --tallystick PATH [--seconds 6]
"""
import argparse
import collections
import http.client
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import uuid

sys.dont_write_bytecode = True
from service import Gateway, Service, wait_for  # noqa: E402

CLIENTS = 4


class Load:
    """Clients that send requests of all kinds until they are told to stop, each with an id of its own; `rest` is what
    each of them waits after a request, in seconds."""

    def __init__(self, port, rest=0.0):
        self.port, self.rest = port, rest
        self.sent = []  # ids of requests whose answer came
        self.tools = 0
        self._failed = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _run(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.connect()
        # Headers and body are two packets.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        turn = 0
        try:
            while not self._stop.is_set():
                turn += 1
                self._one(connection, turn, f"{number}-{turn}-{uuid.uuid4().hex}")
                if self.rest:
                    self._stop.wait(self.rest)
        except Exception as error:  # told by stop()
            self._failed.append(error)
        finally:
            connection.close()

    def _one(self, connection, turn, identity):
        headers = {"X-Request-ID": identity, "Authorization": "Bearer user:alice", "Content-Type": "application/json"}
        call = {"jsonrpc": "2.0", "id": turn, "method": "tools/call", "params": {"name": "t", "arguments": {"n": turn}}}
        method, path, body = (("GET", f"/tools?page={turn}", None), ("POST", "/rpc", json.dumps(call)),
                              ("POST", "/tools", json.dumps({"name": f"tool {turn}"})), ("POST", "/mcp", json.dumps(call)),
                              ("GET", "/stream", None), ("GET", "/nowhere", None))[turn % 6]
        if path == "/tools":
            path = f"/tools/{turn}/toggle" if turn % 12 else "/gateways"
            path, body = ("/auth/login", '{"email":"a","password":"wrong"}') if path.endswith("toggle") else (path, body)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        if response.getheader("X-Request-ID") != identity:
            raise RuntimeError("the request id did not come back")
        self.sent.append(identity)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failed:
            raise self._failed[0]
        return self.sent


def check(sent, service, what):
    """Each id once, nothing else, and no gap."""
    entries = service.entries()
    seen = collections.Counter(entry.get("request_id") for entry in entries)
    missing = [identity for identity in sent if seen[identity] == 0]
    twice = [identity for identity in sent if seen[identity] > 1]
    gaps = [entry for entry in entries if entry["event_name"] == "client-audit-gap"]
    others = len(entries) - sum(seen[identity] for identity in sent)
    print(f"{what}: {len(sent)} requests, {len(missing)} missing, {len(twice)} twice, {len(gaps)} gaps, {others} others")
    return not missing and not twice and not gaps and not others


def memory_only(binary, seconds):
    """SIGTERM and SIGKILL of the server under load; the gateway has no disk."""
    service = Service(binary).start()
    gateway = None
    try:
        gateway = Gateway(service, service.token())
        load = Load(gateway.port)
        try:
            for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
                before = len(load.sent)
                wait_for("load", lambda: len(load.sent) > before + 200)
                time.sleep(seconds / 6)
                service.stop(number)
                down = len(load.sent)
                wait_for("load without a server", lambda: len(load.sent) > down + 100)
                service.start()
        finally:
            sent = load.stop()
        if gateway.stop() != 0:
            raise RuntimeError("the gateway ended badly")
        fine = check(sent, service, "server stopped once and killed twice")
        service.tool("verify")
        return fine
    finally:
        if gateway is not None:
            gateway.close()
        service.close()


def with_spool(binary):
    """The server is away when the gateway ends; what it could not send comes with its next start."""
    service = Service(binary).start()
    spool = tempfile.TemporaryDirectory(prefix="tallystick-spool-")
    gateway = None
    try:
        token = service.token()
        options = {"spool": spool.name, "shutdown_seconds": 0.5, "queue_events": 2000, "retry_seconds": 0.5}
        gateway = Gateway(service, token, **options)
        # Half of the queue is for what comes while the other half is written: more than a second at this pace.
        load = Load(gateway.port, rest=0.005)
        try:
            wait_for("load", lambda: len(load.sent) > 100)
            service.stop(signal.SIGKILL)
            # More than the queue may hold before the spool takes it.
            wait_for("load without a server", lambda: len(load.sent) > 1600)
        finally:
            sent = load.stop()
        if gateway.stop() != 0:
            raise RuntimeError("the gateway ended badly")
        kept = len(os.listdir(spool.name))
        service.start()
        gateway = Gateway(service, token, **options)
        wait_for("an empty spool", lambda: not os.listdir(spool.name))
        gateway.stop()
        return check(sent, service, f"gateway restarted, {kept} files in the spool") and kept > 0
    finally:
        if gateway is not None:
            gateway.close()
        service.close()
        spool.cleanup()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    binary = os.path.abspath(options.tallystick)
    results = [memory_only(binary, options.seconds), with_spool(binary)]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
