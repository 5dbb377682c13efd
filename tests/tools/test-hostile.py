# SPDX-License-Identifier: LGPL-2.1-or-later
"""Input that is not what it should be: an error with its place, the right exit status, and nothing worse."""

import json
import os
import random
import re

import support
from support import check, equal, event, finish, folder, line, run, start

MIB = 1024 * 1024


def ids(outcome):
    return [event["number"] for event in outcome.events()]


def check_refused(bad, column=None, reason=""):
    """@bad stands between two good lines: it is told with its place and passed over, or ends a strict run."""
    stream = line(1) + bad + b"\n" + line(2)
    place = rf"^-:2:{column if column is not None else '[0-9]+'}: .*{reason}"

    outcome = run("run", "--output", "json", stdin=stream)
    check(outcome, 1, "1 malformed")
    assert re.search(place, outcome.stderr, re.MULTILINE), f"{place} is not told\n{outcome}"
    equal(ids(outcome), [1, 2])

    outcome = run("run", "--output", "json", "--strict", stdin=stream)
    check(outcome, 1)
    assert re.search(place, outcome.stderr, re.MULTILINE), f"{place} is not told\n{outcome}"
    equal(ids(outcome), [1])


def order(**members):
    """An order, which the plugin declares; @members replace what is right."""
    return event(
        7,
        "OrderPlacedEvent",
        order_id="ORD-000007",
        customer_id="1",
        customer_name="A",
        total_amount=1.5,
        currency="EUR",
        gift=False,
        items=[{"sku": "SKU-1", "quantity": 1, "unit_price": 1.5}],
        address={"street": "s", "city": "c", "zip": "1", "country": "PT"},
        weight_g=100,
        note=None,
        **members,
    )


def run_order(order_event, *options):
    text = json.dumps(order_event).encode() + b"\n"
    return run("run", "--bus", "ShopBus", "--plugins", "orders", "--output", "json", *options, stdin=text)


def test_truncated_lines():
    whole = line(3).rstrip(b"\n")
    truncated = [whole[:length] for length in range(1, len(whole))]
    outcome = run("run", "--output", "none", stdin=b"\n".join(truncated))
    check(outcome, 1, f"{len(truncated)} lines read, {len(truncated)} malformed")
    for number, text in enumerate(truncated, 1):
        # What ends within a number or a word may be told where that begins.
        assert re.search(rf"^-:{number}:\d+: ", outcome.stderr, re.MULTILINE), f"{text} is not told\n{outcome}"
    check_refused(whole[:-1], column=len(whole))


def test_no_json():
    check_refused(b"hello", column=1)
    check_refused(b'{"event_type": "A", }')
    check_refused(b"{'event_type': 'A'}", column=2)


def test_json_that_is_no_event():
    for text in (b"[]", b"null", b"3", b'"text"', b"{}", b'{"number":1}'):
        check_refused(text)


def test_two_values_in_a_line():
    check_refused(line(3).rstrip(b"\n") + b" {}")


def test_deep_nesting():
    check_refused(b"[" * 100000)
    check_refused(b'{"a":' * 100000)
    check_refused(line(3).rstrip(b"}\n") + b',"deep":' + b"[" * 100000 + b"]" * 100000 + b"}")


def test_long_line_that_is_an_event():
    big = line(3, text="x" * (10 * MIB))
    outcome = run("run", "--output", "json", stdin=line(1) + big + line(2))
    check(outcome, 0)
    equal(ids(outcome), [1, 3, 2])
    equal(len(outcome.events()[1]["text"]), 10 * MIB)


def test_long_line_that_is_none():
    check_refused(b"x" * (10 * MIB), column=1)
    check_refused(line(3)[:-2] + b',"text":"' + b"x" * (10 * MIB))


def test_line_over_the_limit():
    check_refused(line(3, text="x" * (17 * MIB)).rstrip(b"\n"), column=1, reason="longer than 16")
    check_refused(b"x" * (40 * MIB), column=1, reason="longer than 16")


def test_long_line_without_an_end():
    outcome = run("run", "--output", "json", stdin=line(1) + b"x" * (17 * MIB))
    check(outcome, 1, "-:2:1: ")
    equal(ids(outcome), [1])


