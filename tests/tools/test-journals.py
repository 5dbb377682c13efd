# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs that read journals: replay, tail, verify and stats."""

import gzip
import json
import os
import signal
from pathlib import Path

import support
from support import check, equal, event, finish, folder, line, run, start, wait_for_line

SAMPLES = Path(os.environ["BUBUS_TEST_SAMPLES"])
ORDERS = SAMPLES / "orders.expected.jsonl"
ACCOUNTS = SAMPLES / "accounts.jsonl"


def write(path, *lines):
    path.write_bytes(b"".join(lines))
    return path


def completed(number, **members):
    return line(
        number,
        event_status="completed",
        event_started_at="2026-11-21T08:54:12.660253552Z",
        event_completed_at=f"2026-11-21T08:54:12.{660 + number:03}253552Z",
        **members,
    )


def ident(number):
    return event(number)["event_id"]


def numbers(outcome):
    return [each["number"] for each in outcome.events()]


# What other runtimes have recorded.


def test_verify_recorded():
    outcome = run("verify", ORDERS)
    check(outcome, 0)
    n_lines = len(ORDERS.read_bytes().splitlines())
    assert outcome.stdout.decode().startswith(f"{n_lines} lines, 0 with a checksum, 0 malformed\n"), outcome


def test_stats_of_recorded():
    outcome = run("stats", ORDERS)
    check(outcome, 0)
    counted = {}
    for text in ORDERS.read_bytes().splitlines():
        name = json.loads(text)["event_type"]
        counted[name] = counted.get(name, 0) + 1
    rows = [row.split() for row in outcome.stdout.decode().splitlines()[1:]]
    equal({row[-1]: int(row[0]) for row in rows}, counted)


def test_replay_recorded():
    outcome = run("replay", "--dry-run", ORDERS)
    n_lines = len(ORDERS.read_bytes().splitlines())
    check(outcome, 0, f"{n_lines} events replayed, 0 malformed")
    equal(outcome.stdout, b"")


def test_journal_of_a_run():
    with folder() as name:
        path = Path(name) / "journal.jsonl"
        check(run("run", "--output", "none", "--wal", path, stdin=line(1) + line(2)), 0)
        check(run("verify", path), 0)
        outcome = run("replay", "--output", "json", path)
        check(outcome, 0, "2 events replayed")
        equal(numbers(outcome), [1, 2])


# What editors and other systems put around lines: every verb takes it as “run” does.


def test_marks():
    with folder() as name:
        path = Path(name) / "journal.jsonl"
        lines = [completed(1), completed(2)]
        write(path, b"\xef\xbb\xbf", lines[0].replace(b"\n", b"\r\n"), b"\r\n \t\r\n\n", lines[1])
        check(run("run", "--output", "none", path), 0, "2 lines read, 0 malformed")
        check(run("replay", "--output", "none", path), 0, "2 events replayed, 0 malformed")
        check(run("stats", path), 0)
        check(run("tree", path), 0)
        assert run("verify", path).stdout.startswith(b"2 lines, 0 with a checksum, 0 malformed\n")
        outcome = run("tail", "--output", "json", path)
        check(outcome, 0)
        equal(outcome.stdout, b"".join(lines))


# verify


def test_verify_pipe():
    lines = b"".join(completed(number, padding="x" * 500) for number in range(1, 301))
    outcome = run("verify", "/dev/stdin", stdin=lines)
    check(outcome, 0)
    assert outcome.stdout.startswith(b"300 lines, 0 with a checksum, 0 malformed\n"), outcome


# Lines of the original have no status, and are of events that it has handled.
def test_verify_original():
    outcome = run("verify", ACCOUNTS)
    check(outcome, 0)
    n_lines = len(ACCOUNTS.read_bytes().splitlines())
    assert n_lines > 0
    equal(
        outcome.stdout.decode(),
        f"{n_lines} lines, 0 with a checksum, 0 malformed\n0 events are not complete\n",
    )


