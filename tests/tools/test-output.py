# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `bubus run` writes: events, trees, the summary and the journal."""

import json
import os
import pty
import re
import stat
from pathlib import Path

import support
from support import check, equal, finish, folder, line, run, start

SAMPLES = Path(os.environ["BUBUS_TEST_SAMPLES"])
ORDERS = SAMPLES / ".." / ".." / ".." / "data" / "samples" / "orders.jsonl"
ORDERS_OPTIONS = ("--bus", "ShopBus", "--plugins", "orders")


def orders(count):
    with open(ORDERS, "rb") as file:
        return b"".join(next(file) for _ in range(count))


def run_orders(count, *options, **keywords):
    outcome = run("run", *ORDERS_OPTIONS, *options, stdin=orders(count), **keywords)
    check(outcome, 0)
    return outcome


def test_json_is_one_line_an_event():
    outcome = run_orders(3, "--output", "json")
    for event in outcome.events():
        equal(event["event_status"], "completed")
        for result in event["event_results"].values():
            assert result["status"] in ("completed", "error"), result
            equal(result["event_id"], event["event_id"])


def test_json_in_any_locale():
    wide = run("run", "--output", "json", stdin=line(1, text="🚚 ü"), env={"LC_ALL": "C"})
    check(wide, 0)
    equal(wide.events()[0]["text"], "🚚 ü")


def test_children_come_before_parents():
    done = set()
    for event in run_orders(20, "--output", "json").events():
        for result in event.get("event_results", {}).values():
            assert set(result["event_children"]) <= done
        done.add(event["event_id"])


def test_text_is_the_default():
    text = run_orders(1).stdout.decode()
    lines = text.splitlines()
    assert re.fullmatch(
        r"✅ OrderPlacedEvent#[0-9a-f]{4} \[\d\d:\d\d:\d\d\.\d{3} \(\d+\.\d{3,6}s\)\]  "
        r'ShopBus\.place_order → "accepted"',
        lines[-1],
    ), lines[-1]
    assert any("WarehouseBus.reserve_stock → true" in line for line in lines), text


def test_text_tells_errors():
    text = run_orders(20).stdout.decode()
    assert "ShopBus.charge_card ☠️ " in text, text
    assert ": card declined" in text, text


def test_text_without_payload():
    secret = run("run", stdin=line(1, secret="hush"))
    check(secret, 0)
    assert b"hush" not in secret.stdout and b"PingEvent#0001" in secret.stdout, secret


def test_text_in_ascii():
    outcome = run_orders(20, env={"LC_ALL": "C"})
    outcome.stdout.decode("ascii")
    assert b"[ok] OrderPlacedEvent#" in outcome.stdout, outcome
    assert b' -> "accepted"' in outcome.stdout, outcome


def test_type_name_in_ascii():
    outcome = run("run", "--tree", stdin=line(1, "PüngEvent"), env={"LC_ALL": "C"})
    check(outcome, 0)
    outcome.stdout.decode("ascii")


def test_none():
    equal(run_orders(3, "--output", "none").stdout, b"")


TREE = r"""📊 Event History Tree for ShopBus
={80}
└── ✅ OrderPlacedEvent#52e7 SPAN
    └── ✅ ShopBus\.place_order#ID SPAN → "accepted"
        ├── ✅ ReserveStockEvent#ID SPAN
        │   ├── ✅ ShopBus\.forward_to_warehouse#ID SPAN → None
        │   └── ✅ WarehouseBus\.reserve_stock#ID SPAN → true
        ├── ✅ ChargeCardEvent#ID SPAN
        │   └── ✅ ShopBus\.charge_card#ID SPAN → "auth-000000"
        ├── ✅ ShipOrderEvent#ID SPAN
        │   ├── ✅ ShopBus\.forward_to_warehouse#ID SPAN → None
        │   └── ✅ WarehouseBus\.ship_order#ID SPAN → None
        └── ✅ SendEmailEvent#ID SPAN
            └── ✅ ShopBus\.send_email#ID SPAN → \d+
={80}
"""
ASCII = {"└── ": "`-- ", "├── ": "\\|-- ", "│   ": "\\|   ", "✅": r"\[ok\]", "→": "->", "📊 ": ""}


def tree_pattern(replacements):
    pattern = TREE.replace("SPAN", r"\[\d\d:\d\d:\d\d\.\d{3} \(\d+\.\d{3,6}s\)\]").replace("#ID", "#[0-9a-f]{4}")
    for old, new in replacements.items():
        pattern = pattern.replace(old, new)
    return pattern


def check_tree(text, replacements):
    assert re.fullmatch(tree_pattern(replacements), text), text


def test_tree():
    check_tree(run_orders(1, "--output", "none", "--tree").stdout.decode(), {})


def test_tree_in_ascii():
    outcome = run_orders(1, "--output", "none", "--tree", env={"LC_ALL": "C"})
    check_tree(outcome.stdout.decode("ascii"), ASCII)


def test_tree_beside_json():
    outcome = run_orders(1, "--output", "json", "--tree")
    assert "📊 Event History Tree for ShopBus" in outcome.stderr
    equal(len(outcome.events()), 5)


def test_tree_of_the_first():
    text = run_orders(12, "--output", "none", "--tree=2").stdout.decode()
    equal(len(re.findall(r"^[├└]── ✅ OrderPlacedEvent", text, re.MULTILINE)), 2)
    assert "└── (10 more)" in text, text


