#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""full_disk.py --tallystick FILE: docs/operations/disk-full.md on a disk that really is full (a tmpfs, so it needs root): what is refused and what
passes, what metrics say, and that the service goes on by itself once there is room. With a spool (spool-replay.md) nothing is missing then."""
import argparse
import os
import subprocess
import sys
import time

from harness import Machine, figure_of, get, wait_until
from traffic import call_status, post, send_traffic, status_of

DISK = "/var/lib/tallystick"


def expect(right, what):
    if not right:
        sys.exit(f"full_disk.py: {what}")


def fill(path):
    """Takes what is left, to the last block."""
    with open(path, "wb", buffering=0) as out:
        for size in (65536, 4096, 512):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                pass


def run(machine):
    disk = machine.root + DISK
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], check=True)
    machine.start_upstream()
    machine.set_proxy()
    settings = machine.root + "/etc/tallystick/tallystick.yaml"
    with open(settings, encoding="utf-8") as source:
        text = source.read()
    machine.write("/etc/tallystick/tallystick.yaml", text.replace("#spool:", "spool:").replace("  #directory: ", "  directory: "))
    spool = machine.root + "/var/spool/tallystick"
    machine.systemctl("start")
    url = machine.url("9000", "/mcp")
    send_traffic(url)

    def figure(name):
        return figure_of(machine, name)

    def write():
        return call_status(url)

    filler = disk + "/filler"
    fill(filler)
    wait_until("a call that changes something is refused", lambda: write() == 503)
    # A short record may still fit into the last block that the log has; then the next call is refused.
    wait_until("the metrics say so", lambda: write() == 503 and figure("tallystick_log_writable") == 0)
    expect(figure("tallystick_proxy_refused_total") > 0, "no refused call is counted")
    expect(figure("tallystick_log_failed") == 0, "a full disk was taken for a failed sync")
    expect(status_of(lambda: get(machine.url(path="/readyz"))) == 503, "/readyz says that all is well")
    expect(status_of(lambda: post(url, {"id": 8, "method": "ping"})) == 200, "what only reads does not pass")
    wait_until("a missing record is counted", lambda: figure("tallystick_records_missing") > 0)
    wait_until("the spool keeps it", lambda: sum(os.stat(each.path).st_size for each in os.scandir(spool) if each.is_file()) > 0)
    os.remove(filler)
    wait_until("it goes on by itself", lambda: write() == 200)
    wait_until("the gap is told", lambda: figure("tallystick_records_missing") == 0 and figure("tallystick_log_writable") == 1)
    found = machine.run("tallystick", "query", "--log", disk + "/log", "event:audit-gap", "--count").stdout.strip()
    expect(int(found) > 0, "no audit-gap event")
    wait_until("the spool is replayed", lambda: machine.run("tallystick", "query", "--log", disk + "/log", "event:mcp-ping",
                                                            "--count").stdout.strip() == "1" and not os.listdir(spool))
    done = machine.run("tallystick", "verify", "--log", disk + "/log", "--keys", disk + "/keys")
    expect(done.returncode == 0, f"verify: {done.stdout}{done.stderr}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    binary = parser.parse_args().tallystick
    if os.environ.get("OPS_PRIVATE") is None:
        # Mounts of this process end with it.
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", *sys.argv],
                   {**os.environ, "OPS_PRIVATE": "1"})
    begin = time.monotonic()
    with Machine(binary) as machine:
        try:
            gaps = run(machine)
        finally:
            machine.systemctl("stop")
            subprocess.run(["umount", machine.root + DISK], check=False)
    print(f"full disk: refused, counted, went on by itself, {gaps} gap told, spool replayed, {time.monotonic() - begin:.1f} s")


main()