def test_verify_unfinished():
    with folder() as name:
        pending = [line(number, event_status="pending", payload={"event_status": "completed"}) for number in range(4)]
        refused = line(3, event_status="pending", journal_refused="no")
        path = write(Path(name) / "j.jsonl", *pending, completed(2), refused)
        outcome = run("verify", path)
        check(outcome, 0)
        assert outcome.stdout.decode().endswith("\n2 events are not complete\n"), outcome


def test_verify_malformed():
    with folder() as name:
        lines = [line(number, event_status="pending") for number in (1, 2)]
        path = write(Path(name) / "j.jsonl", lines[0], b"{]\n", b"\xff\n", lines[1], b'{"event_type"')
        outcome = run("verify", path)
        check(outcome, 1, f"{path}:2:2: ", f"{path}:3:")
        equal(
            outcome.stdout.decode(),
            "4 lines, 0 with a checksum, 2 malformed\n2 events are not complete\nthe last line is not complete\n",
        )


def test_last_line_without_end():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", line(1), line(2).rstrip(b"\n"))
        for verb in ("tree", "stats", "replay"):
            check(run(verb, path), 0, "the last line is not complete, and is left out")


def test_verify_missing():
    check(run("verify", "/nowhere/journal.jsonl"), 2, "/nowhere/journal.jsonl")
    check(run("verify"), 2, "one file must be named")
    check(run("verify", "--since", "yesterday", "x"), 2)
    check(run("verify", "--status", "odd", ORDERS), 2, "odd")


def test_verify_folder():
    with folder() as name:
        check(run("verify", name), 1)


# stats


def test_stats():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", line(1), *[completed(number) for number in range(1, 101)])
        outcome = run("stats", path)
        check(outcome, 0)
        row = outcome.stdout.decode().splitlines()[1].split()
        equal(row, ["100", "100", "0", "50.000", "90.000", "99.000", "100.000", "PingEvent"])


# tree


def test_tree_of_recorded():
    outcome = run("tree", ORDERS, env={"LC_ALL": "C"})
    check(outcome, 0)
    lines = outcome.stdout.decode().splitlines()
    events = [json.loads(text) for text in ORDERS.read_bytes().splitlines()]
    ids = {each["event_id"] for each in events}
    roots = [each for each in events if each["event_parent_id"] not in ids]
    n_results = sum(len(each.get("event_results", {})) for each in events)
    equal(len(lines), len(events) + n_results)
    equal(sum(text.startswith(("|-- ", "`-- ")) for text in lines), len(roots))


def test_tree():
    with folder() as name:
        parent = event(1)["event_id"]
        child = event(2)["event_id"]
        path = write(
            Path(name) / "j.jsonl",
            line(3, "GrandchildEvent", event_parent_id=child),
            line(2, "ChildEvent", event_parent_id=parent),
            line(1),
            completed(1),
            line(4, "OtherEvent"),
        )
        outcome = run("tree", path, env={"LC_ALL": "C"})
        check(outcome, 0)
        shape = [text.split("#")[0].rstrip() for text in outcome.stdout.decode().splitlines()]
        equal([text.rfind("-- ") for text in shape], [1, 5, 9, 1])
        for text, event_type in zip(shape, ("PingEvent", "ChildEvent", "GrandchildEvent", "OtherEvent")):
            assert text.endswith(event_type), text


def test_tree_without_end():
    """Events that are each other's parents, and a line of descent that is longer than any stack."""
    with folder() as name:
        chain = [line(10)]
        chain += [line(number, event_parent_id=ident(number - 1)) for number in range(11, 5000)]
        ring = [line(1, event_parent_id=ident(2)), line(2, event_parent_id=ident(1))]
        path = write(Path(name) / "j.jsonl", *ring, *chain)
        outcome = run("tree", path, env={"LC_ALL": "C"})
        check(outcome, 0)
        shown = [text for text in outcome.stdout.decode().splitlines() if "PingEvent#" in text]
        assert len(shown) >= 2 + 4990, len(shown)
        assert max(len(text) for text in shown) < 2000


