# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the check scripts know in common about the source tree."""

import json
import re
from pathlib import Path

C_SUFFIXES = (".c", ".h", ".cc", ".cpp", ".hpp", ".c.in", ".h.in")
TOOLS = "tools"
HOST = "host"
UMBRELLAS = ("bubus.h", "bubus-host.h")


class Report:
    """Collects offences and turns them into an exit status."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.offences = []

    def shown(self, path):
        try:
            return Path(path).resolve().relative_to(self.root).as_posix()
        except ValueError:
            return str(path)

    def offence(self, path, line, sentence):
        self.offences.append((self.shown(path), line, sentence))

    def read_json(self, path, default):
        """A file that a build leaves, or `default` with an offence noted."""
        try:
            return json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.offence(path, 1, f"cannot be read, is this a build of ours? ({error})")
            return default

    def finish(self, clean):
        """Print one line per offence, or the sentence `clean`; return the exit status."""
        for path, line, sentence in sorted(set(self.offences)):
            print(f"{path}:{line}: {sentence}")
        if not self.offences:
            print(clean)
        return 1 if self.offences else 0


class Rooms:
    """The layering of `bubus-core/ROOMS`: which room may use which."""

    def __init__(self, root, report):
        self.core = Path(root) / "bubus-core"
        self.file = self.core / "ROOMS"
        self.uses = {}
        self.lines = {}
        self._read(report)
        self._check_names(report)
        self._check_cycles(report)

    def _read(self, report):
        try:
            text = self.file.read_text(encoding="utf-8")
        except OSError as error:
            report.offence(self.file, 1, f"cannot be read: {error.strerror}")
            return
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            room, colon, uses = line.partition(":")
            room = room.strip()
            if not colon or not re.fullmatch(r"[a-z][a-z0-9-]*", room):
                report.offence(self.file, number, "a line must read “room: rooms it may use”")
            elif room in self.uses:
                report.offence(self.file, number, f"room “{room}” is named twice")
            else:
                self.uses[room] = re.split(r"[\s,]+", uses.strip()) if uses.strip() else []
                self.lines[room] = number

    def _check_names(self, report):
        for room, uses in self.uses.items():
            for other in uses:
                if other not in self.uses:
                    report.offence(
                        self.file, self.lines[room], f"room “{room}” uses unknown room “{other}”"
                    )
                elif other == TOOLS:
                    report.offence(
                        self.file, self.lines[room], f"room “{room}” may not use the tools"
                    )
            self.uses[room] = [other for other in uses if other in self.uses]

    def _check_cycles(self, report):
        """Depth-first walk; an edge back to a room on the path is a cycle."""
        done = set()

        def walk(room, path):
            if room in path:
                cycle = path[path.index(room) :] + [room]
                sentence = "rooms use each other in a circle: " + " → ".join(cycle)
                report.offence(self.file, self.lines[room], sentence)
            elif room not in done:
                for other in self.uses[room]:
                    walk(other, path + [room])
                done.add(room)

        for room in self.uses:
            walk(room, [])
        self.cyclic = any("in a circle" in sentence for _, _, sentence in report.offences)

    def closure(self, room):
        """Every room that `room` may use, directly or through others."""
        found = set()
        todo = list(self.uses.get(room, ()))
        while todo:
            other = todo.pop()
            if other not in found:
                found.add(other)
                todo.extend(self.uses[other])
        return found

    def storey(self, room):
        """The height of a room: one above the highest room it uses."""
        return 1 + max((self.storey(other) for other in self.uses[room]), default=-1)

    def library_rooms(self):
        return [room for room in self.uses if room != TOOLS]

    def rooms_of(self, umbrella):
        """The rooms whose public headers belong to an umbrella header."""
        host = [r for r in self.library_rooms() if r == HOST or HOST in self.closure(r)]
        if umbrella == "bubus-host.h":
            return host
        return [r for r in self.library_rooms() if r not in host]


def c_files(directory, suffixes=C_SUFFIXES):
    """All C files below a directory, sorted."""
    if not directory.is_dir():
        return []
    return sorted(p for p in directory.rglob("*") if p.name.endswith(suffixes) and p.is_file())


def is_private(name):
    return re.search(r"-private\.h(\.in)?$", name) is not None


def is_internal(name):
    return re.search(r"-internal\.h(\.in)?$", name) is not None


def public_headers(directory, suffixes=(".h", ".h.in")):
    """The headers of a room that are installed."""
    headers = c_files(directory, suffixes)
    return [p for p in headers if not is_private(p.name) and not is_internal(p.name)]


_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)


def without_comments(text):
    """C text with its comments blanked; line numbers stay as they were."""

    def blank(match):
        if match.group("comment") is None:
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return _TOKEN.sub(blank, text)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:([<"])([^>"\n]+)[>"]|(\w+))', re.MULTILINE)


def includes(path):
    """Yield (line, '<' or '"' or None, name) for every include of a file."""
    text = without_comments(path.read_text(encoding="utf-8", errors="replace"))
    for match in _INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match.group(1), match.group(2) or match.group(3)