def test_nul_bytes():
    check_refused(b"\0")
    check_refused(line(3).rstrip(b"\n") + b"\0")
    check_refused(line(3).replace(b"Ping", b"Pi\0ng").rstrip(b"\n"))


def test_escaped_nul_in_a_name():
    check_refused(line(3).replace(b"PingEvent", b"Ping\\u0000Event").rstrip(b"\n"))


def test_invalid_utf8():
    for bad in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"):
        check_refused(line(3).replace(b"Ping", b"Pi" + bad + b"ng").rstrip(b"\n"))


def test_column_counts_characters():
    check_refused('{"ä": tru}'.encode(), column=7)


def test_wrong_types_of_metadata():
    for members in (
        {"event_type": 3},
        {"event_type": None},
        {"event_id": "not an id"},
        {"event_id": 5},
        {"event_parent_id": "x"},
        {"event_created_at": "yesterday"},
        {"event_created_at": 5},
        {"event_timeout": "soon"},
    ):
        check_refused(json.dumps({**event(3), **members}).encode())


def test_wrong_types_of_declared_fields():
    for members in (
        {"order_id": 5},
        {"total_amount": "much"},
        {"gift": "yes"},
        {"items": {}},
        {"items": [3]},
        {"weight_g": 1.5},
        {"weight_g": 1e300},
    ):
        outcome = run_order({**order(), **members})
        check(outcome, 1, "-:1:", next(iter(members)))
        equal(outcome.stdout, b"")


def test_missing_declared_field():
    broken = order()
    del broken["order_id"]
    outcome = run_order(broken)
    check(outcome, 1, "-:1:", "order_id")
    equal(outcome.stdout, b"")


def test_declared_type_that_is_right():
    check(run_order(order()), 0)


def test_duplicate_ids():
    check_refused(line(1, text="again").rstrip(b"\n"), column=1, reason="read before, at -:1")


def test_duplicate_ids_in_two_files():
    with folder() as name:
        path = os.path.join(name, "a.jsonl")
        with open(path, "wb") as file:
            file.write(line(1) + line(2))
        outcome = run("run", "--output", "json", path, path)
        check(outcome, 1, f"{path}:1:1: ", f"{path}:2:1: ", "2 malformed")
        equal(ids(outcome), [1, 2])


def test_duplicate_members():
    check_refused(line(3).replace(b'{"event_type"', b'{"event_id": "x", "event_type"').rstrip(b"\n"))


def test_empty_input():
    outcome = run("run", "--output", "json", stdin=b"")
    check(outcome, 0, "0 events", "0 lines read")
    equal(outcome.stdout, b"")


def test_empty_lines():
    outcome = run("run", "--output", "json", stdin=b"\n  \n\t\r\n" + line(1) + b"\n\n" + b"oops\n")
    check(outcome, 1, "-:7:1: ", "2 lines read, 1 malformed")
    equal(ids(outcome), [1])


def test_no_final_newline():
    outcome = run("run", "--output", "json", stdin=line(1) + line(2).rstrip(b"\n"))
    check(outcome, 0)
    equal(ids(outcome), [1, 2])


def test_crlf():
    outcome = run("run", "--output", "json", stdin=(line(1) + line(2)).replace(b"\n", b"\r\n"))
    check(outcome, 0)
    equal(ids(outcome), [1, 2])


def test_byte_order_mark():
    outcome = run("run", "--output", "json", stdin=b"\xef\xbb\xbf" + line(1) + line(2))
    check(outcome, 0)
    equal(ids(outcome), [1, 2])


def test_control_characters_do_not_reach_the_terminal():
    outcome = run("run", "--output", "text", stdin=line(1, "Ping\x1b[31m\x07Event") + b'{"\x1b[2J\n')
    assert "\x1b" not in outcome.stderr and b"\x1b" not in outcome.stdout, str(outcome)


