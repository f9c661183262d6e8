#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when the tree breaks one of the rules of docs/HACKING.md that a program can check.

    tests/repo/repo_tidy.py [ROOT]

Prints one line per finding (path:line: what and why) and ends with status 1 when there is one, 2 when ROOT is no tree.
Each rule is a function below; what a rule lets pass is named in the table or comment beside it.
"""
import os
import re
import subprocess
import sys

LINES_MAX = 600
CODE_FOLDERS = ("src/", "include/", "tests/", "fuzz/", "bench/")
CPP = (".cc", ".h")
SPDX_SUFFIXES = (".cc", ".h", ".py", ".mjs", ".js", ".sh", ".cmake")
SPDX_NAMES = ("CMakeLists.txt", "Makefile")
SPDX = "SPDX-License-Identifier: Apache-2.0"
SKIPPED_FOLDERS = {".git", "build", "out", "node_modules", ".run", "__pycache__"}
# Recorded traffic and fuzz inputs are data, not text of ours: only secrets-like rules (paths, hosts) look at them.
DATA = re.compile(r"(\.ndjson$|^fuzz/seeds/|/testdata/|/fixtures/|^package-lock\.json$|/package-lock\.json$)")
BINARY = re.compile(r"\.(png|ico|gz|zst|bin|woff2?)$")

# What a folder's files may include directly; what those may use is allowed too (docs/HACKING.md, "Folders").
MAY_USE = {
    "base": [],
    "crypto": ["base"],
    "merkle": ["base", "crypto"],
    "storage": ["base"],
    "log": ["merkle", "storage"],
    "event": ["base"],
    "redact": ["crypto", "event"],
    "mcp": ["base"],
    "yaml": ["base"],
    "policy": ["event", "mcp", "yaml"],
    "rest": ["event", "redact", "mcp", "http", "policy", "yaml"],
    "spool": ["event", "log"],
    "config": ["log", "policy", "rest"],
    "http": ["base"],
    "fetch": ["base"],
    "access": ["crypto", "storage"],
    "identity": ["event", "redact", "mcp", "http"],
    "record": ["event", "redact", "mcp", "policy", "http", "identity", "rest"],
    "net": ["base"],
    "follow": ["log", "event"],
    "index": ["log", "event", "follow"],
    "detect": ["follow"],
    "sink": ["index"],
    "dialect": ["event"],
    "witness": ["log"],
    "proxy": ["capture", "net", "http", "identity", "config"],
    "capture": ["record", "log", "spool"],
    "wrap": ["capture"],
    # The implementation of the public headers in include/tallystick.
    "lib": ["log", "event", "redact"],
    "server": ["access", "config", "spool", "index", "detect", "sink", "dialect", "witness", "proxy", "wrap", "fetch"],
    "remote": ["log", "merkle", "fetch"],
    "cli": ["server", "lib", "remote"],
}
# Asio headers that cost little and may stand in interfaces (awaitable return types); all others only in net/.
LIGHT_ASIO = {"boost/asio/awaitable.hpp", "boost/asio/any_io_executor.hpp"}
# Folders that may open pipes and /proc themselves, each time with a reason.
MAY_OPEN = ("src/wrap/", "src/net/", "src/cli/")


def closure(folder, seen=None):
    seen = set() if seen is None else seen
    if folder not in seen:
        seen.add(folder)
        for used in MAY_USE.get(folder, []):
            closure(used, seen)
    return seen


class Tree:
    """The files of the tree: what git tracks or would track, or every file where there is no git."""

    def __init__(self, root):
        self.root = root
        self.findings = []
        self.files = sorted(path for path in self._list() if os.path.isfile(os.path.join(root, path)))
        self._text = {}

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            command = ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(command, capture_output=True, check=True).stdout
            return [path.decode() for path in listed.split(b"\0") if path]
        found = []
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in SKIPPED_FOLDERS]
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in files]
        return found

    def text(self, path):
        if path not in self._text:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._text[path] = file.read()
        return self._text[path]

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    def under(self, *starts, suffixes=None):
        return [path for path in self.files
                if path.startswith(starts) and (suffixes is None or path.endswith(suffixes))]

    def report(self, path, line, message):
        self.findings.append(f"{path}:{line}: {message}" if line else f"{path}: {message}")

    def search(self, paths, pattern, message, allow=None):
        """Reports each line that matches `pattern`, unless it or the line above says `tidy: <allow>-ok reason`."""
        excuse = re.compile(rf"tidy: {allow}-ok \S+") if allow else None
        for path in paths:
            before = ""
            for number, line in self.lines(path):
                if pattern.search(line) and not (excuse and (excuse.search(line) or excuse.search(before))):
                    self.report(path, number, message)
                before = line


def written(tree):
    """Text that people of this project wrote."""
    return [path for path in tree.files if not DATA.search(path) and not BINARY.search(path)]


def check_sizes(tree):
    for path in tree.under(*CODE_FOLDERS):
        if DATA.search(path) or BINARY.search(path):
            continue
        count = len(tree.text(path).splitlines())
        if count > LINES_MAX:
            tree.report(path, 0, f"{count} lines; at most {LINES_MAX}: split it by what its parts are for")


def check_tests_exist(tree):
    for path in tree.under("src/", suffixes=".cc"):
        # main() has no logic of its own; the tests of the command line run it.
        if os.path.basename(path) == "main.cc":
            continue
        test = "tests/" + path[len("src/"):-len(".cc")] + "_test.cc"
        if test not in tree.files:
            tree.report(path, 0, f"has no test; add {test}")


def check_readmes(tree):
    for folder in sorted({os.path.dirname(path) for path in tree.under("src/", suffixes=CPP)}):
        if f"{folder}/README.md" not in tree.files:
            tree.report(folder, 0, "has no README.md saying what lives here and where to start reading")


def check_spdx(tree):
    for path in written(tree):
        name = os.path.basename(path)
        shebang = tree.text(path).startswith("#!")
        if not (path.endswith(SPDX_SUFFIXES) or name in SPDX_NAMES or shebang):
            continue
        if not any(SPDX in line for number, line in tree.lines(path) if number <= 2):
            tree.report(path, 1, f"the first lines lack '{SPDX}'")


def check_includes(tree):
    quoted = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
    for path in tree.under("src/", suffixes=CPP):
        folder = path.split("/")[1]
        if folder not in MAY_USE:
            tree.report(path, 0, f"folder {folder} is not in the table of tests/repo/repo_tidy.py")
            continue
        allowed = closure(folder)
        for number, line in tree.lines(path):
            match = quoted.match(line)
            if not match or match[1].startswith("tallystick/"):
                continue
            used = match[1].split("/")[0]
            if "/" not in match[1]:
                tree.report(path, number, f'write the path from the source root: "{folder}/{match[1]}"')
            elif used not in allowed:
                tree.report(path, number, f"{folder} may not use {used} (it may use {', '.join(sorted(allowed))})")
    for path in tree.under("include/", suffixes=CPP):
        for number, line in tree.lines(path):
            match = quoted.match(line)
            if match and not match[1].startswith("tallystick/"):
                tree.report(path, number, "a public header may include only public headers: others are not installed")


def check_link_order(tree):
    """The same rule for what the CMake targets link."""
    for path in tree.under("src/"):
        if os.path.basename(path) != "CMakeLists.txt" or path.count("/") != 2:
            continue
        folder = path.split("/")[1]
        for number, line in tree.lines(path):
            for used in re.findall(r"tallystick::(\w+)", line):
                if used in MAY_USE and used not in closure(folder):
                    tree.report(path, number, f"{folder} may not link {used}")


def check_folder_table(tree):
    """The table of folders that people read says the same as MAY_USE."""
    path = "docs/HACKING.md"
    row = re.compile(r"\| `(\w+)` \|[^|]*\| ([^|]*) \|")
    rows = {match[1]: (number, match[2]) for number, line in tree.lines(path) if (match := row.fullmatch(line.strip()))}
    there = {name.split("/")[1] for name in tree.under("src/", suffixes=CPP)}
    above = set()
    for folder, (number, names) in rows.items():
        told = above if names == "all above" else {name for name in re.findall(r"\w+", names) if name in MAY_USE}
        said = set().union(*(closure(name) for name in told)) | {folder}
        wrong = sorted((said ^ closure(folder)) & there)
        if wrong:
            tree.report(path, number, f"{folder}: not as in tests/repo/repo_tidy.py: {', '.join(wrong)}")
        above.add(folder)
    if rows:
        for folder in sorted(there - rows.keys()):
            tree.report(path, 0, f"the table of folders lacks {folder}")


def check_heavy_headers(tree):
    include = re.compile(r"^\s*#\s*include\s*[<\"](boost/(?:asio|beast)[^>\"]*)[>\"]")
    for path in tree.under(*CODE_FOLDERS, suffixes=CPP):
        if path.startswith(("src/net/", "tests/net/")):
            continue
        for number, line in tree.lines(path):
            match = include.match(line)
            if match and match[1] not in LIGHT_ASIO:
                tree.report(path, number, f"<{match[1]}> costs seconds of compile time: only net/ includes it")


def check_words(tree):
    # Spelled in pieces, so that this file may hold them.
    words = re.compile(r"\b(" + "|".join(["FIX" + "ME", "X" + "XX", "HA" + "CK", "TO" + "DO"]) + r")\b")
    tree.search(written(tree), words, "finish it or write an issue; the tree keeps no notes to self")


def check_tests(tree):
    tests = tree.under("tests/", suffixes=CPP)
    tree.search(tests, re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.])sleep\(\d"),
                "a test that sleeps is slow or flaky: pass in a clock, or wait for the thing itself", allow="sleep")
    tree.search(tests, re.compile(r"\bDISABLED" r"_|\bGTEST_" r"SKIP\b"), "a test that does not run proves nothing")


def check_machine_paths(tree):
    # /home/user is nobody's: what recordings were scrubbed to.
    start = r"(?<![\w.~$})-])"
    pattern = re.compile(start + r"/(?:home/(?!user\b)|root/)|" + start + r"/wo" r"rk(?:/|\b(?![-\w]))")
    tree.search([p for p in tree.files if not BINARY.search(p)], pattern,
                "a path of one machine; take it from a flag, the environment or the build folder", allow="path")


def check_registry_hosts(tree):
    hosts = re.compile(r"\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\bnpm" r"js\.(com|org)|\b(deb|ftp|security)\.debian\.org|"
                       r"\bpypi\.(org|python)|\bcrates" r"\.io|\bproxy\.gol" r"ang\.org", re.IGNORECASE)
    tree.search([p for p in tree.files if not BINARY.search(p)], hosts, "names a package registry's host")
    for path in tree.files:
        if os.path.basename(path) == "package-lock.json":
            tree.search([path], re.compile(r'"resolved"'), "a lock file names addresses; .npmrc says not to")


def check_detached(tree):
    tree.search(tree.under("src/", "include/", "tests/", "bench/", suffixes=CPP),
                re.compile(r"\.detach\(|\basio::detached\b"),
                "detached work outlives its owner: join it, or say '// tidy: detach-ok reason'", allow="detach")


def check_raw_open(tree):
    pattern = re.compile(r"(?<![\w:>.])::(open|openat|creat)\((?!\"/dev/null\")|\bstd::[io]?fstream\b|\b(std::)?fopen\(")
    for path in tree.under("src/", suffixes=CPP):
        if not path.startswith("src/storage/"):
            tree.search([path], pattern,
                        "files are opened through storage/, so that every fault can be injected",
                        allow="open" if path.startswith(MAY_OPEN) else None)


def check_links(tree):
    link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    for path in tree.files:
        if not path.endswith(".md") or DATA.search(path):
            continue
        for number, line in tree.lines(path):
            for target in link.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                resolved = os.path.normpath(os.path.join(os.path.dirname(path), target))
                if not os.path.exists(os.path.join(tree.root, resolved)):
                    tree.report(path, number, f"link to {target}, which does not exist")


def check_decisions(tree):
    numbers = {}
    for path in tree.under("docs/decisions/", suffixes=".md"):
        name = os.path.basename(path)
        match = re.fullmatch(r"(\d{4})-[a-z0-9-]+\.md", name)
        if not match and name != "README.md":
            tree.report(path, 0, "a decision is named NNNN-title.md")
        elif match and numbers.setdefault(match[1], path) != path:
            tree.report(path, 0, f"the number {match[1]} is taken by {numbers[match[1]]}")
    for path in written(tree):
        for number, line in tree.lines(path):
            for named in re.findall(r"docs/decisions/(\d{4})", line):
                if named not in numbers:
                    tree.report(path, number, f"names decision {named}, which is not in docs/decisions")


CHECKS = [check_sizes, check_tests_exist, check_readmes, check_spdx, check_includes, check_link_order,
          check_folder_table, check_heavy_headers, check_words, check_tests, check_machine_paths, check_registry_hosts, check_detached,
          check_raw_open, check_links, check_decisions]


def main(arguments):
    root = os.path.abspath(arguments[0] if arguments else os.path.join(os.path.dirname(__file__), "..", ".."))
    if not os.path.isdir(os.path.join(root, "src")):
        print(f"repo_tidy: {root} holds no src folder", file=sys.stderr)
        return 2
    tree = Tree(root)
    for check in CHECKS:
        check(tree)
    for finding in tree.findings:
        print(finding)
    print(f"repo_tidy: {len(tree.files)} files, {len(tree.findings)} findings")
    return 1 if tree.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
