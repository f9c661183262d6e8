#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of repo_tidy: a good tree passes, and each bad sample put into it is found, alone and in the right place."""
import contextlib
import io
import os
import subprocess
import tempfile
import unittest

import repo_tidy

SPDX = "// " + repo_tidy.SPDX + "\n"
GOOD = {
    "src/base/README.md": "# base\nStart with [text](text.h).\n",
    "src/base/CMakeLists.txt": "# " + repo_tidy.SPDX + "\ntally_library(base SOURCES text.cc)\n",
    "src/base/text.h": SPDX + "#pragma once\n",
    "src/base/text.cc": SPDX + '#include "base/text.h"\n#include <string>\n',
    "src/log/README.md": "# log\n",
    "src/log/CMakeLists.txt": "# " + repo_tidy.SPDX + "\ntally_library(log DEPS tallystick::merkle tallystick::storage)\n",
    "src/log/log.cc": SPDX + '#include "merkle/tree.h"\n#include "base/text.h"\n',
    "src/merkle/README.md": "# merkle\n",
    "src/merkle/tree.h": SPDX,
    "tests/base/text_test.cc": SPDX + '#include "base/text.h"\n',
    "tests/log/log_test.cc": SPDX,
    "tests/wire/one.ndjson": '{"path":"/home/user/x","word":"' + "TO" + 'DO"}\n' * 700,
    "include/tallystick/reader.h": SPDX + '#include "tallystick/event.h"\n',
    "docs/HACKING.md": "workflow: see [base](../src/base/README.md#top) and <https://example.com/work/>\n",
    "docs/decisions/0001-one.md": "# One\n",
    "tools/setup.sh": "#!/bin/sh\n# " + repo_tidy.SPDX + "\ncd ./work && ls $HOME/work\n",
}


