#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pages.py --tallystick FILE [--update] [PAGE...]: runs the shell blocks of docs/operations/ and docs/log-retrieval.md, each page from top to
bottom in one shell on a machine of its own, and compares what is printed with what the page says.

```sh        commands; each must end with status 0
```console   "$ command" and its output, which --update writes anew. "…" at the end of a line stands for its rest, alone for more lines
<!-- run: fails -->  above a block: its last command must fail
<!-- run: not here, WHY -->  above a block: not run by this test; WHY says by which one, or why never
<!-- machine: installed -->  on a page: the service is not started and saw no traffic

Commands in `code` on the runbooks are run too; what they find does not matter, but they must be understood."""
import argparse
import concurrent.futures
import glob
import os
import re
import sys
import time

from harness import ROOT, Machine, get, wait_until
from traffic import ENTRIES, send_traffic

BLOCK = re.compile(r"(?:<!-- run: (?P<how>[^>]*?) -->\n)?```(?P<kind>sh|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINE_MAX, LINES_MAX = 138, 14
PREAMBLE = r"""
set -u
sudo() { "$@"; }
runuser() { while [ "$1" != -- ]; do shift; done; shift; "$@"; }
chown() { :; }
journalctl() { cat "$OPS_ROOT/journal"; }
"""
NORMAL = [(r"  +\d[\d.]*(?=  |$)", "  N"), (r"token:\w+…", "WHO"), (r"…[0-9a-f]{8,}", "ORIGIN"), (r'_ms":[\d.]+', '_ms":N'), (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME"), (r"\d{4}-\d\d-\d\d", "DAY"),
          (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"), (r"tally_\w+", "TOKEN"),
          (r"[A-Za-z0-9+/]{40,}={0,2}", "HASH"), (r"\w[\w.-]*/[0-9a-f]{16}(\+[0-9a-f]{8})?", "ORIGIN"), (r"[0-9a-f]{16,}", "HEX"),
          (r"\d+\.\d+( ?(KiB|MiB|GiB|ms|s))?", "N"), (r'"(pid|start_ticks|bytes|seconds)":\d+', r'"\1":N'), (r" +", " "), (r"-{3,}", "---")]


def normal(line):
    for pattern, name in NORMAL:
        line = re.sub(pattern, name, line)
    return line.strip()


def same(printed, said):
    """Whether `printed` is what the page says, times and random numbers aside."""
    if said and said[-1].strip() == "…":
        printed, said = printed[:len(said) - 1], said[:-1]
    if len(printed) != len(said):
        return False
    for mine, theirs in zip(printed, said):
        if theirs.endswith("…"):
            theirs = normal(theirs[:-1])
            # The cut may be within something that has another length each time.
            if normal(mine)[:len(theirs) - 12] != theirs[:max(len(theirs) - 12, 0)]:
                return False
        elif normal(mine) != normal(theirs):
            return False
    return True


def shown(printed):
    lines = [line if len(line) <= LINE_MAX else line[:LINE_MAX - 1] + "…" for line in printed]
    return lines if len(lines) <= LINES_MAX else lines[:LINES_MAX - 1] + ["…"]


def commands_of(kind, text):
    """(command, lines the page says it prints or None) in order."""
    if kind == "sh":
        return [(text, None)]
    out = []
    for line in text.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        elif out and out[-1][0].endswith("\\") and not out[-1][1]:
            out[-1] = (out[-1][0] + "\n" + line, [])
        else:
            out[-1][1].append(line)
    return out


def script_of(machine, parts):
    """One bash script; the output of each part goes into a file of its own, so that functions and variables last."""
    lines = [PREAMBLE, f"mkdir -p {machine.root}/out; cd {machine.root}/home"]
    for number, (command, fails) in enumerate(parts):
        begin = "" if fails else "set -e\n"
        lines.append(f"exec 3>&1 4>&2 >{machine.root}/out/{number} 2>&1\n{begin}{machine.here(command)}\necho $? "
                     f">{machine.root}/out/{number}.status\nset +e\nexec >&3 2>&4")
    return "\n".join(lines) + "\n"


def output_of(machine, number):
    with open(f"{machine.root}/out/{number}", encoding="utf-8", errors="replace") as source:
        return machine.there(source.read()).splitlines()


def status_of(machine, number):
    try:
        with open(f"{machine.root}/out/{number}.status", encoding="utf-8") as source:
            return int(source.read())
    except OSError:
        return None


def prepare(machine, page):
    machine.start_upstream()
    machine.set_proxy()
    if "<!-- machine: installed -->" not in page:
        machine.systemctl("start")
        send_traffic(machine.url("9000", "/mcp"))
        # Outcomes are recorded behind the answers.
        wait_until("the records", lambda: f"\ntallystick_log_signed_entries {ENTRIES}\n" in get(machine.url(path="/metrics")))


def function_block():
    with open(os.path.join(ROOT, "docs/operations/README.md"), encoding="utf-8") as source:
        return re.search(r"^audit\(\) .*$", source.read(), re.MULTILINE).group(0)


def run_page(binary, path, update):
    """Problems of one page, and how many commands it has."""
    with open(path, encoding="utf-8") as source:
        page = source.read()
    name = os.path.relpath(path, ROOT)
    blocks = [block for block in BLOCK.finditer(page) if not (block["how"] or "").startswith("not here")]
    parts = [(function_block(), False, None, None)]
    for block in blocks:
        commands = commands_of(block["kind"], block["text"])
        for at, (command, said) in enumerate(commands):
            parts.append((command, block["how"] == "fails" and at == len(commands) - 1, said, block))
    problems, written = [], {}
    with Machine(binary) as machine:
        prepare(machine, page)
        done = machine.run("bash", input=script_of(machine, [(command, fails) for command, fails, _, _ in parts]))
        for number, (command, fails, said, block) in enumerate(parts):
            status = status_of(machine, number)
            if status is None or (status == 0) == fails:
                printed = "\n".join(output_of(machine, number)) if os.path.exists(f"{machine.root}/out/{number}") else done.stderr
                problems.append(f"{name}: {command!r}: status {status}\n{printed}")
                break
            if said is not None:
                printed = output_of(machine, number)
                if not same(printed, said):
                    problems.append(f"{name}: $ {command}\nprints:\n" + "\n".join(printed) + "\nthe page says:\n" + "\n".join(said))
                written.setdefault(block.start(), []).append("\n".join(["$ " + command, *shown(printed)]))
    if update and problems:
        for block in reversed(blocks):
            if block["kind"] == "console" and block.start() in written:
                page = page[:block.start("text")] + "\n".join(written[block.start()]) + "\n" + page[block.end("text"):]
        with open(path, "w", encoding="utf-8") as out:
            out.write(page)
    return problems, len(parts) - 1


def run_runbooks(binary):
    problems, count = [], 0
    with Machine(binary) as machine:
        prepare(machine, "")
        for path in sorted(glob.glob(os.path.join(ROOT, "docs/operations/runbooks/*.md"))):
            with open(path, encoding="utf-8") as source:
                page = source.read()
            for command in re.findall(r"`(tallystick [a-z][^`]*|curl -s http://127[^`]*)`", page):
                command = re.sub(r"^tallystick", "audit", command.replace("\n", " "))
                count += 1
                done = machine.run("bash", input=f"{PREAMBLE}{machine.here(function_block())}\n{machine.here(command)}\n")
                if done.returncode > 1 or (done.returncode == 1 and "verify --against" not in command and "curl" not in command):
                    if not command.endswith("--against"):
                        problems.append(f"{os.path.relpath(path, ROOT)}: {command}: {done.stdout}{done.stderr}")
    return problems, count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("pages", nargs="*")
    given = parser.parse_args()
    begin = time.monotonic()
    pages = given.pages or sorted(glob.glob(os.path.join(ROOT, "docs/operations/*.md"))) + [os.path.join(ROOT, "docs/log-retrieval.md")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run_page, given.tallystick, os.path.abspath(page), given.update) for page in pages]
        if not given.pages:
            jobs.append(pool.submit(run_runbooks, given.tallystick))
        results = [job.result() for job in jobs]
    problems = [problem for found, _ in results for problem in found]
    for each in problems:
        print(each + "\n", file=sys.stderr)
    print(f"{len(pages)} pages, {sum(count for _, count in results)} commands, {len(problems)} problems, "
          f"{time.monotonic() - begin:.1f} s")
    sys.exit(1 if problems else 0)


main()