# tail


def test_tail():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", *[line(number) for number in range(1, 31)])
        equal(numbers(run("tail", "--output", "json", path)), list(range(21, 31)))
        equal(numbers(run("tail", "--output", "json", "-n", 2, path)), [29, 30])
        equal(numbers(run("tail", "--output", "json", "-n", 0, path)), [])
        text = run("tail", "-n", 1, path).stdout.decode()
        assert "PingEvent" in text and text.count("\n") == 1, text
        check(run("tail", "-n", -1, path), 2)
        check(run("tail", "--output", "odd", path), 2, "odd")


def test_tail_reads_what_was_put_aside():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", line(3))
        Path(f"{path}.000001.gz").write_bytes(gzip.compress(line(1)))
        write(Path(f"{path}.000002"), line(2))
        equal(numbers(run("tail", "--output", "json", path)), [1, 2, 3])


def test_filters():
    with folder() as name:
        parent = event(1)["event_id"]
        path = write(
            Path(name) / "j.jsonl",
            line(1),
            line(2, "PongEvent", event_parent_id=parent),
            completed(3, event_created_at="2026-11-21T09:00:00.000000000Z"),
        )

        def wanted(*options):
            return numbers(run("tail", "--output", "json", *options, path))

        equal(wanted("--type", "Po*"), [2])
        equal(wanted("--id", parent.upper()), [1])
        equal(wanted("--parent", parent), [2])
        equal(wanted("--status", "completed"), [3])
        equal(wanted("--since", "2026-11-21T08:59:00Z"), [3])
        equal(wanted("--until", "2026-11-21T08:59:00Z"), [1, 2])


def follow(path):
    return start("tail", "-f", "--output", "json", path)


def interrupt(process):
    process.send_signal(signal.SIGINT)
    outcome = finish(process)
    check(outcome, 0)


def test_follow():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", line(1))
        process = follow(path)
        equal(json.loads(wait_for_line(process.stdout))["number"], 1)
        with path.open("ab") as stream:
            stream.write(line(2)[:20])
            stream.flush()
            stream.write(line(2)[20:])
        equal(json.loads(wait_for_line(process.stdout))["number"], 2)
        interrupt(process)


def test_follow_through_rotation():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", line(1))
        process = follow(path)
        equal(json.loads(wait_for_line(process.stdout))["number"], 1)
        path.rename(f"{path}.000001")
        with open(f"{path}.000001", "ab") as stream:
            stream.write(line(2))
        write(path, line(3))
        equal(json.loads(wait_for_line(process.stdout))["number"], 2)
        equal(json.loads(wait_for_line(process.stdout))["number"], 3)
        interrupt(process)


def test_follow_before_it_exists():
    with folder() as name:
        path = Path(name) / "j.jsonl"
        process = follow(path)
        write(path, line(1))
        equal(json.loads(wait_for_line(process.stdout))["number"], 1)
        interrupt(process)


# replay


def test_replay_each_once():
    with folder() as name:
        path = write(Path(name) / "j.jsonl", line(1), completed(1), b"odd\n", line(2))
        outcome = run("replay", "--output", "json", path)
        check(outcome, 1, f"{path}:3:", "2 events replayed, 1 malformed")
        equal(numbers(outcome), [1, 2])
        check(run("replay", "--speed", "-1", path), 2)
        check(run("replay", "--speed", "nan", path), 2, "a speed cannot be negative")


def test_replay_at_speed():
    with folder() as name:
        path = write(
            Path(name) / "j.jsonl",
            line(1),
            line(2, event_created_at="2026-11-21T08:54:22.660253552Z"),
        )
        outcome = run("replay", "--speed", "1000", "--output", "json", path)
        check(outcome, 0)
        equal(numbers(outcome), [1, 2])


support.main(globals())
