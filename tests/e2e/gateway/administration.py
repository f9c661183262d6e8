# SPDX-License-Identifier: Apache-2.0
"""Administers gateway.py through `tallystick serve` and looks at what was recorded.

    python3 administration.py --tallystick PATH [--keep]

Every step says what the record of it must hold; exit 1 when one does not. Takes some seconds and ends within a minute.
"""
import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 50  # seconds for everything
TOKEN = {"Authorization": "Bearer admin-token"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=edge"}
MULTIPART_BODY = "".join(f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                         for name, value in (("password", "correct horse"), ("note", "new"))) + "--edge--\r\n"
SECRETS = ("correct horse", "admin-token", "cookie-secret", "issued-secret", "t00l-secret", "r3set-secret")

SETTINGS = """
listen: 127.0.0.1:0
write_timeout: 20s
log: {{directory: {folder}/log}}
proxies:
  - name: gw
    listen: 127.0.0.1:0
    upstream: http://127.0.0.1:{port}
    paths:
      - {{path: '/api/strange', target: thing, category: admin}}
      - {{path: '/api/strange/{{id}}', target: thing, category: admin}}
"""


class Process:
    """A child that says on its standard output where it listens; ended when the test ends."""

    def __init__(self, command, pattern, env=None):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True)
        self.lines = []
        threading.Thread(target=self._read, daemon=True).start()
        end = time.monotonic() + 20
        while not (found := re.search(pattern, "".join(self.lines))):
            if self.child.poll() is not None or time.monotonic() > end:
                self.child.kill()
                raise RuntimeError(f"{command[0]} does not say where it listens: {''.join(self.lines)}")
            time.sleep(0.01)
        self.port = int(found.group(1))

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line)

    def stop(self):
        self.child.stdin.close()
        self.child.terminate()
        try:
            return self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait(10)


class Report:
    def __init__(self):
        self.passed, self.problems = 0, []

    def check(self, what, good, seen=""):
        if good:
            self.passed += 1
        else:
            self.problems.append(f"{what}: {seen}")
            print(f"FAILED  {what}: {seen}", file=sys.stderr)


class Administration:
    """Requests through the proxy, each with an X-Request-ID by which its records are found."""

    def __init__(self, port):
        self.port, self.count, self.wanted = port, 0, []

    def ask(self, what, method, path, body=None, headers=None, **expected):
        """Sends one request; `expected`: members of its completed record, dots in names as "__"."""
        self.count += 1
        request_id = f"step-{self.count}"
        headers = {**TOKEN, "X-Request-ID": request_id, **(headers or {})}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        connection.close()
        if response.status == 503:
            raise RuntimeError(f"{what} ({method} {path}): refused, no record of it could be written in time")
        self.wanted.append((f"{what} ({method} {path})", request_id, expected))
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text


def objects(admin):
    """The life of one object of every kind, by REST and by the forms of the admin pages."""
    for kind in ("tool", "resource", "prompt", "server", "gateway", "team"):
        event, base = f"admin-{kind}", f"/{kind}s"
        first = {"name": f"my-{kind}", "description": "first", "authToken": "t00l-secret"}
        _, thing = admin.ask(f"create a {kind}", "POST", base, first, event_name=f"{event}-created", event_action="create",
                             target_type=kind, target_name=first["name"], old_values=None,
                             new_values__name=first["name"], new_values__authToken="[redacted]",
                             details__object__new="response", details__request_body__authToken="[redacted]")
        path, target = f"{base}/{thing['id']}", f"gw/{thing['id']}"
        admin.ask(f"view the {kind}", "GET", path, target_id=target, event_action="view", old_values=None)
        admin.ask(f"update the {kind}", "PUT", path, {"description": "second"}, event_name=f"{event}-updated",
                  event_action="update", target_id=target, target_name=first["name"],
                  old_values={"description": "first"}, new_values={"description": "second"}, details__object__old="seen")
        admin.ask(f"switch the {kind} off", "POST", path + "/state?activate=false", event_name=f"{event}-state-changed",
                  target_id=target, old_values={"enabled": True}, new_values={"enabled": False})
        admin.ask(f"switch the {kind} on", "POST", path + "/toggle?activate=true", event_name=f"{event}-state-changed",
                  old_values={"enabled": False}, new_values={"enabled": True})
        admin.ask(f"change what is not there of a {kind}", "PUT", base + "/none", {"description": "x"}, old_values=None,
                  new_values=None, event_name=f"{event}-updated", event_result="failure", status="failed",
                  severity="warning", details__status_code=404)
        admin.ask(f"make a bad {kind}", "POST", base, {"x": 1}, event_name=f"{event}-created", event_result="failure",
                  new_values=None, details__status_code=422)
        admin.ask(f"delete the {kind}", "DELETE", path, event_name=f"{event}-deleted", event_action="delete",
                  target_id=target, target_name=first["name"], old_values__description="second", new_values=None)
        if kind != "team":
            forms(admin, kind)


