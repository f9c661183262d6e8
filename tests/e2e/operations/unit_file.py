#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""unit_file.py --tallystick FILE: systemd reads deploy/systemd/tallystick.service without a complaint, and finds it no more exposed than
docs/operations/install.md says."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

from harness import ROOT

UNIT = os.path.join(ROOT, "deploy/systemd/tallystick.service")


def analyze(*words):
    done = subprocess.run(["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, check=False,
                          env={**os.environ, "LANG": "C.UTF-8"})
    return done.returncode, done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tallystick", required=True)
    binary = parser.parse_args().tallystick
    with open(os.path.join(ROOT, "docs/operations/install.md"), encoding="utf-8") as page:
        stated = float(re.search(r"exposure of (\d\.\d)", page.read()).group(1))
    status, text = analyze("security", "--offline=true", f"--threshold={round(stated * 10)}", UNIT)
    found = re.search(r"Overall exposure level for \S+: (\d\.\d)", text)
    if status != 0 or not found or float(found.group(1)) != stated:
        sys.exit(f"docs/operations/install.md says {stated}; systemd-analyze security: {text[-600:]}")
    with tempfile.TemporaryDirectory() as folder, open(UNIT, encoding="utf-8") as source:
        # The same unit with the program as built, and without the manual, which is not installed here.
        unit = source.read().replace("/usr/bin/tallystick", shutil.which(os.path.abspath(binary)))
        unit = unit.replace("man:tallystick(1) ", "")
        path = os.path.join(folder, "tallystick.service")
        with open(path, "w", encoding="utf-8") as out:
            out.write(unit)
        status, text = analyze("verify", path)
    complaints = [line for line in text.splitlines() if "tallystick" in line]
    if complaints:
        sys.exit("systemd-analyze verify: " + "\n".join(complaints))
    print(f"exposure {stated}, no complaints")


main()
