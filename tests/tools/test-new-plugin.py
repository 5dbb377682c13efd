# SPDX-License-Identifier: LGPL-2.1-or-later
"""`bubus new-plugin`, and the tutorial: both as a project outside sees them, with what is installed."""

import itertools
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import support
from support import check, equal, folder, run

BUILD = os.environ["BUBUS_TEST_BUILD"]
GUIDE = Path(os.environ["BUBUS_TEST_SOURCE"], "doc", "guide", "plugins.md")
INTERPRETERS = os.environ["BUBUS_TEST_INTERPRETERS"].split()
MESON = os.environ["BUBUS_TEST_MESON"]
DEADLINE = 120

stages = []
numbers = itertools.count(1)


def stage():
    """Installs once into a directory of its own, and gives the environment in which that is found."""
    if not stages:
        root = tempfile.TemporaryDirectory(prefix="bubus-stage-")
        call([MESON, "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root.name], root.name)
        stages.append((root, find_installed(Path(root.name))))
    return stages[0][1]


def find_installed(root):
    """What would be found by itself in its final place must be named in another one."""
    (pkgconfig,) = {path.parent for path in root.rglob("bubus*-1.pc")}
    for path in pkgconfig.glob("*.pc"):
        text = path.read_text()
        path.write_text(re.sub(r"^prefix=", f"prefix={root}", text, flags=re.MULTILINE))
    library = pkgconfig.parent
    (command,) = root.rglob("bin/bubus")
    return {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(library),
        "PKG_CONFIG_PATH": str(pkgconfig),
        "GI_TYPELIB_PATH": str(library / "girepository-1.0"),
        "BUBUS_LOADER_PATH": str(library / "bubus-1" / "loaders"),
        "BUBUS_PLUGIN_PATH": "",
    }


def call(command, directory, environment=None):
    process = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=DEADLINE,
    )
    assert process.returncode == 0, f"{command} in {directory}:\n{process.stdout.decode()}"
    return process.stdout.decode()


def make(directory, name, language):
    outcome = run("new-plugin", name, "--language", language, cwd=directory)
    check(outcome, 0)
    return Path(directory, name)


def test_files():
    with folder() as directory:
        old = os.umask(0o002)
        plugin = make(directory, "my_plugin2", "c")
        os.umask(old)
        names = {"my_plugin2.c", "my_plugin2.plugin", "meson.build", "test.jsonl", "check"}
        equal({path.name for path in plugin.iterdir()}, names)
        for path in [plugin, *plugin.iterdir()]:
            equal(stat.S_IMODE(path.stat().st_mode) & 0o022, 0)
            if path.is_file():
                assert "@" not in path.read_text(), path.read_text()


def test_refused():
    with folder() as directory:
        for name in ("Upper", "my-plugin", "2nd", "a/b", "..", ""):
            check(run("new-plugin", name, cwd=directory), 2)
        check(run("new-plugin", cwd=directory), 2, "one name")
        check(run("new-plugin", "a", "b", cwd=directory), 2, "one name")
        check(run("new-plugin", "good", "--language", "cobol", cwd=directory), 2, "cobol")
        equal(os.listdir(directory), [])


def test_existing_directory():
    with folder() as directory:
        os.mkdir(os.path.join(directory, "mine"))
        check(run("new-plugin", "mine", cwd=directory), 1, "mine")
        equal(os.listdir(os.path.join(directory, "mine")), [])


def test_in_c():
    """Builds without a warning, with what pkg-config says, and passes its own test."""
    if not MESON:
        return
    with folder() as directory:
        plugin = make(directory, "out_of_tree", "c")
        call([MESON, "setup", "--werror", "build"], plugin, stage())
        call([MESON, "test", "-C", "build"], plugin, stage())


def test_in_other_languages():
    for language in INTERPRETERS:
        with folder() as directory:
            plugin = make(directory, f"in_{language}", language)
            assert f"in_{language} works" in call(["./check"], plugin, stage() if MESON else in_build_tree())


def in_build_tree():
    return {"PATH": f"{Path(support.BUBUS).parent}:{os.environ['PATH']}"}


def test_check_fails():
    """The plugin's own test sees when the plugin does something else."""
    for language in INTERPRETERS:
        with folder() as directory:
            plugin = make(directory, f"bad_{language}", language)
            (source,) = [path for path in plugin.iterdir() if path.suffix in (".py", ".js")]
            source.write_text(source.read_text().replace("Hello", "Goodbye"))
            environment = {**os.environ, **in_build_tree()}
            process = subprocess.run(["./check"], cwd=plugin, env=environment, capture_output=True, timeout=DEADLINE)
            equal(process.returncode, 1)


def test_watch():
    """A change of the code is seen by the next event, and wrong code until it is mended."""
    for language in INTERPRETERS:
        with folder() as directory:
            plugin = make(directory, f"watched_{language}", language)
            (source,) = [path for path in plugin.iterdir() if path.suffix in (".py", ".js")]
            strip_types(source)
            options = ("--plugin-path", plugin, "--plugins", plugin.name, "--output", "json", "--watch")
            process = support.start("run", *options)
            equal(greet(process), "Hello")
            replace(source, "Hello", "Welcome")
            assert b"reloaded" in support.wait_for_line(process.stderr)
            equal(greet(process), "Welcome")
            replace(source, '"Welcome"', '"(')
            while b"SyntaxError" not in support.wait_for_line(process.stderr):
                pass
            replace(source, '"(', '"Hello again"')
            while b"reloaded" not in support.wait_for_line(process.stderr):
                pass
            equal(greet(process), "Hello again")
            check(support.finish(process), 0)


def strip_types(source):
    """Leaves a plugin of a function, as types are for ever."""
    if source.suffix == ".py":
        text = """from gi.repository import BubusHost, GObject
class WatchedPlugin(GObject.Object, BubusHost.Plugin):
    def do_activate(self, context):
        context.on_pattern(None, "PingEvent", "greet", lambda event, invocation: invocation.return_string("Hello"))
"""
    else:
        text = """export function activate(context) {
    context.on_pattern(null, 'PingEvent', 'greet', (event, invocation) => invocation.return_string("Hello"));
}
"""
    source.write_text(text)


def replace(path, old, new):
    """In one step, as editors do."""
    copy = path.with_suffix(".new")
    copy.write_text(path.read_text().replace(old, new))
    copy.chmod(0o644)
    copy.replace(path)


def greet(process):
    process.stdin.write(support.line(next(numbers)))
    process.stdin.flush()
    (result,) = json.loads(support.wait_for_line(process.stdout))["event_results"].values()
    return result["result"]


def commands_of(title):
    """All shell commands of a section of the guide, word for word."""
    section = re.split(rf"^## {title}$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))


def test_tutorial():
    if not MESON or set(INTERPRETERS) != {"python", "js"}:
        return
    with folder() as directory:
        output = call(["sh", "-e", "-c", commands_of("Your first plugin")], directory, stage())
        for text in ("HelloEvent", "handler greet of HelloEvent on MainBus", "PyhelloEvent", "JshelloEvent"):
            assert text in output, output


support.main(globals())
