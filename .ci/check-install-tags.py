#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every installed file has an install tag.

usage: check-install-tags.py BUILDROOT
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from tree import Report


def main():
    parser = argparse.ArgumentParser(description="Check the tags of all installed files.")
    parser.add_argument("buildroot", type=Path)
    args = parser.parse_args()

    plan = args.buildroot / "meson-info" / "intro-install_plan.json"
    report = Report(args.buildroot)
    count = 0
    for section, files in report.read_json(plan, {}).items():
        for name, entry in files.items():
            if name.endswith(".deps"):  # written by vapigen; meson has no way to tag it
                continue
            count += 1
            if not entry.get("tag"):
                report.offence(
                    plan,
                    1,
                    f"{section} file {name} is installed as {entry['destination']} without a tag",
                )
    return report.finish(f"install tags: all {count} installed files have one")


if __name__ == "__main__":
    sys.exit(main())
