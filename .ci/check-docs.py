#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the pages: listed, with links that lead somewhere and fragments that are compiled.

usage: check-docs.py SRCROOT
"""

import argparse
import os
import re
import sys
import textwrap
import tomllib
from pathlib import Path
from urllib.parse import unquote

sys.dont_write_bytecode = True
from tree import Report

LONGEST_FREE_FRAGMENT = 3
SKIPPED_FOLDERS = re.compile(r"^(\.git|_build.*|build|subprojects)$")
FENCE = re.compile(r"^\s*(```+|~~~+)\s*([\w+-]*)")
SOURCE = re.compile(r"<!--\s*from:\s*(\S+)\s+(\S+)\s*-->")
INLINE_CODE = re.compile(r"(`+).+?\1")
LINK = re.compile(r"\]\(\s*(?:<([^>]*)>|([^\s)]+))[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)")
MARKER = re.compile(r"^\s*(/\*|#)\s*\[/?[\w.-]+\]\s*(\*/)?\s*$")
COMPILED = ("c", "javascript", "python", "vala")


def pages_of(root):
    """All Markdown files of the source tree, without those of builds."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not SKIPPED_FOLDERS.match(f))
        yield from (Path(folder) / name for name in sorted(files) if name.endswith(".md"))


class Fragment:
    def __init__(self, line, language, source):
        self.line = line
        self.language = language
        self.source = source
        self.lines = []


class Page:
    """One Markdown file, split into prose lines and fenced fragments."""

    def __init__(self, path):
        self.path = path
        self.prose = []
        self.fragments = []
        self._read()

    def _read(self):
        fragment, fence, last = None, None, ""
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            match = FENCE.match(line)
            if fragment is not None:
                if match and match.group(1).startswith(fence) and not match.group(2):
                    fragment = None
                else:
                    fragment.lines.append(line)
            elif match:
                fence = match.group(1)
                fragment = Fragment(number, match.group(2).lower(), SOURCE.search(last))
                self.fragments.append(fragment)
            else:
                self.prose.append((number, line))
            last = line if line.strip() else last


def normal(lines):
    """Without common indentation, trailing blanks and blank edges."""
    return textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n").split("\n")


def cut(text, marker):
    """The lines between /* [MARKER] */ and /* [/MARKER] */, or between # [MARKER] and # [/MARKER]; or None."""
    name = re.escape(marker)
    begin = rf"(?:/\*|#)\s*\[{name}\][^\n]*\n"
    end = rf"^[^\n]*(?:/\*|#)\s*\[/{name}\]"
    match = re.search(f"{begin}(.*?){end}", text, re.DOTALL | re.MULTILINE)
    if match is None:
        return None
    return [line for line in match.group(1).splitlines() if not MARKER.match(line)]


class DocsCheck:
    def __init__(self, root, report):
        self.root = root
        self.report = report
        self.pages = [Page(path) for path in pages_of(root)]

    def run(self):
        self.check_content_files()
        for page in self.pages:
            self.check_links(page)
            if page.path == self.root / "README.md" or self.root / "doc" in page.path.parents:
                self.check_fragments(page)

    def check_content_files(self):
        """Every guide page is in a book, and every page of a book is there."""
        doc = self.root / "doc"
        known = {page.path.name for page in self.pages if doc in page.path.parents}
        listed = set()
        for book in sorted(doc.glob("*.toml.in")):
            for name in self.content_files(book):
                listed.add(Path(name).name)
                if Path(name).name not in known:
                    self.report.offence(book, 1, f"lists the page “{name}”, which is not there")
        for page in self.pages:
            if page.path.parent == doc / "guide" and page.path.name not in listed:
                self.report.offence(page.path, 1, "is in “content_files” of no doc/*.toml.in")

    def content_files(self, book):
        try:
            settings = tomllib.loads(book.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            self.report.offence(book, 1, f"is not valid TOML: {error}")
            return []
        return settings.get("extra", {}).get("content_files", [])

    def check_links(self, page):
        for number, line in page.prose:
            for match in LINK.finditer(INLINE_CODE.sub("", line)):
                target = next(group for group in match.groups() if group is not None)
                self.check_link(page, number, target)

    def check_link(self, page, number, target):
        if re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE) or target.startswith("#"):
            return
        name = unquote(re.split(r"[#?]", target)[0])
        goal = (page.path.parent / name).resolve()
        if name.startswith("/") or self.root not in (goal, *goal.parents):
            self.report.offence(page.path, number, f"link “{target}” leads out of the tree")
        elif not goal.exists() and not self.is_made_page(goal):
            self.report.offence(page.path, number, f"link “{target}” leads nowhere")

    @staticmethod
    def is_made_page(goal):
        """A page “x.html” is made of “x.md”."""
        return goal.suffix == ".html" and goal.with_suffix(".md").exists()

    def check_fragments(self, page):
        for fragment in page.fragments:
            if fragment.language not in COMPILED:
                continue
            if fragment.source:
                self.compare(page, fragment)
            elif len(fragment.lines) > LONGEST_FREE_FRAGMENT:
                sentence = "fragment is not cut from a compiled file (<!-- from: … -->)"
                self.report.offence(page.path, fragment.line, sentence)

    def compare(self, page, fragment):
        name, marker = fragment.source.groups()
        path = self.root / name
        if not name.startswith("doc/examples/") or not path.is_file():
            sentence = f"fragment comes from “{name}”, which is no example"
            self.report.offence(page.path, fragment.line, sentence)
            return
        text = path.read_text(encoding="utf-8")
        lines = cut(text, marker)
        if lines is None:
            self.report.offence(page.path, fragment.line, f"marker [{marker}] is not in {name}")
            return
        theirs, mine = normal(lines), normal(fragment.lines)
        if theirs != mine:
            pairs = zip(theirs + [None] * len(mine), mine + [None] * len(theirs))
            at = next(index for index, (a, b) in enumerate(pairs) if a != b)
            sentence = f"fragment differs from [{marker}] of {name} here"
            self.report.offence(page.path, fragment.line + 1 + at, sentence)


def main():
    parser = argparse.ArgumentParser(description="Check the pages of the documentation.")
    parser.add_argument("srcroot", type=Path)
    args = parser.parse_args()

    root = args.srcroot.resolve()
    report = Report(root)
    check = DocsCheck(root, report)
    check.run()
    count = sum(len(page.fragments) for page in check.pages)
    return report.finish(f"docs: {len(check.pages)} pages with {count} fragments are in order")


if __name__ == "__main__":
    sys.exit(main())
