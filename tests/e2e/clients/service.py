# SPDX-License-Identifier: Apache-2.0
"""A `tallystick serve` of a test's own, and a gateway (gateway.py) with the middleware in front of it."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
READY_SECONDS = 20


def wait_for(what, condition, seconds=READY_SECONDS):
    """What `condition` returns once that is true; RuntimeError when it is too late."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.01)


class Service:
    """start() again after stop() or kill() keeps port and log."""

    def __init__(self, binary):
        self.binary = binary
        self.home = tempfile.mkdtemp(prefix="tallystick-clients-")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.home}
        self.port = 0
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen([self.binary, "serve", "--listen", f"127.0.0.1:{self.port}"], env=self.env,
                                        stdout=subprocess.PIPE, stderr=open(f"{self.home}/stderr", "ab"), text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise RuntimeError("no start: " + open(f"{self.home}/stderr", encoding="utf-8").read())
        self.port = int(line.strip().rsplit(":", 1)[1])
        return self

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(READY_SECONDS)
        self.process.stdout.close()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.stop(signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)

    def tool(self, *arguments):
        done = subprocess.run([self.binary, *arguments], env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def token(self, role="writer"):
        return self.tool("token", "create", "--role", role).strip()

    def entries(self):
        """Entries that came through the API, oldest first."""
        lines = self.tool("query", "--format", "ndjson", "--oldest-first").splitlines()
        return [entry for entry in map(json.loads, lines) if entry["source"] == "api"]


class Gateway:
    """gateway.py under uvicorn, in a process of its own; `options` are those of the middleware."""

    def __init__(self, service, token, audited=True, **options):
        options = {"url": service.url, "token": token, **options}
        self.process = subprocess.Popen([sys.executable, "-B", f"{HERE}/gateway.py"], stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "GATEWAY_OPTIONS": json.dumps(options if audited else None)})
        line = self.process.stdout.readline()
        if not line.startswith("port "):
            raise RuntimeError("the gateway does not start")
        self.port = int(line.split()[1])

    def stop(self):
        """Ends it as an operator would; returns its exit status."""
        self.process.terminate()
        status = self.process.wait(READY_SECONDS)
        self.process.stdout.close()
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