def forms(admin, kind):
    event, base = f"admin-{kind}", f"/admin/{kind}s"
    admin.ask(f"create a {kind} by form", "POST", base, "name=formed&description=one", FORM, event_name=f"{event}-created",
              new_values={"name": "formed", "description": "one"}, details__object__new="request")
    _, found = admin.ask(f"list {kind}s", "GET", base, event_action="list", old_values=None, event_result="success")
    thing = found["data"][-1]
    path = f"{base}/{thing['id']}"
    admin.ask(f"edit the {kind} by form", "POST", path + "/edit", "description=two", FORM, event_name=f"{event}-updated",
              target_id=f"gw/{thing['id']}", old_values={"description": "one"}, new_values={"description": "two"},
              details__object__old="seen", details__object__new="request")
    admin.ask(f"deactivate the {kind}", "POST", path + "/deactivate", event_name=f"{event}-state-changed",
              details__object__old="unknown", new_values={"enabled": False})
    admin.ask(f"view the {kind} again", "GET", path, event_result="success")
    admin.ask(f"activate the {kind}", "POST", path + "/activate", event_name=f"{event}-state-changed",
              old_values={"enabled": False}, new_values={"enabled": True})
    admin.ask(f"delete the {kind} by form", "POST", path + "/delete", "", FORM, event_name=f"{event}-deleted",
              event_result="success", details__status_code=303)


def people(admin):
    ann = {"email": "ann@example.com", "name": "Ann", "password": "correct horse", "is_admin": False}
    admin.ask("add a user", "POST", "/admin/users", ann, event_name="admin-user-created", target_type="user",
              new_values__email="ann@example.com", new_values__password="[redacted]")
    admin.ask("list users", "GET", "/admin/users", event_action="list")
    admin.ask("make her an admin", "POST", "/admin/users/ann%40example.com/update", {"is_admin": True},
              event_name="admin-user-updated", target_id="gw/ann@example.com", target_name="Ann",
              old_values={"is_admin": False}, new_values={"is_admin": True})
    admin.ask("change her password in a browser", "POST", "/admin/users/ann@example.com/update", MULTIPART_BODY, MULTIPART,
              event_name="admin-user-updated", details__request_body={"password": "[redacted]", "note": "new"},
              new_values__password="[redacted]")
    admin.ask("lock her out", "POST", "/admin/users/ann@example.com/deactivate", event_name="admin-user-state-changed",
              new_values={"enabled": False})
    admin.ask("remove her", "DELETE", "/admin/users/ann@example.com", event_name="admin-user-deleted")