def test_tree_of_ten_without_a_number():
    text = run("run", *ORDERS_OPTIONS, "--output", "none", "--tree", ORDERS).stdout.decode()
    equal(len(re.findall(r"^[├└]── ✅ OrderPlacedEvent", text, re.MULTILINE)), 10)
    assert "└── (290 more)" in text, text


def test_tree_of_all():
    text = run_orders(12, "--output", "none", "--tree=0").stdout.decode()
    equal(len(re.findall(r"^[├└]── ✅ OrderPlacedEvent", text, re.MULTILINE)), 12)


def test_tree_of_nothing():
    assert "(No events in history)" in run("run", "--tree").stdout.decode()


def test_summary():
    outcome = run("run", *ORDERS_OPTIONS, "--output", "none", ORDERS)
    check(outcome, 0, "300 lines read, 0 malformed")
    rows = {words[0]: words[1:] for words in map(str.split, outcome.stderr.splitlines()) if words}
    expected = [json.loads(text) for text in open(SAMPLES / "orders.expected.jsonl", encoding="utf-8")]
    results = [result for event in expected for result in event["event_results"].values()]
    errors = [result for result in results if result["status"] == "error"]
    for name in {event["event_type"] for event in expected}:
        equal(rows[name][0], str(sum(event["event_type"] == name for event in expected)))
    equal(rows["type"], ["completed", "|", "completed", "error"])
    equal(rows["total"], [str(len(expected)), "|", str(len(results) - len(errors)), str(len(errors))])
    assert re.search(
        rf"^{len(expected)} events, {len(results)} results \({len(errors)} errors\) in \d+\.\d{{3}} s: "
        r"\d+ events per second$",
        outcome.stderr,
        re.MULTILINE,
    ), outcome.stderr


def test_summary_of_many_types():
    stream = b"".join(line(number, f"Type{number}Event") for number in range(1100))
    outcome = run("run", "--output", "none", stdin=stream)
    check(outcome, 0, "1100 events", "(other types)")
    assert len(outcome.stderr.splitlines()) < 1020, len(outcome.stderr.splitlines())


def test_journal():
    with folder() as name:
        path = Path(name, "new", "folders", "journal.jsonl")
        outcome = run_orders(5, "--output", "json", "--wal", path)
        equal(path.read_bytes(), outcome.stdout)
        equal(stat.S_IMODE(path.stat().st_mode) & 0o133, 0)
        check(outcome, 0, f"{len(outcome.events())} events written to {path}, 0 lost")


def test_journal_is_appended_to():
    with folder() as name:
        path = Path(name, "journal.jsonl")
        for number in (1, 2):
            check(run("run", "--output", "none", "--wal", path, stdin=line(number)), 0)
        equal([json.loads(text)["number"] for text in path.read_text().splitlines()], [1, 2])


def test_journal_can_be_run_again():
    with folder() as name:
        path = Path(name, "journal.jsonl")
        check(run("run", "--output", "none", "--wal", path, stdin=line(1) + line(2)), 0)
        outcome = run("run", "--output", "json", path)
        check(outcome, 0)
        equal([event["number"] for event in outcome.events()], [1, 2])


def read_to_end(terminal):
    """All that is still to be read: it comes in pieces, whatever was written at once."""
    pieces = []
    try:
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    except OSError:
        pass  # what a terminal says when its last user has gone
    os.close(terminal)
    return b"".join(pieces)


def terminal_output(arguments, env, count):
    """What a run writes to a terminal of its own."""
    master, slave = pty.openpty()
    process = start("run", *ORDERS_OPTIONS, *arguments, stdout=slave, stderr=slave, env={"TERM": "xterm", **env})
    os.close(slave)
    process.stdin.write(orders(count))
    process.stdin.close()
    process.stdin = None
    text = read_to_end(master).decode()
    equal(process.wait(support.DEADLINE), 0)
    return text


def test_colours_on_a_terminal():
    text = terminal_output(["--tree"], {}, 1)
    assert "\x1b[1mOrderPlacedEvent#52e7\x1b[0m" in text, text


def test_no_colours():
    assert "\x1b[" not in terminal_output(["--tree"], {"NO_COLOR": "1"}, 1)
    assert "\x1b[" not in terminal_output(["--tree"], {"TERM": "dumb"}, 1)
    assert b"\x1b[" not in run_orders(1, "--tree").stdout


def test_progress_on_a_terminal():
    master, slave = pty.openpty()
    process = start("run", "--output", "json", stderr=slave, env={"TERM": "xterm"})
    os.close(slave)
    process.stdin.write(line(1))
    process.stdin.flush()
    equal(json.loads(support.wait_for_line(process.stdout))["number"], 1)
    seen = b""
    while b"\r1 events, " not in seen:
        seen += os.read(master, 65536)
    process.stdin.close()
    process.stdin = None
    seen += read_to_end(master)
    equal(process.wait(support.DEADLINE), 0)
    assert re.search(rb" per second\x1b\[K\r\x1b\[K.*events per second", seen, re.DOTALL), seen


def test_no_progress_elsewhere():
    assert "\r" not in run_orders(3, "--output", "none").stderr


support.main(globals())
