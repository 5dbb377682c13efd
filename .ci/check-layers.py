#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every file includes only what `bubus-core/ROOMS` allows.

usage: check-layers.py SRCROOT [--draw FILE.svg]
"""

import argparse
import re
import sys
from html import escape
from pathlib import Path

sys.dont_write_bytecode = True
from tree import TOOLS, UMBRELLAS, Report, Rooms, c_files, includes, is_internal, is_private

GENERATED = ("config.h", "base/bubus-version.h")

# Libraries that only some places may use: pattern of the include, its name, and those places.
# A place is a room, or a folder when it holds a slash.
THIRD_PARTIES = (
    (r"json-glib\b", "json-glib", ()),
    (r"libpeas\b", "libpeas", ("host",)),
    (r"gjs/", "gjs", ("host",)),
    (r"sqlite3\.h", "SQLite", ("plugins/sqlite", "plugins/support", "bubus-core/tools")),
    (r"(gtk|gdk|gsk)/|adwaita\.h|libadwaita", "GTK", ("plugins/inspector", "doc/examples")),
)

# Folders outside the library: they see what a user sees, the installed headers.
OUTSIDE = ("plugins", "doc/examples", "tests/bindings")


class LayerCheck:
    def __init__(self, root, report):
        self.root = root
        self.report = report
        self.rooms = Rooms(root, report)
        self.core = self.rooms.core
        self.checked = 0

    def run(self):
        self.check_directories()
        for room in self.rooms.library_rooms():
            for path in c_files(self.core / room):
                self.check_file(path, room, lambda *a, r=room: self.check_room_include(r, *a))
        for umbrella in UMBRELLAS:
            self.check_umbrella(umbrella)
        for folder in ("bubus-core/" + TOOLS,) + OUTSIDE:
            for path in c_files(self.root / folder):
                home = self.home_of(path, folder)
                self.check_file(path, home, lambda *a, h=home: self.check_outside_include(h, *a))

    def check_directories(self):
        for directory in sorted(p for p in self.core.glob("*") if p.is_dir()):
            if directory.name in self.rooms.uses or directory.name == TOOLS:
                continue
            if c_files(directory):
                self.report.offence(
                    self.rooms.file, 1, f"folder “{directory.name}” holds C files but is no room"
                )

    def home_of(self, path, folder):
        """The folder a program or plugin calls its own."""
        if folder == "plugins":
            parts = path.relative_to(self.root / folder).parts
            return f"plugins/{parts[0]}" if len(parts) > 1 else folder
        return folder

    def check_file(self, path, place, check_own):
        self.checked += 1
        for line, kind, name in includes(path):
            if kind is None:
                self.report.offence(path, line, f"includes through the macro {name}, say the file")
            elif ".." in name.split("/"):
                self.report.offence(path, line, f"includes “{name}” through a relative path")
            else:
                self.check_third_party(path, line, place, name)
                check_own(path, line, kind, name)

    def check_third_party(self, path, line, place, name):
        for pattern, library, places in THIRD_PARTIES:
            if re.match(pattern, name) and place not in places:
                self.report.offence(
                    path, line, f"uses {library}, which is reserved to {' and '.join(places)}"
                )

    def room_of_path(self, name):
        """The room that a name like “event/bubus-event.h” begins with, or None."""
        first, slash, _ = name.partition("/")
        return first if slash and (first in self.rooms.uses or first == TOOLS) else None

    def room_holding(self, name):
        """The room with a file of that bare name, or None."""
        for room in self.rooms.uses:
            if (self.core / room / name).is_file():
                return room
        return None

    def check_room_include(self, room, path, line, kind, name):
        if name in GENERATED:
            return
        own = kind == '"' and (path.parent / name).is_file()
        if name in UMBRELLAS and not own:
            self.check_umbrella_use(room, path, line, name)
        elif kind == '"':
            self.check_quoted(room, path, line, name)
        elif self.room_of_path(name) and (self.core / name).is_file():
            self.report.offence(path, line, f"includes “{name}” in angle brackets, use quotes")

    def check_umbrella_use(self, room, path, line, name):
        allowed = {room, *self.rooms.uses[room]}
        if not allowed.issuperset(self.rooms.rooms_of(name)):
            self.report.offence(
                path, line, f"includes “{name}”, which opens rooms that “{room}” may not use"
            )

    def check_quoted(self, room, path, line, name):
        other = self.room_of_path(name)
        if other is None:
            self.check_neighbour(room, path, line, name)
        elif other == room:
            return
        elif other not in self.rooms.uses[room]:
            self.report.offence(
                path, line, f"room “{room}” may not use room “{other}” (it includes “{name}”)"
            )
        elif is_private(name):
            self.report.offence(path, line, f"includes “{name}”, which is private to “{other}”")

    def check_neighbour(self, room, path, line, name):
        """A name without a room in front must be a file of the same room."""
        if (path.parent / name).is_file() or (self.core / room / name).is_file():
            return
        other = self.room_holding(name)
        if other is not None:
            self.report.offence(path, line, f"includes “{name}”, say “{other}/{name}”")

    def check_umbrella(self, umbrella):
        path = self.core / umbrella
        if not path.is_file():
            return
        self.checked += 1
        mine = self.rooms.rooms_of(umbrella)
        for line, _kind, name in includes(path):
            other = self.room_of_path(name)
            if other is not None and other not in mine:
                self.report.offence(path, line, f"opens room “{other}”, which is not its own")
            elif is_private(name) or is_internal(name):
                self.report.offence(path, line, f"includes “{name}”, which is not public")

    def is_shared(self, home, name):
        """What several plugins do lies in a folder of its own; the command reads what they have written."""
        return (
            home.startswith(("plugins/", "bubus-core/" + TOOLS))
            and name.startswith("support/")
            and (self.root / "plugins" / name).is_file()
        )

    def check_outside_include(self, home, path, line, kind, name):
        if kind == "<":
            in_core = self.room_of_path(name) and (self.core / name).is_file()
            if (in_core or name.startswith("bubus")) and name not in UMBRELLAS:
                self.report.offence(
                    path, line, f"includes <{name}>, only <bubus.h> and <bubus-host.h> are for it"
                )
        elif name in UMBRELLAS:
            self.report.offence(path, line, f"includes “{name}” in quotes, say <{name}>")
        elif (
            name != "config.h"
            and not self.belongs(home, path, name)
            and not self.is_shared(home, name)
        ):
            self.report.offence(path, line, f"includes “{name}”, which is not a file of {home}")

    def belongs(self, home, path, name):
        """A file of the same folder, or a generated one that is no file of ours."""
        if (path.parent / name).is_file() or (self.root / home / name).is_file():
            return True
        if self.room_of_path(name) or self.room_holding(name):
            return False
        folders = ("", "bubus-core") + OUTSIDE
        return not any((self.root / folder / name).is_file() for folder in folders)


BOX_WIDTH, BOX_HEIGHT, GAP, MARGIN, TITLE = 190, 58, 14, 24, 96


def svg_box(x, y, width, name, caption):
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{BOX_HEIGHT}" rx="6"/>\n'
        f'<text class="room" x="{x + width / 2:g}" y="{y + 25}">{escape(name)}</text>\n'
        f'<text class="uses" x="{x + width / 2:g}" y="{y + 44}">{escape(caption)}</text>'
    )


def caption_of(rooms, room):
    """What a room uses, leaving out what it gets through the rooms it names."""
    uses = rooms.uses[room]
    direct = [u for u in uses if not any(u in rooms.closure(v) for v in uses if v != u)]
    return "on " + ", ".join(direct) if direct else "on GLib only"


def storeys_of(rooms):
    """The rooms by height, with everything outside the library on top."""
    storeys = {}
    for room in rooms.library_rooms():
        storeys.setdefault(rooms.storey(room), []).append((room, caption_of(rooms, room)))
    top = max(storeys, default=-1) + 1
    storeys[top] = [(name, "installed headers only") for name in (TOOLS, "plugins", "doc/examples")]
    return storeys


def draw(rooms, file):
    """Write the storeys as a picture, the lowest at the bottom."""
    storeys = storeys_of(rooms)
    widest = max(len(names) for names in storeys.values())
    inner = widest * (BOX_WIDTH + GAP) - GAP
    width = inner + 2 * MARGIN + TITLE
    height = len(storeys) * (BOX_HEIGHT + GAP) - GAP + 2 * MARGIN
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->",
        "<!-- Drawn from bubus-core/ROOMS by .ci/check-layers.py; do not edit. -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">',
        "<style>",
        "svg { background: #ffffff; font-family: sans-serif; }",
        "rect { fill: #eef3f9; stroke: #3d6ea5; }",
        "text { text-anchor: middle; fill: #1b1b1b; }",
        ".room { font-size: 16px; font-weight: bold; }",
        ".uses { font-size: 11px; }",
        ".storey { font-size: 13px; text-anchor: start; }",
        "</style>",
    ]
    for row, level in enumerate(sorted(storeys, reverse=True)):
        y = MARGIN + row * (BOX_HEIGHT + GAP)
        names = storeys[level]
        box = (inner - (len(names) - 1) * GAP) // len(names)
        out.append(f'<text class="storey" x="{MARGIN}" y="{y + 34}">storey {level}</text>')
        for column, (name, caption) in enumerate(names):
            out.append(svg_box(MARGIN + TITLE + column * (box + GAP), y, box, name, caption))
    out.append("</svg>")
    Path(file).write_text("\n".join(out) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Check includes against bubus-core/ROOMS.")
    parser.add_argument("srcroot", type=Path)
    parser.add_argument("--draw", metavar="FILE.svg", help="also draw the storeys")
    args = parser.parse_args()

    root = args.srcroot.resolve()
    report = Report(root)
    check = LayerCheck(root, report)
    check.run()
    if args.draw and not check.rooms.cyclic:
        draw(check.rooms, args.draw)
    rooms = len(check.rooms.uses)
    return report.finish(f"layers: {check.checked} files in {rooms} rooms keep to ROOMS")


if __name__ == "__main__":
    sys.exit(main())
