#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the middleware masks is what `tallystick serve` masks: the same objects sent to it as they are are the oracle.

    redaction.py --tallystick PATH [--backstage]

With --backstage what clients/backstage masks is compared as well (tools/setup.sh backstage, then npm run build there).
"""
import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "clients", "asgi"))
from service import Service  # noqa: E402
from tallystick_asgi.redaction import redact_json  # noqa: E402
from tallystick_asgi.sensitive_names import DESCRIPTORS, PATTERNS, QUANTITIES  # noqa: E402

VALUES = ["hunter2", "", 5, 0.5, True, None, [], {}, ["a", 1], {"x": "y"}, "2026-07-28", "12345", "https://h/p?a=1",
          "Bearer", "/srv/x", "[redacted]", "none"]
ORDINARY = ["name", "author", "OAuth", "o_auth", "progressToken", "monkey", "keyboard", "status_code", "codec", "spin",
            "Сигнал", "a1b2", "x", "tokenizer", "pass_rate", "assertion_count", "public_key", "session"]
# Free text: the middleware finds the usual forms, the server these and more.
TEXTS = ["Authorization: Bearer abcdefghijkl", "curl -H 'X-Api-Key: abc' https://u:p@host/x", "x=1&password=abc&y=2",
         "https://h/p?sig=abc&a=1#access_token=t", '{"password":"p","a":[{"token":"t"}]}', "Bearer tokens are used here",
         "Basic dXNlcjpwYXNz", "nothing to see", "password: hunter2", "the code is 5", '"api_key": "abc"', "[1,2]"]


def names():
    """Names of every pattern in spellings and places, and what comes near them."""
    words = [" ".join(row[0]) for row in PATTERNS] + sorted(DESCRIPTORS)[:8] + sorted(QUANTITIES) + ORDINARY
    forms = [lambda w: w, lambda w: w.replace(" ", "_"), lambda w: w.title().replace(" ", ""), lambda w: w.upper().replace(" ", "-"),
             lambda w: "my_" + w.replace(" ", "_") + "2", lambda w: w.replace(" ", "_") + "_name",
             lambda w: "max " + w, lambda w: w.replace(" ", "") + "Url", lambda w: w.replace(" ", "-") + "-rate"]
    return list(dict.fromkeys(form(word) for word, form in itertools.product(words, forms)))


def masked_by_backstage(cases):
    """The same by the client of Backstage."""
    script = """const { redact_json } = require(process.argv[1]);
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map((each) => redact_json(each).value)));"""
    program = os.path.join(HERE, "..", "..", "..", "clients", "backstage", "dist", "redact.js")
    done = subprocess.run(["node", "-e", script, os.path.abspath(program)], input=json.dumps(cases), capture_output=True,
                          text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    parser.add_argument("--backstage", action="store_true")
    options = parser.parse_args()
    service = Service(os.path.abspath(options.tallystick)).start()
    try:
        token = service.token()
        cases = [{name: value} for name, value in itertools.product(names(), VALUES)] + [{"text": text} for text in TEXTS]
        parts = [cases[i:i + 100] for i in range(0, len(cases), 100)]
        events = [{"event_name": "http-request", "details": {"cases": part}} for part in parts]
        request = urllib.request.Request(service.url + "/api/audit/events", json.dumps(events).encode(),
                                         {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            if response.status != 201:
                raise RuntimeError(f"status {response.status}")
        masked = [case for entry in service.entries() for case in entry["details"]["cases"]]
        wrong = []
        found = [(case, redact_json(case, "", []), theirs) for case, theirs in zip(cases, masked)]
        if options.backstage:
            found += zip(cases, masked_by_backstage(cases), masked)
        for case, ours, theirs in found:
            # The server has a key, so that parameters of URLs stay comparable.
            theirs = json.loads(re.sub(r"hmac:[0-9a-f]{8}:[0-9a-f]{64}", "[redacted]", json.dumps(theirs)))
            if "text" in case and case["text"][:1] == "{":  # white space may differ
                ours, theirs = json.loads(ours["text"]), json.loads(theirs["text"])
            if ours != theirs:
                wrong.append(f"{json.dumps(case)}: {json.dumps(ours)}, the server has {json.dumps(theirs)}")
        print(*wrong[:20], sep="\n")
        print(f"{len(found)} cases, {len(masked)} answers, {len(wrong)} differ")
        return 0 if len(masked) == len(cases) and not wrong else 1
    finally:
        service.close()


if __name__ == "__main__":
    sys.exit(main())
