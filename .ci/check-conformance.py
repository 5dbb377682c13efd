#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks tests/conformance/README.md: that it has a row for everything, and that the tests it names are there.

usage: check-conformance.py SRCROOT

A test is named as `tests/unit/ROOM/test-x.c: /path, /path`; without paths, the whole file is meant.
"""

import argparse
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from tree import Report, without_comments

PAGE = Path("tests/conformance/README.md")
ROW = re.compile(r"^\|([^|]*)\|([^|]*)\|(.*)\|\s*$")
NAMED = re.compile(r"`(tests/[\w./-]+\.(?:c|py))(?::\s*([^`]+))?`")
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
FUNCTION = r"^{} \(.*?^}}"

# What must have a row, and for which of these a test must cite it.
TABLES = {
    "Rules": ([f"R-{n}" for n in range(1, 24)], True),
    "Upstream tests": ([str(n) for n in range(1, 93)], False),
    "Retries and semaphores": ([f"B-9.{n}" for n in range(1, 18)], True),
    "Requests and replies": ([f"B-12.{n}" for n in range(1, 21)], True),
    "Complaints": ([f"B-13.{n}" for n in range(1, 21)], True),
    "What upstream does not test": ([f"B-14.2.{n}" for n in range(1, 11)], False),
}


class TestFile:
    """The tests that one program registers."""

    def __init__(self, path):
        self.text = path.read_text(encoding="utf-8")
        self.code = without_comments(self.text)
        self.literals = {match.group(1) for match in LITERAL.finditer(self.code)}

    def has(self, name):
        """A path is one literal, or composed of literals: macros put folders before the names."""
        if name in self.literals:
            return True
        folders = (text for text in self.literals if text.endswith("/") and name.startswith(text))
        return any(self.has(name[len(folder) :]) for folder in folders)

    def cites(self, name, rule):
        """Whether the registration of a test, or the function that it registers, cites a rule."""
        pattern = re.compile(rf"(?<![\w.-]){re.escape(rule)}(?!\.?\d)")
        tail = name[name.rfind("/") + 1 :]
        for match in re.finditer(rf'"(?:[^"\n]*/)?{re.escape(tail)}"[^;]*;', self.text):
            statement = match.group()
            if pattern.search(statement):
                return True
            functions = re.findall(r"\btest_\w+", statement)
            if any(pattern.search(self.function(function)) for function in functions):
                return True
        return False

    def function(self, name):
        match = re.search(FUNCTION.format(name), self.text, re.DOTALL | re.MULTILINE)
        return match.group() if match else ""


class ConformanceCheck:
    def __init__(self, root, report):
        self.root = root
        self.report = report
        self.page = root / PAGE
        self.files = {}
        self.count = 0

    def run(self):
        seen = {title: [] for title in TABLES}
        title = None
        for number, line in enumerate(self.page.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("## "):
                title = line[3:].strip()
            row = ROW.match(line)
            if row and title in TABLES and not set(row.group(1)) <= set(" -:"):
                self.check_row(title, seen[title], number, [cell.strip() for cell in row.groups()])
        for title, (keys, _) in TABLES.items():
            self.check_order(title, keys, seen[title])

    def check_row(self, title, seen, number, cells):
        key, _, proof = cells
        if not re.search(r"\d", key):
            return
        seen.append(key)
        named = NAMED.findall(proof)
        if not proof:
            self.report.offence(self.page, number, f"{key} has neither a test nor a reason")
        found = [pair for file, paths in named for pair in self.check_named(number, file, paths)]
        self.count += len(found)
        if TABLES[title][1] and found and not any(self.cites(pair, key) for pair in found):
            self.report.offence(self.page, number, f"none of the tests that are named for {key} cites it")

    def check_named(self, number, file, paths):
        """Yield the tests that exist, as pairs of the file and the path."""
        path = self.root / file
        if not path.is_file():
            self.report.offence(self.page, number, f"“{file}” is not there")
            return
        if file not in self.files:
            self.files[file] = TestFile(path)
        for name in filter(None, (name.strip() for name in paths.split(","))):
            if self.files[file].has(name):
                yield file, name
            else:
                self.report.offence(self.page, number, f"{file} has no test “{name}”")

    def cites(self, pair, rule):
        file, name = pair
        return self.files[file].cites(name, rule)

    def check_order(self, title, keys, seen):
        for key in keys:
            if seen.count(key) != 1:
                sentence = f"“{title}” has {seen.count(key)} rows for {key}"
                self.report.offence(self.page, 1, sentence)
        for key in seen:
            if key not in keys:
                self.report.offence(self.page, 1, f"“{title}” has a row for {key}, which is nothing")


def main():
    parser = argparse.ArgumentParser(description="Check the list of tests that mirror others.")
    parser.add_argument("srcroot", type=Path)
    args = parser.parse_args()

    root = args.srcroot.resolve()
    report = Report(root)
    check = ConformanceCheck(root, report)
    check.run()
    return report.finish(f"conformance: all {check.count} tests that are named are there")


if __name__ == "__main__":
    sys.exit(main())
