#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`append` and `verify` of a million events against openssl and dd over the same bytes: interleaved, best of each."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time


def run(command, **options):
    """Seconds of wall time and peak resident MiB of one command."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[:2]}: exit {process.returncode}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def write_events(path, count):
    """Events of about 500 bytes, all different, as a gateway would post them."""
    with open(path, "w", encoding="ascii") as out:
        for n in range(count):
            event = {
                "event_name": "mcp-tool-execution",
                "event_type": "mcp",
                "event_action": "execute",
                "event_result": "success",
                "timestamp": f"2026-11-21T19:{n // 60000 % 60:02}:{n // 1000 % 60:02}.{n % 1000:03}000Z",
                "actor_id": f"user{n % 977}@example.com",
                "actor_type": "user",
                "target_type": "tool",
                "target_id": "files/read_text_file",
                "target_name": "read_text_file",
                "duration_ms": n % 5000 / 1000,
                "details": {"method": "tools/call", "jsonrpc_id": n, "transport": "streamable-http",
                            "arguments": {"path": f"/srv/data/{n:08}.txt", "text": "x" * 60}},
            }
            out.write(json.dumps(event, separators=(",", ":")) + "\n")


def main():
    binary = os.path.abspath(sys.argv[1])
    quick = "--quick" in sys.argv
    count, rounds = (20_000, 1) if quick else (1_000_000, 5)
    base = os.environ.get("TALLY_BENCH_DIR", ".")
    with tempfile.TemporaryDirectory(prefix="tally-bench-", dir=base) as scratch:
        scratch = os.path.abspath(scratch)
        events = os.path.join(scratch, "events.ndjson")
        copy = os.path.join(scratch, "copy")
        log = os.path.join(scratch, "log")
        write_events(events, count)
        env = dict(os.environ, HOME=scratch, XDG_CONFIG_HOME=os.path.join(scratch, "config"))
        best = {}

        def measure(name, command):
            seconds, memory = run(command, env=env, stderr=subprocess.DEVNULL)
            best[name] = (min(best.get(name, (1e9, 0))[0], seconds), max(best.get(name, (0, 0))[1], memory))

        for _ in range(rounds):
            shutil.rmtree(log, ignore_errors=True)
            measure("openssl", ["openssl", "dgst", "-sha256", events])
            measure("dd", ["dd", f"if={events}", f"of={copy}", "bs=1M", "conv=fdatasync"])
            os.unlink(copy)
            measure("append", [binary, "append", "--log", log, events])
            lines = os.path.join(scratch, "lines")
            with open(lines, "wb") as out:
                for name in sorted(os.listdir(os.path.join(log, "segments"))):
                    with open(os.path.join(log, "segments", name), "rb") as part:
                        shutil.copyfileobj(part, out)
            measure("openssl over the log", ["openssl", "dgst", "-sha256", lines])
            measure("verify", [binary, "verify", "--log", log])
            os.unlink(lines)
        size = os.path.getsize(events)
    append = best["append"][0] / (best["openssl"][0] + best["dd"][0])
    verify = best["verify"][0] / best["openssl over the log"][0]
    print(f"{count} events, {size / count:.0f} bytes each; seconds (best of {rounds}) and peak MiB:")
    for name, (seconds, memory) in best.items():
        print(f"  {name:22} {seconds:7.3f} s {memory:7.1f} MiB")
    print(f"append / (openssl + dd): {append:.2f} (bar 2.5); memory {best['append'][1]:.0f} MiB (bar 128)")
    print(f"verify / openssl: {verify:.2f} (bar 1.3); memory {best['verify'][1]:.0f} MiB (bar 128)")
    ok = append <= 2.5 and verify <= 1.3 and best["append"][1] <= 128 and best["verify"][1] <= 128
    sys.exit(0 if ok or quick else 1)


main()
