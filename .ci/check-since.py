#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every public symbol is documented, and since the release its macro says.

usage: check-since.py SRCROOT
"""

import argparse
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from tree import Report, Rooms, c_files, public_headers, without_comments

AVAILABLE = re.compile(r"\bBUBUS_AVAILABLE_IN_(ALL|\d+_\d+)\b")
DEPRECATED = re.compile(r"\bBUBUS_DEPRECATED(_IN_\d+_\d+)?(_FOR\s*\([^)]*\))?")
ATTRIBUTE = re.compile(r"\bG_GNUC_\w+(\s*\([^)]*\))?|\b_BUBUS_EXTERN\b")
NO_SYMBOL = ("G_DEFINE_", "G_DECLARE_", "G_STATIC_ASSERT")
DECLARE_TYPE = re.compile(r"\bG_DECLARE_(?:FINAL_TYPE|DERIVABLE_TYPE|INTERFACE)\s*\(\s*(\w+)")
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)\(([^)]*)\)((?:.*\\\n)*.*)", re.MULTILINE)
TEMPLATE_MARK = re.compile(r"^@\w+@$", re.MULTILINE)
DIRECTIVE = re.compile(r"^[ \t]*#(?:.*\\\n)*.*", re.MULTILINE)
CAST = re.compile(r"\bG_TYPE_(CHECK|INSTANCE_GET)_")
INTERNAL_MACRO = re.compile(r"_|BUBUS_(AVAILABLE|DEPRECATED|UNAVAILABLE)")
CLASS_STRUCT = re.compile(r"(Class|Interface|Iface|Private)$")
RETURNS = re.compile(r"^\s*\*\s*(Returns|Return value):", re.MULTILINE)
COMMENT = re.compile(r"/\*\*\s*\n(.*?)\*/", re.DOTALL)
NAME_LINE = re.compile(r"^\s*\*\s*([A-Za-z_]\w*):(?=\s|$)")


class Doc:
    """One gi-docgen comment."""

    def __init__(self, path, line, text):
        self.path = path
        self.line = line
        self.parameters = set(re.findall(r"^\s*\*\s*@(\w+|\.\.\.):", text, re.MULTILINE))
        self.returns = RETURNS.search(text) is not None
        since = re.search(r"^\s*\*\s*Since:?\s+v?([\d.]+\d)", text, re.MULTILINE)
        self.since = since.group(1) if since else None


def read_docs(directory):
    """Map symbol to Doc for all comments below a directory."""
    docs = {}
    for path in c_files(directory):
        text = path.read_text(encoding="utf-8")
        for match in COMMENT.finditer(text):
            name = NAME_LINE.match(match.group(1))
            if name:
                line = text.count("\n", 0, match.start()) + 1
                docs.setdefault(name.group(1), Doc(path, line, match.group(1)))
    return docs


class Symbol:
    def __init__(self, path, line, kind, name):
        self.path = path
        self.line = line
        self.kind = kind
        self.name = name
        self.since = None
        self.available = False
        self.parameters = []
        self.returns = False


def split_top(text, separator=","):
    """Split at separators outside parentheses."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return parts + [text[start:]]


def balanced(text, start):
    """The index after the bracket that closes the one at `start`."""
    depth = 0
    for index in range(start, len(text)):
        if text[index] in "([{":
            depth += 1
        elif text[index] in ")]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def parameter_names(text):
    names = []
    for part in split_top(text):
        part = re.sub(r"\[[^]]*\]", "", part).strip()
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", part)
        if part == "...":
            names.append(part)
        elif pointer:
            names.append(pointer.group(1))
        elif part and part != "void":
            names.append(re.findall(r"\w+", part)[-1])
    return names


def is_void(text):
    return re.sub(r"\b(static|inline|extern|const)\b", "", text).split() == ["void"]


