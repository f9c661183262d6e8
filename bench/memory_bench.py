#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Resident memory of `tallystick serve` on a large log, while it is written, asked, followed and exported.

    memory_bench.py TALLYSTICK DIRECTORY [--seconds N]

DIRECTORY is one of tally_index_bench: its log (10 M entries for the bar) and its index. Runs for N seconds: 4 connections
that post NDJSON batches of 500 as fast as they are taken, from a process of their own; 4 that ask for pages and summaries,
8 streams, and exports of everything one after the other. Prints the peak (VmHWM), and what of it are pages of files that
the kernel may drop. The log grows by what is posted.
"""
import argparse
import http.client
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import quote

BAR_MIB = 300
QUESTIONS = [
    "/api/audit/logs?q={q}&envelope=true&start_time=2026-01-01T00:00:00Z",
    "/api/audit/stats?q={q}&start_time=2026-11-21T00:00:00Z&end_time=2026-11-29T00:00:00Z",
    "/api/audit/logs?offset=5000&limit=1000&q={q}&start_time=2026-01-01T00:00:00Z",
]


def term(random_):
    """A value that entries of tally_index_bench have; sometimes text that only lines hold."""
    return random_.choice([
        lambda: f"actor:user{random_.randrange(500)}@example.com",
        lambda: f"tool:tool_{random_.randrange(40)}",
        lambda: f"server:server-{random_.randrange(8)}",
        lambda: f"session:hmac:k1:{random_.randrange(20000)}",
        lambda: f"ip:198.51.{random_.randrange(4)}.{random_.randrange(250)}",
        lambda: "result:failure",
        lambda: f"files/019aa7c2-{random_.randrange(65536):04x}",
    ])()


def batch(number):
    lines = []
    for i in range(500):
        n = number * 500 + i
        lines.append(json.dumps({"event_name": "mcp-tool-execution", "event_result": "success", "actor_id": f"user{n % 977}@example.com",
                                 "actor_type": "user", "target_type": "tool", "target_id": f"server-{n % 8}/tool_{n % 40}",
                                 "request_id": f"m{n}", "duration_ms": n % 5000,
                                 "details": {"transport": "streamable-http", "arguments": {"path": f"/srv/data/{n}.txt"}}}))
    return "\n".join(lines).encode()


def post(port, token, bodies, number, events, refused, ended):
    """Posts bodies until the end; made before, so that the clients take little of the machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not ended.is_set():
        number += 1
        try:
            connection.request("POST", "/api/audit/events", bodies[number % len(bodies)],
                               {"Authorization": "Bearer " + token, "Content-Type": "application/x-ndjson"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            if not ended.is_set():
                refused.value += 1
            return
        if answer.status == 201:
            with events.get_lock():
                events.value += 500
        elif answer.status == 503:  # it starts: the newest event ids are still read
            ended.wait(0.2)
        else:
            refused.value += 1


def posting(port, token, events, refused, ended):
    bodies = [batch(number) for number in range(32)]
    threads = [threading.Thread(target=post, args=(port, token, bodies, i * 8, events, refused, ended)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Load:
    def __init__(self, port, tokens):
        self.port, self.tokens = port, tokens
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.done = {"queries": 0, "streamed": 0, "exported MiB": 0}
        self.refused = {}

    def count(self, what, number=1):
        with self.lock:
            self.done[what] += number

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def export(self, _):
        while not self.ended.is_set():
            connection = self.connect()
            connection.request("GET", "/api/audit/export?format=ndjson", headers={"Authorization": "Bearer " + self.tokens["auditor"]})
            answer = connection.getresponse()
            if answer.status != 200:
                self.refuse("/api/audit/export", answer.status)
            while not self.ended.is_set() and (chunk := answer.read1(1 << 20)):
                self.count("exported MiB", len(chunk) / (1 << 20))
            connection.close()

    def ask(self, seed):
        random_ = random.Random(seed)
        connection = self.connect()
        while not self.ended.is_set():
            question = random_.choice(QUESTIONS)
            terms = " ".join(term(random_) for _ in range(random_.randrange(1, 3)))
            connection.request("GET", question.format(q=quote(terms)), headers={"Authorization": "Bearer " + self.tokens["auditor"]})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.count("queries")
            else:
                self.refuse(question.split("?")[0], answer.status)

    def follow(self, _):
        connection = self.connect()
        connection.request("GET", "/api/audit/stream?q=type:mcp", headers={"Authorization": "Bearer " + self.tokens["auditor"]})
        answer = connection.getresponse()
        if answer.status != 200:
            self.refuse("/api/audit/stream", answer.status)
        while not self.ended.is_set():
            chunk = answer.read1(65536)
            if not chunk:
                return
            self.count("streamed", chunk.count(b"\nid: ") + chunk.startswith(b"id: "))

    def guarded(self, what, number):
        """`what` until the end; connections that break when the server ends are as they should be."""
        try:
            what(number)
        except (OSError, http.client.HTTPException) as problem:
            if not self.ended.is_set():
                self.refuse(what.__name__, problem)

    def refuse(self, what, status):
        with self.lock:
            self.refused[f"{what} {status}"] = self.refused.get(f"{what} {status}", 0) + 1


def memory(pid):
    """MiB of VmHWM, VmRSS, RssAnon and so on."""
    out = {}
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(("VmHWM", "VmRSS", "Rss")):
                name, kib = line.split()[:2]
                out[name.rstrip(":")] = int(kib) / 1024
    return out


def main():
    parser = argparse.ArgumentParser(description="Resident memory of serve on a large log under load.")
    parser.add_argument("tallystick")
    parser.add_argument("directory")
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    environment = {**os.environ, "HOME": os.path.abspath(args.directory)}
    log = os.path.join(environment["HOME"], "log")
    tokens = {}
    for role in ("writer", "auditor"):
        made = subprocess.run([args.tallystick, "token", "create", "--log", log, "--role", role], env=environment, check=True,
                              capture_output=True, text=True)
        tokens[role] = made.stdout.strip()
    server = subprocess.Popen([args.tallystick, "serve", "--log", log, "--listen", "127.0.0.1:0"], env=environment,
                              stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().strip().rsplit(":", 1)[1])
        load = Load(port, tokens)
        idle = memory(server.pid)
        events, refused = multiprocessing.Value("Q", 0), multiprocessing.Value("Q", 0)
        ended = multiprocessing.Event()
        poster = multiprocessing.Process(target=posting, args=(port, tokens["writer"], events, refused, ended))
        poster.start()
        work = [(load.export, 0)] + [(load.ask, i) for i in range(4)] + [(load.follow, i) for i in range(8)]
        threads = [threading.Thread(target=load.guarded, args=(what, i), daemon=True) for what, i in work]
        for thread in threads:
            thread.start()
        time.sleep(args.seconds)
        peak = memory(server.pid)
        load.done["events"] = events.value
        load.ended.set()
        ended.set()
        poster.join()
        if refused.value != 0:
            load.refused["POST /api/audit/events"] = refused.value
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=60)
    print(f"load: {load.done['events'] / args.seconds:.0f} events/s, {load.done['queries'] / args.seconds:.1f} queries/s, "
          f"{load.done['streamed'] / args.seconds:.0f} streamed/s, {load.done['exported MiB'] / args.seconds:.0f} MiB/s exported; "
          f"refused: {load.refused or 'none'}")
    missed = peak["VmHWM"] > BAR_MIB
    print(f"resident: {idle['VmRSS']:.0f} MiB at start, {peak['VmHWM']:.0f} MiB at most (bar {BAR_MIB}){' MISSED' if missed else ''}; "
          f"at the end {peak['VmRSS']:.0f}, of it {peak['RssAnon']:.0f} anonymous, {peak['RssFile']:.0f} files")
    return 1 if missed or status != 0 or 0 in load.done.values() else 0


if __name__ == "__main__":
    sys.exit(main())
