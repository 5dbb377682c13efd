#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that no warning flag of meson.build was silently dropped by the compiler probe.

usage: check-flags.py SRCROOT BUILDROOT
"""

import argparse
import re
import shlex
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from tree import Report, Rooms

LIST = re.compile(r"^[ \t]*warning_flags[ \t]*\+?=[ \t]*\[", re.MULTILINE)
STRING_OR_END = re.compile(r"'((?:\\.|[^'\\\n])*)'|#[^\n]*|(\])")


def wanted_flags(text):
    """Yield (line, flag) for every string of the lists `warning_flags`."""
    for start in LIST.finditer(text):
        for token in STRING_OR_END.finditer(text, start.end()):
            if token.group(2):
                break
            if token.group(1):
                yield text.count("\n", 0, token.start()) + 1, token.group(1)


def library_commands(entries, rooms):
    """Yield (file, set of arguments) for every C file of a room."""
    folders = {rooms.core / room for room in rooms.library_rooms()}
    for entry in entries:
        path = (Path(entry["directory"]) / entry["file"]).resolve()
        if path.suffix == ".c" and folders.intersection(path.parents):
            arguments = entry.get("arguments") or shlex.split(entry["command"])
            yield path, set(arguments)


def main():
    parser = argparse.ArgumentParser(description="Check that no compiler flag was dropped.")
    parser.add_argument("srcroot", type=Path)
    parser.add_argument("buildroot", type=Path)
    args = parser.parse_args()

    root = args.srcroot.resolve()
    report = Report(root)
    meson_build = root / "meson.build"
    flags = list(wanted_flags(meson_build.read_text(encoding="utf-8")))
    database = args.buildroot / "compile_commands.json"
    commands = list(library_commands(report.read_json(database, []), Rooms(root, report)))

    if not flags:
        report.offence(meson_build, 1, "holds no list “warning_flags”")
    if not commands:
        report.offence(database, 1, "names no C file of the library")
    for line, flag in flags:
        lacking = [path for path, arguments in commands if flag not in arguments]
        if lacking:
            report.offence(
                meson_build,
                line,
                f"flag {flag} is missing when compiling {report.shown(lacking[0])}"
                + (f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""),
            )
    return report.finish(f"flags: all {len(flags)} warning flags reach {len(commands)} files")


if __name__ == "__main__":
    sys.exit(main())
