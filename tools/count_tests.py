#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up ctest's JUnit reports and prints one line: N passed, N failed."""
import sys
import xml.etree.ElementTree as xml


def main(paths):
    tests = failed = skipped = 0
    for path in paths:
        suite = xml.parse(path).getroot()
        tests += int(suite.get("tests", "0"))
        failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += int(suite.get("skipped", "0")) + int(suite.get("disabled", "0"))
    print(f"{tests - failed - skipped} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or tests == failed + skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