class Header:
    """Reads the public symbols of one header."""

    def __init__(self, path):
        self.path = path
        self.text = TEMPLATE_MARK.sub("", without_comments(path.read_text(encoding="utf-8")))
        self.symbols = []
        self.read_macros()
        self.read_statements()

    def add(self, offset, kind, name, parameters=(), returns=False):
        symbol = Symbol(self.path, self.text.count("\n", 0, offset) + 1, kind, name)
        symbol.parameters = list(parameters)
        symbol.returns = returns
        self.symbols.append(symbol)
        return symbol

    def read_macros(self):
        for match in MACRO.finditer(self.text):
            name, parameters, body = match.groups()
            if not INTERNAL_MACRO.match(name) and not CAST.search(body):
                names = [p.strip() for p in parameters.split(",") if p.strip()]
                self.add(match.start(), "macro", name, names)

    def read_statements(self):
        code = DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), self.text)
        code = re.sub(r'extern\s+"C"\s*\{', lambda m: " " * len(m.group()), code)
        code = re.sub(r"\bG_(BEGIN|END)_DECLS\b", lambda m: " " * len(m.group()), code)
        start = 0
        while start < len(code):
            end = self.statement_end(code, start)
            statement = code[start:end]
            offset = start + len(statement) - len(statement.lstrip())
            if statement.strip(" \n\t;}"):
                self.read_statement(offset, statement.strip())
            start = end

    def statement_end(self, code, start):
        """After the `;`, the body of a function, or a G_DECLARE or G_DEFINE call."""
        call = re.compile(
            r"\s*(?:BUBUS_\w+\s+)*(G_DECLARE_\w+|G_DEFINE_\w+)\s*(?=\()"
        ).match(code, start)
        if call:
            return balanced(code, call.end())
        index = start
        while index < len(code):
            if code[index] == ";":
                return index + 1
            if code[index] in "([{":
                brace = code[index] == "{"
                index = balanced(code, index)
                if brace and ")" in code[start:index].split("{")[0]:
                    return index
            else:
                index += 1
        return index

    def read_statement(self, offset, statement):
        available = AVAILABLE.search(statement)
        deprecated = DEPRECATED.search(statement)
        bare = statement
        for decoration in (AVAILABLE, DEPRECATED, ATTRIBUTE):
            bare = decoration.sub("", bare)
        symbol = self.symbol_of(offset, bare.strip(" \n\t;"))
        if symbol is None:
            return
        symbol.available = available is not None or deprecated is not None
        if available:
            release = available.group(1)
            symbol.since = "1.0" if release == "ALL" else release.replace("_", ".")

    def symbol_of(self, offset, bare):
        declared = DECLARE_TYPE.match(bare)
        if declared:
            return self.add(offset, "type", declared.group(1))
        is_tagged = re.match(r"(struct|union|enum)\b", bare) is not None
        if bare.startswith(NO_SYMBOL) or is_tagged and ("{" in bare or "(" not in bare):
            return None
        if bare.startswith("typedef"):
            return self.typedef(offset, bare)
        return self.function(offset, bare)

    def typedef(self, offset, bare):
        callback = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*(?=\()", bare)
        if callback and "{" not in bare:
            inner = bare[callback.end() + 1 : balanced(bare, callback.end()) - 1]
            result = bare[len("typedef") : callback.start()]
            names = parameter_names(inner)
            return self.add(offset, "callback", callback.group(1), names, not is_void(result))
        name = re.findall(r"\w+", bare)[-1]
        if CLASS_STRUCT.search(name):
            return None
        if re.match(r"typedef\s+enum\b", bare) and "{" in bare:
            body = bare[bare.index("{") + 1 : bare.rindex("}")]
            members = [re.match(r"\s*(\w+)", part) for part in split_top(body)]
            return self.add(offset, "enum", name, [m.group(1) for m in members if m])
        return self.add(offset, "typedef", name)

    def function(self, offset, bare):
        match = re.search(r"(\w+)\s*(?=\()", bare)
        if match is None:
            names = re.findall(r"\w+", bare)
            return self.add(offset, "variable", names[-1]) if names else None
        name = match.group(1)
        if name.endswith("_get_type"):
            return self.add(offset, "get_type", name)
        inner = bare[match.end() + 1 : balanced(bare, match.end()) - 1]
        inline = re.search(r"\binline\b", bare[: match.start()])
        kind = "inline function" if inline else "function"
        result = bare[: match.start()]
        return self.add(offset, kind, name, parameter_names(inner), not is_void(result))


class SinceCheck:
    def __init__(self, root, report):
        self.report = report
        self.rooms = Rooms(root, report)
        self.docs = {r: read_docs(self.rooms.core / r) for r in self.rooms.library_rooms()}
        self.count = 0

    def run(self):
        for room in self.rooms.library_rooms():
            for path in public_headers(self.rooms.core / room):
                for symbol in Header(path).symbols:
                    self.check(room, symbol)

    def find_doc(self, room, symbol):
        """In the room; a type may be named early in a room below its own."""
        rooms = [room]
        if symbol.kind in ("type", "typedef"):
            rooms += self.rooms.library_rooms()
        return next((self.docs[r][symbol.name] for r in rooms if symbol.name in self.docs[r]), None)

    def say(self, symbol, sentence):
        self.report.offence(symbol.path, symbol.line, f"{symbol.kind} {symbol.name} {sentence}")

    def check(self, room, symbol):
        self.count += 1
        if symbol.kind in ("function", "variable", "get_type", "type") and not symbol.available:
            self.say(symbol, "has no availability macro in front")
        if symbol.kind == "get_type":
            return
        doc = self.find_doc(room, symbol)
        if doc is None:
            self.say(symbol, f"has no documentation comment in room “{room}”")
        else:
            self.check_doc(symbol, doc)

    def check_doc(self, symbol, doc):
        place = f"(at {self.report.shown(doc.path)}:{doc.line})"
        if doc.since is None:
            self.say(symbol, f"is documented without “Since:” {place}")
        elif symbol.since is not None and doc.since != symbol.since:
            releases = f"is documented since {doc.since} but declared since {symbol.since}"
            self.say(symbol, f"{releases} {place}")
        for name in symbol.parameters:
            if name not in doc.parameters:
                self.say(symbol, f"is documented without “@{name}:” {place}")
        if symbol.returns and not doc.returns:
            self.say(symbol, f"is documented without “Returns:” {place}")


def main():
    parser = argparse.ArgumentParser(description="Check that public symbols are documented.")
    parser.add_argument("srcroot", type=Path)
    args = parser.parse_args()

    root = args.srcroot.resolve()
    report = Report(root)
    check = SinceCheck(root, report)
    check.run()
    return report.finish(f"since: {check.count} public symbols are documented since their release")


if __name__ == "__main__":
    sys.exit(main())
