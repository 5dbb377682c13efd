#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the public headers: complete umbrellas, guards, and that each compiles alone.

usage: check-headers.py SRCROOT BUILDROOT
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
from tree import UMBRELLAS, Report, Rooms, includes, is_internal, is_private
from tree import public_headers, without_comments

GUARD = re.compile(
    r"^#if !defined \(BUBUS_INSIDE\) && !defined \(BUBUS_COMPILATION\)\n# *error\b.*\n#endif$",
    re.MULTILINE,
)
PRAGMA = re.compile(r"^[ \t]*#[ \t]*pragma[ \t]+once\b", re.MULTILINE)
PACKAGES = ("gio-2.0",)


class HeaderCheck:
    def __init__(self, root, build, report):
        self.report = report
        self.rooms = Rooms(root, report)
        self.core = self.rooms.core
        self.build = build / "bubus-core"
        self.headers = self.find_headers()

    def find_headers(self):
        """Map “room/bubus-x.h” to the file, of the source or the build tree."""
        found = {}
        for room in self.rooms.library_rooms():
            for top in (self.build, self.core):
                for path in public_headers(top / room, (".h",)):
                    found[path.relative_to(top).as_posix()] = path
        return found

    def run(self):
        for name, path in sorted(self.headers.items()):
            self.check_text(name, path)
        for umbrella in UMBRELLAS:
            self.check_umbrella(umbrella)
        self.compile_all()

    def check_text(self, name, path):
        text = without_comments(path.read_text(encoding="utf-8"))
        if not PRAGMA.search(text):
            self.report.offence(path, 1, "public header lacks “#pragma once”")
        if not GUARD.search(text):
            self.report.offence(path, 1, "public header lacks the guard against direct inclusion")
        self.check_no_private(path)

    def check_no_private(self, path):
        for line, _kind, included in includes(path):
            if is_private(included) or is_internal(included):
                self.report.offence(path, line, f"includes “{included}”, which is not public")

    def check_umbrella(self, umbrella):
        path = self.core / umbrella
        mine = self.rooms.rooms_of(umbrella)
        wanted = [name for name in self.headers if name.split("/")[0] in mine]
        if not path.is_file():
            if wanted:
                self.report.offence(path, 1, "umbrella header is missing")
            return
        text = without_comments(path.read_text(encoding="utf-8"))
        if not PRAGMA.search(text):
            self.report.offence(path, 1, "umbrella header lacks “#pragma once”")
        self.check_no_private(path)
        included = {name for _line, _kind, name in includes(path)}
        for name in wanted:
            if name not in included:
                self.report.offence(path, 1, f"umbrella header does not include “{name}”")

    def compile_all(self):
        jobs = [("c", name, path, ["-DBUBUS_COMPILATION"]) for name, path in self.headers.items()]
        languages = ["c"]
        if shutil.which(compiler("c++")[0]):
            languages.append("c++")
        else:
            print("headers: no C++ compiler here, C++ is not tried")
        for umbrella in UMBRELLAS:
            if (self.core / umbrella).is_file():
                jobs += [(language, umbrella, self.core / umbrella, []) for language in languages]
        flags = self.flags()
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda job: self.compile(flags, *job), jobs))

    def flags(self):
        run = subprocess.run(
            ["pkg-config", "--cflags", *PACKAGES], stdout=subprocess.PIPE, text=True, check=True
        )
        return [f"-I{self.core}", f"-I{self.build}", *shlex.split(run.stdout)]

    def compile(self, flags, language, name, path, defines):
        """Compile a program that is nothing but one include line."""
        standard = "-std=gnu++11" if language == "c++" else "-std=gnu11"
        warnings = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"]
        command = [*compiler(language), "-x", language, standard, "-fsyntax-only", *warnings]
        command += [*defines, *flags, "-"]
        run = subprocess.run(
            command,
            input=f"#include <{name}>\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        if run.returncode != 0:
            reason = next((l for l in run.stdout.splitlines() if "error:" in l), run.stdout.strip())
            kind = "C++" if language == "c++" else "C"
            self.report.offence(path, 1, f"does not compile alone as {kind}: {reason}")


def compiler(language):
    variable, default = ("CXX", "c++") if language == "c++" else ("CC", "cc")
    return shlex.split(os.environ.get(variable) or default)


def main():
    parser = argparse.ArgumentParser(description="Check the public headers.")
    parser.add_argument("srcroot", type=Path)
    parser.add_argument("buildroot", type=Path)
    args = parser.parse_args()

    root = args.srcroot.resolve()
    report = Report(root)
    check = HeaderCheck(root, args.buildroot.resolve(), report)
    check.run()
    count = len(check.headers)
    return report.finish(f"headers: {count} public headers are guarded, listed and compile alone")


if __name__ == "__main__":
    sys.exit(main())
