# SPDX-License-Identifier: LGPL-2.1-or-later
"""The history in SQLite that a run leaves, and the verb that reads it."""

import json
import os
import sqlite3
from pathlib import Path

import support
from support import check, equal, event, finish, folder, line, run, start, wait_for_line

WITHOUT = os.environ["BUBUS_TEST_SQLITE"] != "yes"


def with_history(path, *arguments):
    return ("run", "--plugins", "sqlite", "--set", f"sqlite.file={path}", "--output", "none", *arguments)


def make(path, *lines):
    check(run(*with_history(path), stdin=b"".join(lines)), 0)
    return path


def numbers(outcome):
    return [each["number"] for each in outcome.events()]


def query(path, *arguments):
    outcome = run("query", "--output", "json", *arguments, path)
    check(outcome, 0)
    return outcome


def execute(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(*statement)
    connection.commit()
    connection.close()


def count(path, table="events_log", condition="phase = 'completed'"):
    connection = sqlite3.connect(path)
    (number,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()
    connection.close()
    return number


def check_whole(path):
    connection = sqlite3.connect(path)
    equal(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    connection.close()


# What is asked for.


def test_filters():
    with folder() as name:
        path = make(
            Path(name) / "history",
            line(1, "PingEvent", event_created_at="2026-01-01T00:00:00Z"),
            line(2, "PongEvent", event_created_at="2026-01-02T00:00:00Z", event_parent_id=event(1)["event_id"]),
            line(3, "Ping[1]", event_created_at="2026-01-03T00:00:00Z"),
        )
        equal(numbers(query(path)), [1, 2, 3])
        equal(numbers(query(path, "--type", "Pi*")), [1, 3])
        equal(numbers(query(path, "--type", "Ping[1]")), [3])
        equal(numbers(query(path, "--type", "P?ngEvent")), [1, 2])
        equal(numbers(query(path, "--id", event(2)["event_id"].upper())), [2])
        equal(numbers(query(path, "--parent", event(1)["event_id"])), [2])
        equal(numbers(query(path, "--since", "2026-01-02T00:00:00Z")), [2, 3])
        equal(numbers(query(path, "--until", "2026-01-02T00:00:00Z")), [1])
        equal(numbers(query(path, "--status", "completed")), [1, 2, 3])
        equal(numbers(query(path, "--status", "pending")), [])
        equal(numbers(query(path, "--limit", "2")), [2, 3])
        equal(numbers(query(path, "-n", "1", "--type", "PingEvent")), [1])
        equal(numbers(query(path, "-n", "0")), [])
        equal(numbers(query(path, "--error")), [])


def test_text():
    with folder() as name:
        path = make(Path(name) / "history", line(1))
        outcome = run("query", path)
        check(outcome, 0)
        assert b"PingEvent#0001" in outcome.stdout, outcome
        equal(outcome.stdout.count(b"\n"), 1)


def test_errors_and_results():
    orders = Path(os.environ["BUBUS_TEST_SAMPLES"]) / ".." / ".." / ".." / "data" / "samples" / "orders.jsonl"
    with folder() as name:
        path = Path(name) / "history"
        arguments = ("--plugins", "orders", "--bus", "ShopBus")
        check(run(*with_history(path), *arguments, "--set", "sqlite.buses=WarehouseBus;", orders), 0)
        failed = query(path, "--error", "--type", "ChargeCardEvent").events()
        assert failed and all(
            any(result["status"] == "error" for result in each["event_results"].values()) for each in failed
        ), failed
        results = query(path, "--results", "--error", "--type", "ChargeCardEvent").events()
        equal({each["event_id"] for each in results}, {each["event_id"] for each in failed})
        equal({each["status"] for each in results}, {"error"})
        outcome = run("query", "--results", "--error", "-n", "1", path)
        check(outcome, 0)
        assert b" error: " in outcome.stdout, outcome
        equal(len(query(path).events()), count(path))


def test_nothing_is_sql():
    with folder() as name:
        path = make(Path(name) / "history", line(1))
        for option in ("--type", "--id", "--parent"):
            equal(numbers(query(path, option, "x' OR '1'='1")), [])
            equal(numbers(query(path, option, "x'; DROP TABLE events_log; --")), [])
        equal(numbers(query(path)), [1])


def test_while_it_is_written():
    with folder() as name:
        path = make(Path(name) / "history", line(1))
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        equal(numbers(query(path)), [1])
        connection.close()


# What is refused.


def test_misuse():
    with folder() as name:
        path = make(Path(name) / "history", line(1))
        for arguments in (
            ("query",),
            ("query", path, path),
            ("query", "--status", "eaten", path),
            ("query", "--since", "yesterday", path),
            ("query", "--output", "poem", path),
            ("query", "--limit", "few", path),
        ):
            check(run(*arguments), 2, "bubus query: ")
        check(run("query", Path(name) / "nothing"), 2, "No such file")


def test_foreign():
    with folder() as name:
        path = Path(name) / "file"
        path.write_bytes(line(1) * 100)
        check(run("query", path), 2, "file is not a database")
        check(run(*with_history(path)), 2, "file is not a database")
        equal(path.read_bytes(), line(1) * 100)
        path.unlink()

        execute(path, ("CREATE TABLE events_log (event_json)",))
        check(run("query", path), 2, "database of another program")
        path.write_bytes(b"")
        check(run("query", path), 2, "no history in it yet")


def test_newer():
    with folder() as name:
        path = make(Path(name) / "history", line(1))
        execute(path, ("PRAGMA user_version = 99",))
        check(run("query", path), 2, "newer version")


def test_hostile():
    with folder() as name:
        path = make(Path(name) / "history", line(1), line(2), line(3))
        ids = [event(number)["event_id"] for number in (1, 2, 3)]
        execute(
            path,
            ("UPDATE events_log SET event_json = '{' WHERE event_id = ?", (ids[0],)),
            ("UPDATE events_log SET event_json = x'ff00ff' WHERE event_id = ?", (ids[1],)),
            (
                "INSERT INTO event_results_log VALUES (1, 'x', ?, 'x', ?, 'x', 'x', 'x', 'x', 'x', NULL, ?, ?, 'x')",
                (ids[2], "\x1b[2Jname", "an\nerror", '{"a":\n1}'),
            ),
        )
        outcome = run("query", "--output", "json", path)
        check(outcome, 1, "bubus query: ")
        equal(numbers(outcome), [3])
        outcome = run("query", "--results", path)
        check(outcome, 0)
        equal(outcome.stdout.count(b"\n"), 1)
        assert b"\x1b" not in outcome.stdout and b"\\u001b[2Jname" in outcome.stdout, outcome
        equal(run("query", "--results", "--output", "json", path).stdout, b'{"a":1}\n')


def test_corrupt():
    with folder() as name:
        path = make(Path(name) / "history", *(line(number) for number in range(500)))
        data = bytearray(path.read_bytes())
        data[8 * 4096 :] = b"\xff" * (len(data) - 8 * 4096)
        path.write_bytes(data)
        check(run("query", path), 1, "malformed")


# Several processes, and their end.


def test_two_processes():
    with folder() as name:
        path = Path(name) / "history"
        processes = [start(*with_history(path)) for _ in range(3)]
        for index, process in enumerate(processes):
            process.stdin.write(b"".join(line(number) for number in range(1000 * index, 1000 * index + 500)))
            process.stdin.flush()
        for process in processes:
            check(finish(process), 0)
        equal(count(path), 1500)
        equal(len(query(path).events()), 1500)
        check_whole(path)


def test_killed():
    with folder() as name:
        path = Path(name) / "history"
        arguments = list(with_history(path))
        arguments[arguments.index("none")] = "json"
        process = start(*arguments)
        for number in range(300):
            process.stdin.write(line(number))
            process.stdin.flush()
            wait_for_line(process.stdout)
            if number == 100:
                # The rows of the first ones are in the file by the time that they are seen there.
                while count(path) < 50:
                    pass
        process.kill()
        process.communicate(timeout=support.DEADLINE)
        known = query(path).events()
        assert 50 <= len(known) <= 300, len(known)
        equal([each["number"] for each in known], list(range(len(known))))
        check_whole(path)
        make(path, line(1000))
        equal(numbers(query(path, "-n", "1")), [1000])


def test_without():
    check(run("query", "history"), 2, "this program was built without SQLite")


tests = {name: test for name, test in globals().items() if (name == "test_without") == WITHOUT}
support.main(tests)
