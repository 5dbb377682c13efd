# SPDX-License-Identifier: LGPL-2.1-or-later
"""Adds up the results that `meson test` left: “N passed, N failed[, N skipped]”.

usage: count-tests.py BUILDROOT

Programs that speak TAP count with every test in them. Exits 1 when anything failed or nothing ran.
"""

import json
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

KINDS = {
    "OK": "passed",
    "EXPECTEDFAIL": "passed",
    "SKIP": "skipped",
}


def read_programs(logs):
    """Yield (name, result) for every program that meson ran."""
    path = logs / "testlog.json"
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            entry = json.loads(line)
            yield entry["name"], KINDS.get(entry["result"], "failed")


def kind_of_case(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def read_cases(logs):
    """Map the name of a TAP program to a Counter of the tests in it."""
    path = logs / "testlog.junit.xml"
    if not path.is_file():
        return {}
    suites = ET.parse(path).getroot().iter("testsuite")
    return {
        suite.get("name").partition(".")[2]: Counter(map(kind_of_case, suite.iter("testcase")))
        for suite in suites
        if "." in suite.get("name")
    }


def count(logs):
    total = Counter()
    cases = read_cases(logs)
    for name, kind in read_programs(logs):
        inside = cases.get(name)
        if inside is None:
            total[kind] += 1
            continue
        total += inside
        if kind == "failed" and not inside["failed"]:
            total["failed"] += 1
    return total


def main():
    total = count(Path(sys.argv[1]) / "meson-logs")
    line = f"{total['passed']} passed, {total['failed']} failed"
    if total["skipped"]:
        line += f", {total['skipped']} skipped"
    print(line)
    return 0 if total["passed"] and not total["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
