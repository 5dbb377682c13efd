# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host with more rights than its caller: the caller's environment means nothing to it.

Only root can make such programs: copies of the two that are given, which are set-uid, or have a capability.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HOST, COMMAND, PLUGINS = (Path(argument) for argument in sys.argv[1:])
NOBODY = 65534
MARK = "the caller's program"


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit()


def run(program, *arguments, user=0, **environment):
    outcome = subprocess.run(
        [program, *arguments], env={"LC_ALL": "C.UTF-8", **environment}, user=user, group=user, extra_groups=[],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    return outcome.stdout


def copy(program, folder):
    path = folder / program.name
    shutil.copyfile(program, path)
    return path


def set_uid(program, folder):
    path = copy(program, folder)
    path.chmod(0o4755)
    return path


def give_capability(program, folder):
    path = copy(program, folder)
    path.chmod(0o755)
    setcap = shutil.which("setcap", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if setcap is None or subprocess.run([setcap, "cap_net_raw=ep", path], check=False).returncode != 0:
        return None
    return path


def add_plugin(folder, name, lines):
    (folder / f"{name}.plugin").write_text(f"[Plugin]\nModule={name}\nName={name}\n{lines}")


def make_loaders(folder):
    """What BUBUS_LOADER_PATH leads to: nothing is wrong with it but that the caller has chosen it."""
    folder.mkdir()
    worker = folder / "bubus-worker"
    worker.write_text(f'#!/bin/sh\necho "{MARK}"\n')
    worker.chmod(0o755)
    return folder


def make_plugins(folder):
    folder.mkdir()
    shutil.copyfile(PLUGINS / "libminimal.so", folder / "libminimal.so")
    shutil.copyfile(PLUGINS / "libminimal.so", folder / "libisolated.so")
    (folder / "script.js").write_text("export function activate() {}\n")
    add_plugin(folder, "minimal", "")
    add_plugin(folder, "isolated", "X-Bubus-Isolation=process\n")
    add_plugin(folder, "script", "Loader=js\n")
    return folder


def check_host(program, user, plugins, loaders):
    def activate(name):
        first, *rest = run(program, plugins, name, user=user, BUBUS_LOADER_PATH=str(loaders)).splitlines()
        assert first == "privileged", f"{first}: are set-uid programs ignored here?"
        return "\n".join(rest)

    assert activate("minimal") == "active", activate("minimal")
    isolated = activate("isolated")
    assert MARK not in isolated and str(loaders) not in isolated, isolated
    assert "more rights than its caller can only use plugins in C" in activate("script"), activate("script")


def check_command(program, user, plugins):
    assert "minimal" not in run(program, "plugins", user=user, BUBUS_PLUGIN_PATH=str(plugins))
    assert "minimal" in run(program, "plugins", "--plugin-path", plugins, user=user)


def main():
    if os.geteuid() != 0:
        skip("only root can make a program that has more rights than its caller")

    with tempfile.TemporaryDirectory(prefix="bubus-privileged-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        privileged = set_uid(HOST, folder)
        plugins = make_plugins(folder / "plugins")
        loaders = make_loaders(folder / "loaders")
        first = run(privileged, plugins, "minimal", user=NOBODY).partition("\n")[0]
        if first != "privileged":
            skip(f"a set-uid program in {folder} is “{first}”")

        print("1..3")
        ordinary = run(HOST, plugins, "isolated", BUBUS_LOADER_PATH=str(loaders))
        assert ordinary.startswith("ordinary\n") and MARK in ordinary, ordinary
        assert "minimal" in run(COMMAND, "plugins", BUBUS_PLUGIN_PATH=str(plugins))
        print("ok 1 - an ordinary host obeys the environment")

        check_host(privileged, NOBODY, plugins, loaders)
        check_command(set_uid(COMMAND, folder), NOBODY, plugins)
        print("ok 2 - a set-uid host ignores the environment")

        privileged = give_capability(HOST, folder)
        if privileged is None:
            print("ok 3 # SKIP no capability can be given to a file here")
            return
        check_host(privileged, NOBODY, plugins, loaders)
        check_command(give_capability(COMMAND, folder), NOBODY, plugins)
        print("ok 3 - a host with a capability ignores the environment")


main()
