#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""systemctl VERB tallystick on the machine in $OPS_ROOT: runs ExecStart of the unit with its EnvironmentFile, waits for READY=1 as
Type=notify does, stops with SIGTERM. Only what the pages use."""
import os
import re
import signal
import socket
import subprocess
import sys
import time

ROOT = os.environ["OPS_ROOT"]
PID_FILE = ROOT + "/service.pid"
LIMIT_S = 20


def setting(name):
    with open(os.environ["OPS_UNIT"], encoding="utf-8") as unit:
        found = re.search(rf"^{name}=(.*)$", unit.read(), re.MULTILINE)
    return found.group(1)


def here(path):
    return ROOT + path if path.startswith(("/etc/", "/var/")) else path


def running():
    try:
        with open(PID_FILE, encoding="utf-8") as source:
            pid = int(source.read())
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return None if stat.read().rpartition(")")[2].split()[0] == "Z" else pid
    except (OSError, ValueError):
        return None


def environment():
    out = {key: value for key, value in os.environ.items() if not key.startswith("OPS_")}
    with open(here(setting("EnvironmentFile").lstrip("-")), encoding="utf-8") as source:
        for line in source:
            if "=" in line and not line.startswith("#"):
                name, _, value = line.strip().partition("=")
                out[name] = value
    return out


def start():
    if running():
        return
    words = [here(word) for word in setting("ExecStart").split()]
    words[0] = os.path.basename(words[0])
    address = f"\0tallystick-ops-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(ROOT + "/journal", "a", encoding="utf-8") as journal:
        notify.bind(address)
        notify.settimeout(0.05)
        child = subprocess.Popen(words, env={**environment(), "NOTIFY_SOCKET": "@" + address[1:]}, stdin=subprocess.DEVNULL,
                                 stdout=journal, stderr=journal, start_new_session=True)
        with open(PID_FILE, "w", encoding="utf-8") as out:
            out.write(str(child.pid))
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            if child.poll() is not None:
                sys.exit(f"Job for tallystick.service failed: status {child.returncode}; see journalctl -u tallystick")
            try:
                if b"READY=1" in notify.recv(4096):
                    return
            except TimeoutError:
                pass
    sys.exit("Job for tallystick.service failed: no READY=1")


def stop(number=signal.SIGTERM):
    pid = running()
    if pid is None:
        return
    os.kill(pid, number)
    end = time.monotonic() + LIMIT_S
    while running() == pid:
        if time.monotonic() > end:
            sys.exit("tallystick.service did not stop")
        time.sleep(0.01)


def main(verb):
    if verb in ("stop", "restart"):
        stop()
    if verb in ("start", "restart"):
        start()
    elif verb == "reload":
        os.kill(running(), signal.SIGHUP)
    elif verb == "kill":
        stop(signal.SIGKILL)
    elif verb == "is-active":
        print("active" if running() else "inactive")
        sys.exit(0 if running() else 3)
    elif verb != "stop":
        sys.exit(f"systemctl {verb}: not known here")


main(sys.argv[1])
