#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gaps.py --tallystick FILE: reproduces what docs/upstream-gaps.md says of MCP itself, M1 to M8, on records of real calls. Those of Backstage
are in backstage_gaps.mjs."""
import argparse
import hashlib
import json
import socket
import sys
import time
import urllib.parse

from harness import Machine, wait_until
from traffic import HEADERS, call, post

STATELESS = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"}


def stateless_call(url, number, tool, meta=None, more=None, **arguments):
    """One call of 2026-07-28, in which there is no session and each request stands for itself."""
    fields = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
              "io.modelcontextprotocol/clientInfo": {"name": "admin-console", "version": "9"}, **(meta or {})}
    params = {"name": tool, "arguments": arguments, "_meta": fields, **(more or {})}
    return post(url, {"id": number, "method": "tools/call", "params": params}, **STATELESS, **{"Mcp-Name": tool})


class Gaps:
    def __init__(self, machine):
        self.machine, self.url, self.count = machine, machine.url("9000", "/mcp"), 0

    def records(self, query, count):
        """The records that match, oldest first, as soon as there are so many."""
        found = []

        def there():
            done = self.machine.run("tallystick", "query", "--log", self.machine.root + "/var/lib/tallystick/log", "--format", "ndjson",
                                    "--oldest-first", query)
            found[:] = [json.loads(line) for line in done.stdout.splitlines()]
            return len(found) >= count

        wait_until(f"{count} records for {query}", there)
        return found

    def reproduced(self, name, right):
        if not right:
            sys.exit(f"{name}: not so any more")
        self.count += 1
        print(f"{name}: reproduced")

    def identity(self):
        stateless_call(self.url, 1, "write_note", name="m1")
        done = self.records("m1 status:succeeded", 1)[0]
        self.reproduced("M1 a client says itself who it is", done["details"]["client"]["name"] == "admin-console"
                        and done["actor_id"] == "anonymous" and done["actor_verified"] is False)

    def ids(self):
        call(self.url, 7, "write_note", name="m2", text="a")
        call(self.url, 7, "write_note", name="m2", text="b")
        done = self.records("m2 status:succeeded", 2)
        self.reproduced("M2 a request id names no request over time", [each["details"]["jsonrpc_id"] for each in done] == [7, 7]
                        and done[0]["interaction_id"] != done[1]["interaction_id"])

    def conversation(self):
        for number in (1, 2):
            stateless_call(self.url, number, "write_note", name="m3-alone")
        alone = self.records("m3-alone status:succeeded", 2)
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        for number in (3, 4):
            stateless_call(self.url, number, "write_note", {"traceparent": f"00-{trace}-00f067aa0ba902b{number}-01"}, name="m3-traced")
        traced = self.records("m3-traced status:succeeded", 2)
        self.reproduced("M3 nothing joins the calls of a conversation but an optional trace",
                        all(each.get("session_id") is None and each.get("trace_id") is None for each in alone)
                        and all(each["trace_id"] == trace for each in traced))

    def approval(self):
        """Two clients are asked the same; the first one answers."""
        flows = {}
        for name in ("without-state", "with-state"):
            asked = [stateless_call(self.url, number, "ask", name=name)["result"] for number in (1, 2)]
            state = {"requestState": asked[0]["requestState"]} if "requestState" in asked[0] else {}
            stateless_call(self.url, 3, "ask", None, {"inputResponses": {"ok": {"action": "accept", "content": {}}}, **state}, name=name)
            first, second, answer = self.records(f"{name} -result:pending", 3)
            flows[name] = [first["interaction_id"], second["interaction_id"]].index(answer["flow_id"])
        self.reproduced("M4 an approval belongs to its question for certain only if the server sends a state",
                        flows == {"without-state": 1, "with-state": 0})

    def annotations(self):
        post(self.url, {"id": 1, "method": "tools/list"})
        call(self.url, 2, "read_note", name="m5")
        call(self.url, 3, "write_note", name="m5", text="x")
        hinted = self.records("m5 tool:read_note", 1)
        other = self.records("m5 tool:write_note", 2)
        self.reproduced("M5 that a tool only reads is the server's word", len(hinted) == 1 and hinted[0]["status"] == "succeeded"
                        and [each["status"] for each in other] == ["initiated", "succeeded"])

    def reasons(self):
        call(self.url, 1, "write_note", name="forbidden")
        call(self.url, 2, "write_note", name="secret")
        denied, missing = self.records('tool:write_note result:failure', 2)[-2:]
        self.reproduced("M6 a denial and a mistake differ in free text only", denied["event_result"] == missing["event_result"] == "failure"
                        and denied["details"]["outcome"] == missing["details"]["outcome"]
                        and denied["error_message"] != missing["error_message"])

    def cancelled(self):
        place = urllib.parse.urlsplit(self.url)
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                           "params": {"name": "slow", "arguments": {"name": "m7"}}}).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        with socket.create_connection((place.hostname, place.port)) as client:
            client.sendall(f"POST {place.path} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            self.records("m7 result:pending", 1)
        ran = self.machine.upstream.stdout.readline()
        done = self.records("m7 -result:pending", 1)[0]
        self.reproduced("M7 a call whose client left has an effect and no outcome", ran == b"ran m7\n" and done["event_result"] == "unknown")

    def chain(self):
        """A chain as SEP-3004 has it: each record holds the hash of the one before."""
        def chained(events):
            out, before = [], None
            for event in events:
                body = {**event, "previous_hash": before}
                before = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
                out.append({**body, "event_hash": before})
            return out

        def whole(records):
            return records == chained([{key: value for key, value in each.items() if not key.endswith("_hash")} for each in records])

        events = [{"event_id": str(number), "tool_name": "write_note", "outcome": "allowed"} for number in range(4)]
        log = chained(events)
        rewritten = chained(events[:2] + [{**events[2], "tool_name": "read_note"}] + events[3:])
        changed = [*log[:2], {**log[2], "tool_name": "read_note"}, log[3]]
        self.reproduced("M8 a hash chain without signature or outside copy shows neither a cut nor a rewritten end",
                        whole(log) and not whole(changed) and whole(log[:2]) and whole(rewritten))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    begin = time.monotonic()
    with Machine(parser.parse_args().tallystick) as machine:
        machine.start_upstream()
        machine.set_proxy()
        machine.systemctl("start")
        gaps = Gaps(machine)
        for gap in (gaps.identity, gaps.ids, gaps.conversation, gaps.approval, gaps.annotations, gaps.reasons, gaps.cancelled, gaps.chain):
            gap()
    print(f"{gaps.count} gaps of MCP reproduced, {time.monotonic() - begin:.1f} s")


main()
