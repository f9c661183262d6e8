# SPDX-License-Identifier: Apache-2.0
"""What a client of the MCP server of these tests does, always the same."""
import json
import urllib.error
import urllib.request

# Of a new log after send_traffic(): created, started, and what went through the proxy.
ENTRIES = 10
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "User-Agent": "agent/1.0",
           "MCP-Protocol-Version": "2025-06-18"}


def post(url, message, **headers):
    """The answer to one JSON-RPC message; None for a notification."""
    request = urllib.request.Request(url, json.dumps({"jsonrpc": "2.0", **message}).encode(), {**HEADERS, **headers})
    with urllib.request.urlopen(request, timeout=20) as answer:
        body = answer.read()
    return json.loads(body) if body else None


def call(url, number, tool, **arguments):
    return post(url, {"id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})


def status_of(ask):
    """The HTTP status that `ask` ends with."""
    try:
        ask()
        return 200
    except urllib.error.HTTPError as error:
        return error.code


def call_status(url):
    """That of a call which may change something."""
    return status_of(lambda: call(url, 9, "write_note", name="full", text="x"))


def send_traffic(url):
    post(url, {"id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "agent", "version": "1.0"}}})
    post(url, {"method": "notifications/initialized"})
    post(url, {"id": 2, "method": "tools/list"})
    call(url, 3, "read_note", name="plan")
    call(url, 4, "write_note", name="plan", text="ship it")
    call(url, 5, "write_note", name="secret", text="x")
