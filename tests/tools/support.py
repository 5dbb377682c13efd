# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the bubus command have in common: they are functions that raise when something is wrong."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

# Long enough for a slow machine with a sanitizer; nothing waits for it to pass.
DEADLINE = 60

BUBUS = None


def event(number, event_type="PingEvent", **members):
    """One event in the wire form, as a dictionary."""
    return {
        "event_type": event_type,
        "event_id": f"01a1fd50-2db4-746f-a4d6-{number:012x}",
        "event_created_at": "2026-11-21T08:54:12.660253552Z",
        "event_timeout": None,
        "number": number,
        **members,
    }


def line(number, event_type="PingEvent", **members):
    return json.dumps(event(number, event_type, **members), ensure_ascii=False).encode() + b"\n"


def restore_signals():
    """Shells let what they start in the background ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def start(*arguments, env=None, **options):
    options.setdefault("stdin", subprocess.PIPE)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen(
        [BUBUS, *map(str, arguments)],
        env={**os.environ, **(env or {})},
        preexec_fn=restore_signals,
        **options,
    )


class Outcome:
    def __init__(self, status, stdout, stderr):
        self.status = status
        self.stdout = stdout or b""
        self.stderr = (stderr or b"").decode("utf-8", errors="replace")

    def events(self):
        return [json.loads(text) for text in self.stdout.splitlines()]

    def __str__(self):
        return f"status {self.status}\nstdout: {self.stdout[:2000]!r}\nstderr:\n{self.stderr[:4000]}"


def check_no_criticals(outcome):
    for word in ("CRITICAL", "WARNING", "AddressSanitizer", "LeakSanitizer", "runtime error"):
        assert word not in outcome.stderr, f"{word} in the messages\n{outcome}"


def finish(process, stdin=None):
    stdout, stderr = process.communicate(stdin, timeout=DEADLINE)
    outcome = Outcome(process.returncode, stdout, stderr)
    check_no_criticals(outcome)
    return outcome


def run(*arguments, stdin=b"", **options):
    return finish(start(*arguments, **options), stdin)


def check(outcome, status, *messages):
    """The exit status, and texts that must stand in the messages."""
    assert outcome.status == status, f"status {outcome.status}, not {status}\n{outcome}"
    for message in messages:
        assert message in outcome.stderr, f"“{message}” is not among the messages\n{outcome}"


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def wait_for_line(stream):
    """The next line of a pipe, or an error when it does not come in time."""
    signal.alarm(DEADLINE)
    text = stream.readline()
    signal.alarm(0)
    assert text.endswith(b"\n"), f"the output ended early with {text!r}"
    return text


def folder():
    return tempfile.TemporaryDirectory(prefix="bubus-test-")


def show_failure():
    for text in traceback.format_exc().splitlines():
        print(f"# {text}")


def run_test(number, name, function):
    try:
        function()
    except Exception:
        show_failure()
        print(f"not ok {number} {name}")
        return False
    print(f"ok {number} {name}", flush=True)
    return True


def main(tests):
    """Run every function of @tests that is called test_…; the first argument is the command."""
    global BUBUS
    BUBUS = str(Path(sys.argv[1]).resolve())
    names = [name for name in tests if name.startswith("test_")]
    print(f"1..{len(names)}", flush=True)
    passed = [
        run_test(number, name.removeprefix("test_").replace("_", " "), tests[name])
        for number, name in enumerate(names, 1)
    ]
    sys.exit(0 if all(passed) else 1)
