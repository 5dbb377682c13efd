# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command explains itself, and what completes its options knows them all."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import support
from support import check, equal, run

COMPLETIONS = Path(os.environ["BUBUS_TEST_COMPLETIONS"])
MANUAL = COMPLETIONS / ".." / ".." / "doc" / "man" / "bubus.1.rst"
VERBS = ("run", "plugins", "types", "new-plugin", "replay", "tail", "tree", "verify", "stats", "query")
EXPLAINED = tuple(verb for verb in VERBS if verb != "query" or os.environ["BUBUS_TEST_SQLITE"] == "yes")


def help_of(*verb):
    outcome = run(*verb, "--help")
    check(outcome, 0)
    return outcome.stdout.decode()


def options_of(verb):
    return set(re.findall(r"--[a-z-]+", help_of(verb).partition("Application Options:")[2])) | {"--help"}


def test_version():
    outcome = run("--version")
    check(outcome, 0)
    equal(outcome.stdout.decode(), f"bubus {os.environ['BUBUS_TEST_VERSION']}\n")


def test_help():
    text = help_of()
    for verb in VERBS:
        assert re.search(rf"^  {verb} +\S", text, re.MULTILINE), text
    equal(run("-h").stdout.decode(), text)
    equal(run("help").stdout.decode(), text)


def test_help_of_verbs():
    for verb in EXPLAINED:
        text = help_of(verb)
        assert text.startswith(f"Usage:\n  bubus {verb} "), text
    equal(
        options_of("run"),
        {
            "--help",
            "--bus",
            "--output",
            "--plugin-path",
            "--plugins",
            "--set",
            "--settings",
            "--strict",
            "--tree",
            "--wal",
            "--watch",
        },
    )


def test_help_in_ascii():
    for verb in EXPLAINED:
        run(verb, "--help", env={"LC_ALL": "C"}).stdout.decode("ascii")


def test_bash_completion_knows_all_options():
    text = (COMPLETIONS / "bubus").read_text(encoding="utf-8")
    for verb in EXPLAINED:
        (options,) = re.findall(rf'^ *{verb}\) options="(.*)"', text, re.MULTILINE)
        equal(set(options.split()), options_of(verb))


def test_zsh_completion_knows_all_options():
    text = (COMPLETIONS / "_bubus").read_text(encoding="utf-8")
    for verb in EXPLAINED:
        block = re.search(rf"^ +{verb}\)\n(.*?);;", text, re.MULTILINE | re.DOTALL).group(1)
        for name in ("help", "paths", "plugins", "filters"):
            if f"${name}" in block:
                block += re.search(rf"^  {name}=.*", text, re.MULTILINE).group(0)
        equal(set(re.findall(r"--[a-z-]+", block)), options_of(verb))


def test_manual_knows_all_options():
    text = MANUAL.read_text(encoding="utf-8")
    for verb in EXPLAINED:
        for option in options_of(verb):
            assert option in text, f"{option} is not in the manual"


def complete(*words):
    script = 'source "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); compopt () { :; }; _bubus; '
    script += 'printf "%s\\n" "${COMPREPLY[@]}"'
    path = str(Path(support.BUBUS).parent) + ":" + os.environ["PATH"]
    output = subprocess.run(
        ["bash", "-c", script, "bash", str(COMPLETIONS / "bubus"), *words],
        stdout=subprocess.PIPE,
        env={**os.environ, "PATH": path},
        timeout=support.DEADLINE,
        check=True,
    ).stdout.decode()
    return set(output.split())


def test_bash_completion():
    if shutil.which("bash") is None:
        return
    equal(complete("bubus", ""), {*VERBS, "--help", "--version"})
    equal(complete("bubus", "run", "--pl"), {"--plugin-path", "--plugins"})
    equal(complete("bubus", "run", "--output", ""), {"text", "json", "none"})
    equal(complete("bubus", "run", "--output", "=", "j"), {"json"})
    equal(complete("bubus", "run", "--plugins", "ord"), {"orders"})
    equal(complete("bubus", "run", "--plugins", "x,ord"), {"x,orders"})
    equal(complete("bubus", "types", "--plugins", "orders", "Ship"), {"ShipOrderEvent"})


support.main(globals())
