#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""metrics.py --tallystick FILE: do rules and dashboard ask for what a running server exports, does each alert have its runbook, and
does a real Prometheus take all of it (where Debian's package prometheus is)?"""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse

from harness import ROOT, Machine, free_ports, get, wait_until

RULES = os.path.join(ROOT, "deploy/prometheus/rules.yaml")
DASHBOARD = os.path.join(ROOT, "deploy/grafana/tallystick.json")
RUNBOOKS = os.path.join(ROOT, "docs/operations/runbooks")
HEADINGS = ("## Meaning", "## Impact", "## Diagnosis", "## Mitigation")
# Prometheus itself makes these.
OWN_METRICS = {"up": {"job": set(), "instance": set()}}
WORDS = {"time", "rate", "increase", "changes", "predict_linear", "absent", "and", "or", "unless", "offset", "by", "sum", "max",
         "min", "label_values"}
problems = []


def expect(right, what):
    if not right:
        problems.append(what)


def exported(page):
    """Name -> label -> values, from a page of /metrics, whose form is checked on the way."""
    out, helped, typed = {}, set(), {}
    for line in page.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split()[2])
            expect(len(line.split()) > 3, f"/metrics: {line}: HELP says nothing")
        elif line.startswith("# TYPE "):
            typed[line.split()[2]] = line.split()[3]
        else:
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            float(value)
            mine = out.setdefault(name, {"job": set(), "instance": set()})
            for label, text in re.findall(r'(\w+)="([^"]*)"', labels or ""):
                mine.setdefault(label, set()).add(text)
            expect(name in helped and name in typed, f"/metrics: {name} has no HELP or TYPE")
            expect((typed.get(name) == "counter") == name.endswith("_total"), f"/metrics: {name} is a {typed.get(name)}")
    return out


def check_expression(where, expression, known):
    for name, labels in re.findall(r"([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?", re.sub(r"\[[^\]]*\]|\b\d\w*", "", without_strings(expression))):
        if name in WORDS:
            continue
        expect(name in known, f"{where}: {name} is exported by nobody")
        for label in re.findall(r"(\w+)\s*=~?", labels):
            expect(label in known.get(name, {}), f"{where}: {name} has no label {label}")
    for name, label, value in re.findall(r'([a-z_]\w*)\{(\w+)="([^"$]*)"\}', expression):
        expect(label == "job" or value in known.get(name, {}).get(label, ()), f"{where}: {name} has no {label}={value}")


def without_strings(expression):
    return re.sub(r'"[^"]*"', '""', expression)


def rules_of(text):
    """(alert or record, expression) pairs; the file has each on one line."""
    return re.findall(r"- (alert|record): (\S+)\n\s+expr: (.*)\n", text)


def check_rules(known):
    with open(RULES, encoding="utf-8") as source:
        text = source.read()
    rules = rules_of(text)
    expect(len(rules) == len(re.findall(r"- (?:alert|record):", text)) >= 15, "rules.yaml: an expression is not on one line")
    recorded = {name: {"job": set(), "instance": set()} for kind, name, _ in rules if kind == "record"}
    alerts = {name for kind, name, _ in rules if kind == "alert"}
    for _, name, expression in rules:
        check_expression(name, expression, {**known, **recorded, **OWN_METRICS})
    for name in alerts:
        expect(f"runbook_url: docs/operations/runbooks/{name}.md\n" in text, f"{name}: no runbook_url of that name")
    pages = {os.path.basename(path)[:-3] for path in glob.glob(RUNBOOKS + "/Tallystick*.md")}
    expect(pages == alerts, f"runbooks and alerts differ: {sorted(pages ^ alerts)}")
    for name in pages:
        with open(f"{RUNBOOKS}/{name}.md", encoding="utf-8") as source:
            page = source.read()
        expect(page.startswith(f"# {name}\n") and all(f"\n{each}\n" in page for each in HEADINGS), f"{name}.md: a heading is missing")
    with open(os.path.join(ROOT, "deploy/prometheus/rules_test.yaml"), encoding="utf-8") as source:
        tested = set(re.findall(r"- name: (\w+)", source.read()))
    expect(tested == alerts, f"rules_test.yaml and alerts differ: {sorted(tested ^ alerts)}")
    return len(rules)


