#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""failed_sync.py --tallystick FILE [--cxx COMPILER]: docs/operations/failed-sync.md on a server whose syncs fail (a preloaded fdatasync and fsync that
give EIO while a file is there): nothing is written any more, metrics say so, and a restart makes the lines durable again."""
import argparse
import json
import os
import subprocess
import sys
import time

from harness import Machine, figure_of, get, wait_until
from traffic import call_status, send_traffic

SHIM = r"""
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>
namespace {
int sync_or_fail(const char* name, int descriptor) {
  if (access(getenv("OPS_FAIL_SYNC"), F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(descriptor);
}
}  // namespace
extern "C" int fdatasync(int descriptor) { return sync_or_fail("fdatasync", descriptor); }
extern "C" int fsync(int descriptor) { return sync_or_fail("fsync", descriptor); }
"""


def expect(right, what):
    if not right:
        sys.exit(f"failed_sync.py: {what}")


def run(machine, compiler):
    source, shim, flag = (machine.root + each for each in ("/shim.cc", "/shim.so", "/syncs-fail"))
    machine.write("/shim.cc", SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
    with open(machine.root + "/etc/tallystick/tallystick.env", "a", encoding="utf-8") as settings:
        settings.write(f"LD_PRELOAD={shim}\nOPS_FAIL_SYNC={flag}\n")
    machine.start_upstream()
    machine.set_proxy()
    machine.systemctl("start")
    url = machine.url("9000", "/mcp")
    send_traffic(url)
    log = ["--log", machine.root + "/var/lib/tallystick/log", "--keys", machine.root + "/var/lib/tallystick/keys"]

    machine.write("/syncs-fail", "")
    wait_until("a call that changes something is refused", lambda: call_status(url) == 503)
    os.remove(flag)
    expect(figure_of(machine, "tallystick_log_failed") == 1, "the metrics do not say that a sync failed")
    expect(figure_of(machine, "tallystick_log_writable") == 0, "the log seems to be writable")
    expect(call_status(url) == 503, "it wrote again after a failed sync, although the kernel may have dropped the pages")
    with open(machine.root + "/journal", encoding="utf-8") as journal:
        expect("the log cannot be written" in journal.read(), "the journal does not say why")
    machine.systemctl("restart")
    get(machine.url(path="/readyz"))
    expect(call_status(url) == 200, "it does not write after the restart")
    wait_until("the recovery is told", lambda: "lines_rewritten" in machine.run(
        "tallystick", "query", *log, "event:audit-log-recovered", "--format", "ndjson").stdout)
    told = json.loads(machine.run("tallystick", "query", *log, "event:audit-log-recovered", "--format", "ndjson").stdout)
    done = machine.run("tallystick", "verify", *log)
    expect(done.returncode == 0, f"verify: {done.stdout}{done.stderr}")
    return told["details"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    parser.add_argument("--cxx", default="c++")
    given = parser.parse_args()
    begin = time.monotonic()
    with Machine(given.tallystick) as machine:
        details = run(machine, given.cxx)
    print(f"failed sync: refused for good, recovered by a restart ({json.dumps(details)}), {time.monotonic() - begin:.1f} s")


main()