def logins(admin):
    good, bad = {"email": "eve@example.com", "password": "correct horse"}, {"email": "eve@example.com", "password": "guess"}
    nobody = {"Authorization": ""}
    told = {"target_type": "user", "target_name": "eve@example.com", "details__user": "eve@example.com", "event_action": "login"}
    admin.ask("log in", "POST", "/auth/login", good, nobody, event_name="auth-login", event_result="success",
              severity="info", details__request_body__password="[redacted]", **told)
    admin.ask("log in by form", "POST", "/admin/login", "email=eve%40example.com&password=correct+horse", {**FORM, **nobody},
              event_name="auth-login", event_result="success", **told)
    admin.ask("guess a password", "POST", "/auth/email/login", bad, nobody, event_name="auth-failure",
              event_result="failure", severity="warning", details__operation="auth-login", **told)
    admin.ask("guess a password in the form", "POST", "/admin/login", "email=eve%40example.com&password=x", {**FORM, **nobody},
              event_name="auth-failure", event_result="failure", details__status_code=303, **told)
    admin.ask("guess once more", "POST", "/auth/login", bad, nobody, event_name="auth-failure", **told)
    admin.ask("guess too often", "POST", "/auth/login", bad, nobody, event_name="rate-limit-exceeded",
              event_result="denied", severity="warning", details__retry_after="60", details__limit="3")
    admin.ask("ask for a token", "POST", "/tokens", {"name": "ci", "expires_in_days": 7}, event_name="auth-token-issued",
              target_type="token", target_name="ci", new_values={"name": "ci", "expires_in_days": 7})
    admin.ask("revoke it", "DELETE", "/tokens/t-1", event_name="auth-token-revoked", target_id="gw/t-1")
    admin.ask("reset a password", "POST", "/auth/reset-password/r3set-secret", {"password": "correct horse"},
              event_name="auth-request", details__request_body__password="[redacted]")
    admin.ask("log out", "POST", "/auth/logout", event_name="auth-logout", event_result="success")


def refusals(admin):
    admin.ask("change without a token", "POST", "/tools", {"name": "x"}, {"Authorization": ""}, event_name="auth-failure",
              event_result="failure", details__operation="admin-tool-created", new_values=None)
    admin.ask("change without the right", "DELETE", "/servers/s-1", None, {"Authorization": "Bearer other"},
              event_name="access-denied", event_result="denied", severity="warning", target_id="gw/s-1",
              details__operation="admin-server-deleted", old_values=None)
    admin.ask("read without the right", "GET", "/admin/users", None, {"Authorization": "Bearer other"},
              event_name="access-denied", event_result="denied")


def strangers(admin):
    """Answers that are wrong, and paths that want to be taken for others."""
    admin.ask("a huge list", "GET", "/api/strange?huge=1", event_action="list", event_result="success")
    admin.ask("two of one id, two of one name", "GET", "/api/strange", event_action="list")
    for name, old in (("d1", "unknown"), ("n1", "seen"), ("77", "seen"), ("h5", "unknown")):
        admin.ask(f"delete {name}", "DELETE", f"/api/strange/{name}", event_name="admin-object-deleted", target_type="thing",
                  details__object__old=old)
    admin.ask("an answer about another object", "PUT", "/api/strange/liar", {"enabled": True}, target_id="gw/liar",
              event_name="admin-object-updated", details__object__claimed_id="somebody-else", new_values={"enabled": True})
    for name in ("html", "twice", "cut"):
        admin.ask(f"an answer that shows nothing: {name}", "PUT", f"/api/strange/{name}", {"a": 1},
                  details__object__new="request", new_values={"a": 1}, event_result="success")
    admin.ask("an answer that failed", "PUT", "/api/strange/breaks", {"a": 1}, event_result="error", severity="error",
              new_values=None)
    for body, kind in (("no json", "application/json"), ("\x00\x01", "image/png"), ('{"a":1,"a":2}', "application/json")):
        admin.ask("a body that is no object", "PUT", "/api/strange/body", body.encode(), {"Content-Type": kind},
                  event_name="admin-object-updated", details__object__new="unknown", new_values=None)
    for path in ("//tools//none", "/Tools/none", "/%74ools/none", "/tools/none/", "/x/../tools/none",
                 "/health/%2e%2e/tools/none", "/tools%2fnone", "/tools;v=1/none"):
        admin.ask("a dodge", "DELETE", path, event_name="admin-tool-deleted", target_id="gw/none")
    admin.ask("a path that is not listed", "GET", "/health", event_name="http-request", event_result="success",
              details__request_body=None)
    admin.ask("a tool that looks like a message", "POST", "/tools", {"jsonrpc": "2.0", "id": 1, "method": "ping", "name": "sly"},
              event_name="admin-tool-created", target_name="sly")
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for path in ("/rpc", "/servers/s-1/mcp"):
        admin.ask("a message", "POST", path, message, event_name="mcp-tool-discovery", event_result="success")
    admin.ask("no message", "POST", "/rpc", "half", event_name="rpc-request", event_result="failure")