def check_dashboard(known):
    with open(DASHBOARD, encoding="utf-8") as source:
        board = json.load(source)
    expressions = [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", ())]
    for title, expression in expressions:
        check_expression(f"dashboard, {title}", expression, {**known, **OWN_METRICS})
    shown = set(re.findall(r"tallystick_\w+|process_\w+", " ".join(expression for _, expression in expressions)))
    expect(not set(known) - shown, f"the dashboard does not show {sorted(set(known) - shown)}")
    expect("id" not in board and board["uid"] == "tallystick-overview", "dashboard: fixed uid, no id")
    return len(expressions)


def run_promtool():
    for command in (["check", "rules", "rules.yaml"], ["test", "rules", "rules_test.yaml"], ["check", "config", "prometheus.yaml"]):
        done = subprocess.run(["promtool", *command], cwd=os.path.dirname(RULES), capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"promtool {' '.join(command)}: {done.stdout}{done.stderr}")


def scrape_for_real(machine, board_expressions):
    """A Prometheus with the shipped settings, target and interval aside, until it has the figures."""
    folder = machine.root + "/prometheus"
    os.makedirs(folder)
    shutil.copy(RULES, folder)
    with open(os.path.join(os.path.dirname(RULES), "prometheus.yaml"), encoding="utf-8") as source:
        text = machine.here(source.read()).replace("scrape_interval: 15s", "scrape_interval: 200ms\n  evaluation_interval: 200ms")
    machine.write("/prometheus/prometheus.yaml", text)
    port = free_ports(1)[0]
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(["prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data",
                                f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(expression):
        try:
            answer = json.loads(get(f"{base}/api/v1/query?query={urllib.parse.quote(expression)}"))
        except OSError:
            return None
        return [float(each["value"][1]) for each in answer["data"]["result"]]

    try:
        wait_until("a scrape", lambda: ask('up{job="tallystick"}') == [1.0])
        machine.run("tallystick", "append", "--log", machine.root + "/var/lib/tallystick/log", "--keys",
                    machine.root + "/var/lib/tallystick/keys", input='{"event_name":"seen-by-prometheus"}\n')
        before = ask("tallystick_log_entries")[0]
        wait_until("the new entry", lambda: ask("tallystick_log_entries")[0] >= max(before, 3))
        wait_until("evaluated rules", lambda: ask("tallystick:storage_free:ratio"))
        with open(RULES, encoding="utf-8") as source:
            for _, name, expression in rules_of(source.read()):
                expect(ask(expression) is not None, f"{name}: Prometheus refuses {expression}")
        for expression in board_expressions:
            plain = expression.replace("$job", "tallystick").replace("$instance", ".*").replace("$__rate_interval", "1m")
            expect(ask(plain) is not None, f"dashboard: Prometheus refuses {plain}")
        firing = [each for each in json.loads(get(base + "/api/v1/alerts"))["data"]["alerts"] if each["state"] == "firing"]
        expect(not firing, f"a healthy server fires {firing}")
        bad = [rule for group in json.loads(get(base + "/api/v1/rules"))["data"]["groups"] for rule in group["rules"]
               if rule["health"] == "err"]
        expect(not bad, f"rules that cannot be evaluated: {bad}")
        targets = json.loads(get(base + "/api/v1/targets"))["data"]["activeTargets"]
        expect([each["lastError"] for each in targets] == [""], f"targets: {targets}")
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    binary = parser.parse_args().tallystick
    begin = time.monotonic()
    with Machine(binary) as machine:
        machine.start_upstream()
        machine.set_proxy()
        machine.systemctl("start")
        known = exported(get(machine.url(path="/metrics")))
        rules = check_rules(known)
        panels = check_dashboard(known)
        real = shutil.which("prometheus") and shutil.which("promtool")
        if real:
            run_promtool()
            with open(DASHBOARD, encoding="utf-8") as source:
                board = json.load(source)
            scrape_for_real(machine, [t["expr"] for p in board["panels"] for t in p.get("targets", ())])
    for each in problems:
        print(each, file=sys.stderr)
    print(f"{len(known)} metrics, {rules} rules, {panels} expressions of the dashboard, "
          f"{'promtool and a real Prometheus' if real else 'without promtool (Debian package prometheus)'}, "
          f"{len(problems)} problems, {time.monotonic() - begin:.1f} s")
    sys.exit(1 if problems else 0)


main()
