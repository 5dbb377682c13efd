# SPDX-License-Identifier: LGPL-2.1-or-later
"""Events that come while the command runs, and signals."""

import fcntl
import json
import os
import signal
import struct
import subprocess
import tempfile
import termios

import support
from support import check, equal, event, finish, folder, line, start, wait_for_line


# fcntl has it from Python 3.10 on.
F_SETPIPE_SZ = 1031


def pause():
    """Between two looks at something that tells nobody when it changes."""
    signal.sigtimedwait([], 0.01)


def write(process, data):
    process.stdin.write(data)
    process.stdin.flush()


def answer(process):
    return json.loads(wait_for_line(process.stdout))["number"]


def started(*arguments, **options):
    """A run that is known to have handled one event, and to wait for more."""
    process = start("run", "--output", "json", *arguments, **options)
    write(process, line(1))
    equal(answer(process), 1)
    return process


def test_open_pipe():
    process = started()
    for number in range(2, 12):
        write(process, line(number))
        equal(answer(process), number)
    check(finish(process), 0, "11 events")


def test_line_in_pieces():
    process = started()
    text = line(2)
    for place in range(0, len(text), 7):
        write(process, text[place : place + 7])
    equal(answer(process), 2)
    check(finish(process), 0)


def test_last_line_without_newline_waits_for_the_end():
    process = started()
    check_rest = finish(process, line(2).rstrip(b"\n"))
    check(check_rest, 0, "2 events")
    equal(check_rest.events()[0]["number"], 2)


def test_text_comes_at_once():
    process = start("run", "--output", "text")
    write(process, line(1))
    assert b"PingEvent#0001" in wait_for_line(process.stdout)
    check(finish(process), 0)


def test_named_pipe():
    with folder() as name:
        path = os.path.join(name, "pipe")
        os.mkfifo(path)
        process = start("run", "--output", "json", path)
        with open(path, "wb", buffering=0) as pipe:
            pipe.write(line(1))
            equal(answer(process), 1)
        check(finish(process), 0)


def test_several_files_with_standard_input_between():
    with folder() as name:
        paths = []
        for number in (1, 3):
            paths.append(os.path.join(name, f"{number}.jsonl"))
            with open(paths[-1], "wb") as file:
                file.write(line(number))
        process = start("run", "--output", "json", paths[0], "-", paths[1])
        outcome = finish(process, line(2))
        check(outcome, 0)
        equal([e["number"] for e in outcome.events()], [1, 2, 3])


def test_file_as_standard_input():
    with tempfile.TemporaryFile() as file:
        file.write(line(1) + line(2))
        file.seek(0)
        check(finish(start("run", stdin=file)), 0, "2 events")


def test_no_standard_input():
    check(finish(start("run", stdin=subprocess.DEVNULL)), 0, "0 events")


def test_many_events():
    """More than a bus takes at once, and more than fits into any buffer."""
    stream = b"".join(line(number, text="x" * 200) for number in range(5000))
    outcome = finish(start("run", "--output", "json"), stream)
    check(outcome, 0, "5000 events")
    equal([e["number"] for e in outcome.events()], list(range(5000)))


def test_slow_reader_slows_the_writer():
    """Nobody reads the output: the command must not swallow the whole stream meanwhile."""
    process = start("run", "--output", "json")
    os.set_blocking(process.stdin.fileno(), False)
    piece = b"".join(line(number, text="x" * 2000) for number in range(1, 100))
    written = 0
    stuck = 0
    while stuck < 50 and written < 64 * 1024 * 1024:
        try:
            written += os.write(process.stdin.fileno(), piece)
            stuck = 0
        except BlockingIOError:
            stuck += 1
            pause()
    process.kill()
    process.communicate()
    assert written < 64 * 1024 * 1024, f"{written} bytes were taken"


def check_interrupted(number):
    process = started()
    process.send_signal(number)
    # Standard input is still open: the command ends by itself.
    equal(process.wait(support.DEADLINE), 0)
    check(finish(process), 0, "1 events")


def test_sigint():
    check_interrupted(signal.SIGINT)


def test_sigterm():
    check_interrupted(signal.SIGTERM)


def test_signal_drains():
    """What was read before the signal is handled: all orders that were begun are finished."""
    sample = os.environ["BUBUS_TEST_SAMPLES"] + "/../../../data/samples/orders.jsonl"
    process = start("run", "--bus", "ShopBus", "--plugins", "orders", "--output", "json")
    with open(sample, "rb") as file:
        write(process, b"".join(next(file) for _ in range(20)))
    first = wait_for_line(process.stdout)
    process.send_signal(signal.SIGTERM)
    # Standard input stays open until the command has closed its side.
    events = [json.loads(text) for text in (first, *process.stdout)]
    check(finish(process), 0)
    equal({e["event_status"] for e in events}, {"completed"})
    parents = {e["event_parent_id"] for e in events} - {None}
    assert parents <= {e["event_id"] for e in events}, "an order was begun and not finished"


def waiting_bytes(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"))[0]


def started_and_stuck():
    """A run that cannot go on because nobody reads what it writes."""
    process = start("run", "--output", "json")
    room = fcntl.fcntl(process.stdout, F_SETPIPE_SZ, 4096)
    write(process, b"".join(line(number, text="x" * 2000) for number in range(1, 25)))
    while waiting_bytes(process.stdout) < room:
        pause()
    return process


def test_second_signal_ends_at_once():
    for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM)):
        process = started_and_stuck()
        process.send_signal(first)
        while process.poll() is None:
            process.send_signal(second)
            pause()
        equal(process.returncode, -second)
        process.communicate()


def test_ignored_sigint_stays_ignored():
    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = subprocess.Popen(
        [support.BUBUS, "run", "--output", "json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=ignore,
    )
    write(process, line(1))
    equal(answer(process), 1)
    process.send_signal(signal.SIGINT)
    write(process, line(2))
    equal(answer(process), 2)
    check(finish(process), 0, "2 events")


def test_recorded_state_is_reset():
    recorded = event(
        1,
        event_status="completed",
        event_started_at="2026-11-21T08:54:12.660253552Z",
        event_completed_at="2026-11-21T08:54:13.660253552Z",
        event_path=["ShopBus#6d82"],
        event_parent_id="01a1fd50-2db4-746f-a4d6-ffffffffffff",
        event_emitted_by_handler_id="f8ba19d7-d754-5e39-b007-09d2b328f7ef",
        event_results={},
    )
    outcome = finish(start("run", "--output", "json"), json.dumps(recorded).encode())
    check(outcome, 0)
    (after,) = outcome.events()
    for name in ("event_id", "event_parent_id", "event_created_at", "number"):
        equal(after[name], recorded[name])
    equal(after["event_status"], "completed")
    assert after["event_completed_at"] != recorded["event_completed_at"]
    equal(len(after["event_path"]), 1)
    assert after["event_path"][0].startswith("MainBus#"), after["event_path"]
    equal(after["event_emitted_by_handler_id"], None)


support.main(globals())