def member(event, name):
    for part in name.split("__"):
        event = event.get(part) if isinstance(event, dict) else None
    return event


def compare(report, events, wanted):
    """Each request's records against what it expects."""
    for what, request_id, expected in wanted:
        own = [event for event in events if event.get("request_id") == request_id]
        done = [event for event in own if event["status"] != "initiated"]
        report.check(f"{what}: one completed record", len(done) == 1, [event["event_name"] for event in own])
        if len(done) != 1:
            continue
        for name, value in expected.items():
            seen = member(done[0], name)
            report.check(f"{what}: {name}", seen == value, f"{json.dumps(seen)}, not {json.dumps(value)}")
        changes = done[0]["http_method"] not in ("GET", "HEAD") and not done[0]["event_name"].startswith("mcp-")
        report.check(f"{what}: staged", len(own) == (2 if changes else 1), [event["status"] for event in own])
        if len(own) == 2:
            same = own[0]["interaction_id"] == own[1]["interaction_id"] and own[0]["seq"] < own[1]["seq"]
            report.check(f"{what}: the first record is its own and came before", same)
        details = done[0]["details"]
        if not done[0]["event_name"].startswith("mcp-"):
            full = isinstance(details.get("response_time_ms"), (int, float)) and {"path", "query_params"} <= details.keys()
            report.check(f"{what}: time, path and query", full, details)


def run(binary, folder, report):
    gateway = Process([sys.executable, "-B", str(HERE / "gateway.py")], r"(\d+)\n")
    env = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    settings = folder / "serve.yaml"
    settings.write_text(SETTINGS.format(folder=folder, port=gateway.port))
    serve = None
    try:
        serve = Process([binary, "serve", "--config", str(settings)], r"proxy gw on http://127\.0\.0\.1:(\d+)[^\n]*\n.*health", env)
        admin = Administration(serve.port)
        for part in (objects, people, logins, refusals, strangers):
            part(admin)
        connection = http.client.HTTPConnection("127.0.0.1", serve.port, timeout=10)
        connection.request("GET", "/health")
        connection.getresponse().read()
        connection.request("GET", "/test/last")
        made = json.loads(connection.getresponse().read())["headers"]
        connection.close()
        report.check("a request without X-Request-ID gets one", len(made.get("x-request-id", "")) == 36, made)
    finally:
        status = serve.stop() if serve else None
        gateway.stop()
    report.check("serve ends well", status == 0, status)
    log = ["--log", str(folder / "log")]
    query = subprocess.run([binary, "query", *log, "--format", "ndjson", "--oldest-first"], env=env, capture_output=True,
                           text=True, timeout=30, check=True)
    events = [json.loads(line) for line in query.stdout.splitlines()]
    compare(report, events, admin.wanted)
    ids = {event.get("request_id") for event in events}
    report.check("the id that was made is in the record", made.get("x-request-id") in ids)
    for secret in SECRETS:
        report.check("no secret got in", secret not in query.stdout, secret)
    verify = subprocess.run([binary, "verify", *log], env=env, capture_output=True, text=True, timeout=30)
    report.check("the log verifies", verify.returncode == 0, verify.stdout + verify.stderr)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tallystick", required=True)
    options.add_argument("--keep", action="store_true", help="leave the log where it is, and say where")
    given = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-gateway-"))
    timer = threading.Timer(LIMIT, lambda: (print("it took too long", file=sys.stderr), os._exit(1)))
    timer.daemon = True
    timer.start()
    report = Report()
    try:
        run(str(pathlib.Path(given.tallystick).resolve()), folder, report)
    finally:
        if given.keep:
            print(f"kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.passed} checks passed, {len(report.problems)} failed")
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
