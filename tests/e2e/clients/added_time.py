#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the middleware adds to a request: the same application under uvicorn with it and without, in turn, on loopback.

    added_time.py --tallystick PATH [--requests 3000] [--rounds 5] [--limit-us 300]

One client, one request at a time, kept connection. Status 1 when the median of a kind of request grows by more than the
limit, or when a request is not in the log.
"""
import argparse
import http.client
import json
import os
import socket
import statistics
import sys
import time

sys.dont_write_bytecode = True
from service import Gateway, Service  # noqa: E402

CALL = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                   "params": {"name": "t", "arguments": {"city": "Bern", "text": "x" * 1500}}})
KINDS = {
    "GET /tools/x (404)": ("GET", "/tools/x?page=1", None),
    "POST /rpc (tools/call, 1.5 KiB)": ("POST", "/rpc", CALL),
    "POST /admin/tools/x (404, 200 bytes)": ("PUT", "/admin/tools/x", json.dumps({"name": "n", "text": "y" * 170})),
    "GET /stream (3 pieces)": ("GET", "/stream", None),
}


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0

    def measure(self, kind, count):
        """Microseconds of each of `count` requests."""
        method, path, body = kind
        headers = {"Authorization": "Bearer user:alice", "Content-Type": "application/json"}
        out = []
        for _ in range(count):
            began = time.perf_counter()
            self.connection.request(method, path, body, headers)
            self.connection.getresponse().read()
            out.append((time.perf_counter() - began) * 1e6)
        self.sent += count
        return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    parser.add_argument("--requests", type=int, default=3000, help="of each kind, with and without")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit-us", type=float, default=300)
    options = parser.parse_args()
    service = Service(os.path.abspath(options.tallystick)).start()
    gateways = []
    try:
        token = service.token()
        gateways = [Gateway(service, token, audited=False), Gateway(service, token)]
        clients = [Client(gateway.port) for gateway in gateways]
        times = {name: ([], []) for name in KINDS}
        for turn in range(options.rounds + 1):
            for name, kind in KINDS.items():
                for i in (0, 1) if turn % 2 else (1, 0):
                    found = clients[i].measure(kind, options.requests // options.rounds)
                    if turn:  # the first round warms up
                        times[name][i].extend(found)
        for gateway in gateways:
            gateway.stop()
        worst = 0.0
        for name, (without, with_it) in times.items():
            medians = [statistics.median(values) for values in (without, with_it)]
            p99 = [statistics.quantiles(values, n=100)[98] for values in (without, with_it)]
            worst = max(worst, medians[1] - medians[0])
            print(f"{name}: median {medians[0]:.0f} -> {medians[1]:.0f} us (+{medians[1] - medians[0]:.0f}),"
                  f" p99 {p99[0]:.0f} -> {p99[1]:.0f} us")
        recorded = len(service.entries())
        print(f"{clients[1].sent} requests, {recorded} in the log; worst median +{worst:.0f} us, bar {options.limit_us:.0f}")
        return 0 if worst <= options.limit_us and recorded == clients[1].sent else 1
    finally:
        for gateway in gateways:
            gateway.close()
        service.close()


if __name__ == "__main__":
    sys.exit(main())
