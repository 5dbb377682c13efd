#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiles fragments against bubus-version.h as it will be in version 1.4.0.

Usage: test-version-macros.py --generator PATH --template PATH -- COMPILER [ARGUMENT...]
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "1.4.0"

# What a public header of that version might declare.
HEADER = """
#include "bubus-version.h"
BUBUS_AVAILABLE_IN_ALL
int bubus_always (void);
BUBUS_AVAILABLE_IN_1_2
int bubus_new_in_1_2 (void);
BUBUS_AVAILABLE_IN_1_4
int bubus_new_in_1_4 (void);
BUBUS_DEPRECATED_IN_1_2
int bubus_old_in_1_2 (void);
BUBUS_DEPRECATED_IN_1_4_FOR (bubus_always)
int bubus_old_in_1_4 (void);
"""

# (what it shows, definitions, what is used, None or a part of the compiler's message)
CASES = [
    ("what was always there can be used", [], "bubus_always ()", None),
    ("by default everything new is allowed", [], "bubus_new_in_1_2 () + bubus_new_in_1_4 ()", None),
    ("by default everything old is warned of", [], "bubus_old_in_1_2 ()", "deprecated"),
    ("the replacement is named", [], "bubus_old_in_1_4 ()", "Use 'bubus_always' instead"),
    ("newer than allowed", ["MAX_ALLOWED=BUBUS_VERSION_1_0", "MIN_REQUIRED=BUBUS_VERSION_1_0"],
     "bubus_new_in_1_2 ()", "Not available before 1.2"),
    ("as new as allowed", ["MAX_ALLOWED=BUBUS_VERSION_1_2", "MIN_REQUIRED=BUBUS_VERSION_1_0"],
     "bubus_new_in_1_2 ()", None),
    ("still newer than allowed", ["MAX_ALLOWED=BUBUS_VERSION_1_2", "MIN_REQUIRED=BUBUS_VERSION_1_0"],
     "bubus_new_in_1_4 ()", "Not available before 1.4"),
    ("what is declared but not used does not matter",
     ["MAX_ALLOWED=BUBUS_VERSION_1_0", "MIN_REQUIRED=BUBUS_VERSION_1_0"], "bubus_always ()", None),
    ("deprecated later than required", ["MIN_REQUIRED=BUBUS_VERSION_1_1"], "bubus_old_in_1_2 ()", None),
    ("deprecated in what is required", ["MIN_REQUIRED=BUBUS_VERSION_1_2"], "bubus_old_in_1_2 ()", "deprecated"),
    ("deprecated in a later version than that", ["MIN_REQUIRED=BUBUS_VERSION_1_2"], "bubus_old_in_1_4 ()", None),
    ("warnings can be switched off", ["DISABLE_DEPRECATION_WARNINGS", "MAX_ALLOWED=BUBUS_VERSION_1_0",
     "MIN_REQUIRED=BUBUS_VERSION_1_0"], "bubus_old_in_1_2 () + bubus_new_in_1_4 ()", None),
    ("less allowed than required", ["MAX_ALLOWED=BUBUS_VERSION_1_0", "MIN_REQUIRED=BUBUS_VERSION_1_2"],
     "0", "must not be less than"),
    ("less allowed than required by default", ["MAX_ALLOWED=BUBUS_VERSION_1_0"], "0", "must not be less than"),
    ("an unknown version allowed", ["MAX_ALLOWED=BUBUS_VERSION_1_5"], "0", "BUBUS_VERSION_1_0 to BUBUS_VERSION_1_4"),
    ("an unknown version required", ["MIN_REQUIRED=BUBUS_VERSION_1_5"], "0", "BUBUS_VERSION_1_0 to BUBUS_VERSION_1_4"),
    ("the preprocessor can compare", [], """
#if !BUBUS_CHECK_VERSION (1, 4, 0) || !BUBUS_CHECK_VERSION (1, 3, 9) || !BUBUS_CHECK_VERSION (0, 9, 9)
# error "later than expected"
#elif BUBUS_CHECK_VERSION (1, 4, 1) || BUBUS_CHECK_VERSION (1, 5, 0) || BUBUS_CHECK_VERSION (2, 0, 0)
# error "earlier than expected"
#endif
0""", None),
    ("the current version is the last", [], """
#if BUBUS_VERSION_CUR_STABLE != BUBUS_VERSION_1_4 || defined (BUBUS_VERSION_1_5)
# error "not the last"
#endif
0""", None),
]


def glib_flags():
    pkg_config = shlex.split(os.environ.get("PKG_CONFIG", "pkg-config"))
    try:
        found = subprocess.run([*pkg_config, "--cflags", "glib-2.0"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return shlex.split(found.stdout)


def compile_fragment(compiler, folder, definitions, use, inside=True):
    source = folder / "fragment.c"
    source.write_text(f'#include "declarations.h"\nint fragment (void);\nint fragment (void)\n{{\nreturn {use};\n}}\n')
    flags = [f"-DBUBUS_{name}" if name.startswith("DISABLE") else f"-DBUBUS_VERSION_{name}" for name in definitions]
    if inside:
        flags.append("-DBUBUS_INSIDE")
    return subprocess.run(
        [*compiler, *glib_flags(), *flags, "-Werror", "-Wall", "-Wundef", "-Werror=deprecated-declarations",
         f"-I{folder}", "-c", "-o", str(folder / "fragment.o"), str(source)],
        capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})


def failure(result, expected):
    """What is unexpected about the compiler's verdict, or None."""
    if expected is None:
        return None if result.returncode == 0 else f"does not compile:\n{result.stderr}"
    if result.returncode == 0:
        return "compiles"
    return None if expected in result.stderr else f"fails for another reason:\n{result.stderr}"


def check_generator(generator):
    """Versions of another form are refused."""
    refused = subprocess.run([generator, "1.4", os.devnull, os.devnull], capture_output=True, text=True)
    if refused.returncode == 0 or "1.4" not in refused.stderr:
        return "accepts the version “1.4”"
    return None


def outcomes(options, folder):
    for summary, definitions, use, expected in CASES:
        yield summary, failure(compile_fragment(options.compiler, folder, definitions, use), expected)
    alone = compile_fragment(options.compiler, folder, [], "0", inside=False)
    yield "the header cannot be included directly", failure(alone, "Only <bubus.h> can be included directly")
    yield "the generator refuses other versions", check_generator(options.generator)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--generator", required=True)
    parser.add_argument("--template", required=True)
    parser.add_argument("compiler", nargs="+")
    options = parser.parse_args()

    if glib_flags() is None:
        print("1..0 # SKIP pkg-config does not find glib-2.0, whose header the fragments need")
        return 0

    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "declarations.h").write_text(HEADER)
        subprocess.run([options.generator, VERSION, options.template, folder / "bubus-version.h"], check=True)
        for number, (summary, wrong) in enumerate(outcomes(options, folder), 1):
            failures += wrong is not None
            print(f"{'ok' if wrong is None else 'not ok'} {number} {summary}")
            if wrong is not None:
                print("# " + wrong.replace("\n", "\n# "))
    print(f"1..{number}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