def mutate(text, generator):
    """@text with one piece replaced, doubled or dropped."""
    text = bytearray(text)
    start = generator.randrange(len(text))
    end = start + generator.choice((0, 1, 1, 2, 20))
    pieces = (b"", b"\0", b'"', b"{", b"]", b"\\", b"\xff", b"1e999", b"null", bytes(text[:9]))
    text[start:end] = generator.choice(pieces)
    return bytes(text).replace(b"\n", b" ")


def test_mutated_lines():
    """Every line is handled or told, never both, and never neither."""
    generator = random.Random(1)
    samples = os.environ["BUBUS_TEST_SAMPLES"]
    lines = []
    for name in ("accounts.jsonl", "orders.expected.jsonl"):
        with open(os.path.join(samples, name), "rb") as file:
            lines += [mutate(text.rstrip(b"\n"), generator) for text in file]
    outcome = run("run", "--bus", "ShopBus", "--output", "json", stdin=b"\n".join(lines))
    handled = len(outcome.stdout.splitlines())
    told = len(re.findall(r"^-:\d+:\d+: ", outcome.stderr, re.MULTILINE))
    check(outcome, 1, f"{len(lines)} lines read, {told} malformed")
    equal(handled + told, len(lines))
    assert handled > 100 and told > 100, (handled, told)


def test_missing_file():
    with folder() as name:
        path = os.path.join(name, "missing.jsonl")
        outcome = run("run", "--output", "json", "-", path, stdin=line(1))
        check(outcome, 2, f"{path}: No such file")
        equal(outcome.stdout, b"")


def test_folder_as_file():
    with folder() as name:
        check(run("run", name), 2, f"{name}: Is a directory")


def test_unreadable_standard_input():
    check(finish(start("run", stdin=os.open("/", os.O_RDONLY))), 2, "-: Is a directory")


def test_closed_output():
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = start("run", "--output", "json", stdout=write_end)
    os.close(write_end)
    outcome = finish(process, line(1) + line(2))
    check(outcome, 1, "standard output: Broken pipe", "events per second")


def test_closed_output_ends_the_reading():
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = start("run", "--output", "json", stdout=write_end)
    os.close(write_end)
    process.stdin.write(line(1))
    process.stdin.flush()
    equal(process.wait(support.DEADLINE), 1)
    process.stdin.close()
    process.stderr.close()


def test_full_output():
    with open("/dev/full", "wb") as full:
        for form in ("json", "text"):
            check(finish(start("run", "--output", form, stdout=full), line(1)), 1, "No space left")
        check(finish(start("run", "--output", "none", "--tree", stdout=full), line(1)), 1, "No space left")
        check(finish(start("--version", stdout=full)), 1)


def test_full_journal():
    outcome = run("run", "--output", "json", "--wal", "/dev/full", stdin=line(1) + line(2))
    check(outcome, 1, "/dev/full", "No space left", "0 events written", "2 lost")
    equal(outcome.stderr.count("No space left"), 1)
    equal(ids(outcome), [1, 2])


def test_journal_that_cannot_be_opened():
    outcome = run("run", "--output", "json", "--wal", "/dev/null/x/journal.jsonl", stdin=line(1))
    check(outcome, 1, "/dev/null/x/journal.jsonl")
    equal(ids(outcome), [1])


def test_usage_errors():
    for arguments in (
        [],
        ["walk"],
        ["--wrong"],
        ["run", "--wrong"],
        ["run", "--output", "xml"],
        ["run", "--output"],
        ["run", "--tree=many"],
        ["run", "--tree=-1"],
        ["plugins", "--wrong"],
        ["types", "--wrong"],
    ):
        outcome = run(*arguments)
        check(outcome, 2, "--help")
        equal(outcome.stdout, b"")


def test_unknown_plugin():
    for verb in ("run", "types"):
        outcome = run(verb, "--plugins", "no-such-plugin", stdin=line(1))
        check(outcome, 2, "no-such-plugin")
        equal(outcome.stdout, b"")


def test_failing_handler_in_a_strict_run():
    expensive = {**order(), "total_amount": 5000.0}
    outcome = run_order(expensive)
    check(outcome, 0)
    assert any(e["event_type"] == "OrderRefusedEvent" for e in outcome.events()), str(outcome)
    check(run_order(expensive, "--strict"), 1)


support.main(globals())