def run(files, git=False):
    """Status and findings for a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        if git:
            subprocess.run(["git", "init", "-q", root], check=True)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = repo_tidy.main([root])
        return status, out.getvalue().splitlines()[:-1]


class RepoTidyTest(unittest.TestCase):
    def found(self, path, text, expected, line=None):
        """Putting `text` at `path` into the good tree gives exactly one finding, there, with `expected` in it."""
        status, findings = run({**GOOD, path: text})
        self.assertEqual(len(findings), 1, findings)
        place = f"{path}:{line}: " if line else f"{path}"
        self.assertTrue(findings[0].startswith(place), findings)
        self.assertIn(expected, findings[0])
        self.assertEqual(status, 1)

    def passes(self, path, text):
        self.assertEqual(run({**GOOD, path: text}), (0, []))

    def test_good_tree(self):
        self.assertEqual(run(GOOD), (0, []))

    def test_no_tree(self):
        with tempfile.TemporaryDirectory() as root, contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(repo_tidy.main([root]), 2)

    def test_git_decides_which_files_count(self):
        bad = {"src/base/junk.cc": "", ".gitignore": "junk.cc\n"}
        self.assertEqual(run({**GOOD, **bad}, git=True), (0, []))
        self.assertEqual(run({**GOOD, **bad})[0], 1)
        self.assertEqual(run({**GOOD, "src/base/new.cc": SPDX}, git=True)[0], 1)

    def test_size(self):
        self.passes("tests/base/long_test.cc", SPDX + "\n" * 599)
        self.found("tests/base/long_test.cc", SPDX + "\n" * 600, "601 lines")

    def test_source_without_test(self):
        self.found("src/base/other.cc", SPDX, "add tests/base/other_test.cc")
        self.passes("src/base/main.cc", SPDX)

    def test_folder_without_readme(self):
        status, findings = run({**GOOD, "src/mcp/a.h": SPDX})
        self.assertEqual((status, len(findings)), (1, 1))
        self.assertIn("src/mcp: has no README.md", findings[0])

    def test_spdx(self):
        self.found("src/base/text.h", "#pragma once\n", "SPDX", 1)
        self.found("src/base/text.h", "// a\n// b\n" + SPDX, "SPDX", 1)
        self.found("tools/without_suffix", "#!/bin/sh\n", "SPDX", 1)
        self.found("bench/CMakeLists.txt", "project(x)\n", "SPDX", 1)

    def test_include_order(self):
        self.found("src/base/text.h", SPDX + '#include "log/log.h"\n', "base may not use log", 2)
        self.found("src/log/log.cc", SPDX + '\n  #  include "event/event.h"\n', "log may not use event", 3)
        self.found("src/log/log.cc", SPDX + '#include "entry.h"\n', 'from the source root: "log/entry.h"', 2)
        self.found("include/tallystick/reader.h", SPDX + '#include "base/text.h"\n', "only public headers", 2)
        self.passes("src/log/log.cc", SPDX + '#include "crypto/hash.h"\n#include "tallystick/event.h"\n')

    def test_unknown_folder(self):
        status, findings = run({**GOOD, "src/misc/a.h": SPDX, "src/misc/README.md": ""})
        self.assertEqual((status, len(findings)), (1, 1))
        self.assertIn("folder misc is not in the table", findings[0])

    def test_link_order(self):
        self.found("src/base/CMakeLists.txt", "# " + repo_tidy.SPDX + "\nx(DEPS tallystick::crypto)\n",
                   "base may not link crypto", 2)

    def test_folder_table(self):
        head = "| folder | owns | may use |\n|---|---|---|\n| `base` | text | – |\n"
        self.passes("docs/HACKING.md", head + "| `merkle` | trees | base, crypto |\n| `log` | it | merkle, storage |\n")
        self.found("docs/HACKING.md", head + "| `merkle` | trees | base |\n| `log` | it | base |\n", "log: not as", 5)
        self.found("docs/HACKING.md", head + "| `log` | it | merkle, storage |\n", "lacks merkle")

    def test_heavy_headers(self):
        self.found("src/base/text.h", SPDX + "#include <boost/beast/http.hpp>\n", "only net/ includes it", 2)
        self.found("tests/base/text_test.cc", SPDX + "#include <boost/asio.hpp>\n", "only net/ includes it", 2)
        self.passes("src/base/text.h", SPDX + "#include <boost/asio/awaitable.hpp>\n")
        self.passes("tests/net/loop_test.cc", SPDX + "#include <boost/asio.hpp>\n")

    def test_words(self):
        for word in ("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK"):
            self.found("src/base/text.h", SPDX + f"// {word}: later\n", "no notes to self", 2)
        self.passes("docs/guide.md", "HA" "CKING, XX" "XX and todo are other words\n")

    def test_sleeping_and_disabled_tests(self):
        for call in ("std::this_thread::sleep_for(1s);", "usleep(5);", "sleep(1);"):
            self.found("tests/log/log_test.cc", SPDX + call + "\n", "slow or flaky", 2)
        self.found("tests/log/log_test.cc", SPDX + "TEST(Log, DISABLED" + "_x) {}\n", "proves nothing", 2)
        self.found("tests/log/log_test.cc", SPDX + "GTEST_" + "SKIP();\n", "proves nothing", 2)
        self.passes("src/log/log.cc", SPDX + "std::this_thread::sleep_for(1s);\n")

    def test_machine_paths(self):
        for path in ("/home" "/jane/x", "/root" "/.cache", "/wo" "rk/main", "/wo" "rk "):
            self.found("docs/guide.md", f"see {path}\n", "a path of one machine", 1)
            self.found("tests/wire/one.ndjson", f'{{"p":"{path}"}}\n', "a path of one machine", 1)
        self.passes("docs/guide.md", "~/work/x, notifications/roots/list, a/home/b, /workspace, /wo" "rk-in, $PWD/work/\n")
        self.passes("src/base/text.h", SPDX + '// "/root' '/x" tidy: path-ok the example of RFC 0\n')

    def test_registry_hosts(self):
        self.found("docs/guide.md", "from registry." "npm" "js.org\n", "registry's host", 1)
        self.found("tools/list", "deb.debian" ".org\n", "registry's host", 1)
        self.found("web/package-lock.json", '{\n "resolved": "x"\n}\n', "names addresses", 2)

    def test_detached(self):
        self.found("src/log/log.cc", SPDX + "thread.detach();\n", "outlives its owner", 2)
        self.found("tests/log/log_test.cc", SPDX + "co_spawn(io, f(), asio::detached);\n", "outlives", 2)
        self.passes("src/log/log.cc", SPDX + "// tidy: detach-ok ends with the process\nthread.detach();\n")
        self.found("src/log/log.cc", SPDX + "t.detach();  // tidy: detach-ok \n", "outlives", 2)

    def test_raw_open(self):
        for call in ("int fd = ::open(p, O_RDONLY);", "std::ofstream f(p);", "std::ifstream f(p);", 'fopen(p, "r");'):
            self.found("src/log/log.cc", SPDX + call + "\n", "through storage/", 2)
        # In log/ no reason is good enough.
        self.found("src/log/log.cc", SPDX + "::open(p, 0);  // tidy: open-ok quick\n", "through storage/", 2)
        extra = {"src/wrap/README.md": "", "tests/wrap/pipe_test.cc": SPDX}
        open_ok = {"src/wrap/pipe.cc": SPDX + "::open(p, 0);  // tidy: open-ok a pipe\n", **extra}
        self.assertEqual(run({**GOOD, **open_ok}), (0, []))
        without = {"src/wrap/pipe.cc": SPDX + "::open(p, 0);\n", **extra}
        self.assertEqual(len(run({**GOOD, **without})[1]), 1)
        self.passes("src/log/log.cc", SPDX + 'store::open(fs); fs.open(p); ::open("/dev/null", O_RDWR);\n')

    def test_links(self):
        self.found("docs/HACKING.md", "see [x](missing.md)\n", "link to missing.md", 1)
        self.passes("docs/HACKING.md", "[a](https://example.com) [b](#here) [c](decisions/0001-one.md#x)\n")

    def test_decisions(self):
        self.found("docs/decisions/0001-two.md", "# Two\n", "is taken by docs/decisions/0001-one.md")
        self.found("docs/decisions/notes.md", "# x\n", "NNNN-title.md")
        self.found("src/base/text.h", SPDX + "// why: docs/decisions/" "0009\n", "decision 0009", 2)
        self.passes("src/base/text.h", SPDX + "// why: docs/decisions/0001\n")


if __name__ == "__main__":
    unittest.main()
