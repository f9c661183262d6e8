# SPDX-License-Identifier: Apache-2.0
"""A machine in a scratch folder: what the pages call /etc, /var and /srv, free ports for the documented ones, an MCP server, and
a `systemctl` that runs the service as deploy/systemd/tallystick.service says."""
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
FOLDERS = ("/etc/tallystick", "/var/lib/tallystick", "/var/spool/tallystick", "/srv/backup", "/srv/evidence", "/srv/auditor")
# As the pages name them: the API, the proxy, the MCP server, one more server.
PORTS = ("8811", "9000", "3001", "8812")
READY_S = 20


def free_ports(count):
    """Ports that nobody listened on just now, below those that the kernel gives to others meanwhile."""
    out = []
    while len(out) < count:
        port = random.randrange(10_000, 30_000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if str(port) not in out:
            out.append(str(port))
    return out


def wait_until(what, happened, seconds=READY_S):
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.01)


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def figure_of(machine, name):
    """The value of a metric without labels."""
    page = get(machine.url(path="/metrics"))
    return float(next(line.split()[1] for line in page.splitlines() if line.startswith(name + " ")))


class Machine:
    def __init__(self, binary):
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="tallystick-ops-"))
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.upstream = None
        for folder in FOLDERS + ("/bin", "/home"):
            os.makedirs(self.root + folder)
        os.symlink(os.path.abspath(binary), self.root + "/bin/tallystick")
        os.symlink(os.path.join(HERE, "systemctl.py"), self.root + "/bin/systemctl")
        for name, target in (("tallystick.yaml", "tallystick.yaml"), ("tallystick.env.example", "tallystick.env")):
            with open(os.path.join(ROOT, "deploy", name), encoding="utf-8") as source:
                self.write("/etc/tallystick/" + target, self.here(source.read()))
        self.env = {"PATH": f"{self.root}/bin:{os.environ['PATH']}", "HOME": self.root + "/home", "LANG": "C.UTF-8",
                    "TZ": "UTC", "OPS_ROOT": self.root, "OPS_UNIT": os.path.join(ROOT, "deploy/systemd/tallystick.service")}

    def here(self, text):
        """A page's text for this machine."""
        for folder in FOLDERS:
            text = text.replace(folder, self.root + folder)
        for port, mine in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1|localhost):{port}\b", rf"\1:{mine}", text)
        return text

    def there(self, text):
        """The other way round."""
        for port, mine in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1|localhost):{mine}\b", rf"\1:{port}", text)
        return text.replace(self.root, "")

    def write(self, path, text):
        with open(self.root + path, "w", encoding="utf-8") as out:
            out.write(text)

    def start_upstream(self):
        self.upstream = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, "mcp_server.py"), self.ports["3001"]],
                                         stdout=subprocess.PIPE, env=self.env)
        if self.upstream.stdout.readline() != b"ready\n":
            raise RuntimeError("the MCP server of the test did not start")

    def set_proxy(self):
        """Points the shipped settings at the MCP server of the test."""
        path = "/etc/tallystick/tallystick.yaml"
        with open(self.root + path, encoding="utf-8") as source:
            text = source.read()
        text = text.replace("name: example", "name: docs").replace(
            "https://mcp.internal.example.com", f"http://127.0.0.1:{self.ports['3001']}", 1)
        # A busy machine must not look like a broken log.
        text = text.replace("#write_timeout: 5s", "write_timeout: 30s")
        self.write(path, text.replace("#listen: 127.0.0.1:", "listen: 127.0.0.1:"))

    def run(self, *command, **more):
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=150, check=False, **more)

    def systemctl(self, verb):
        done = self.run("systemctl", verb, "tallystick")
        if done.returncode != 0:
            raise RuntimeError(f"systemctl {verb}: {done.stdout}{done.stderr}")

    def url(self, port="8811", path=""):
        return f"http://127.0.0.1:{self.ports[port]}{path}"

    def close(self):
        self.run("systemctl", "kill", "tallystick")
        if self.upstream is not None:
            self.upstream.send_signal(signal.SIGKILL)
            self.upstream.wait()
            self.upstream.stdout.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
