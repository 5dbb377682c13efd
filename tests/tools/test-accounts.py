# SPDX-License-Identifier: LGPL-2.1-or-later
"""The original's journal passes through `bubus run`: nothing is lost, and it comes out in the wire form."""

import json
import os
from pathlib import Path

import support
from support import check, equal, run

SAMPLE = Path(os.environ["BUBUS_TEST_SAMPLES"]) / "accounts.jsonl"

WIRE_FORM = {
    "event_type",
    "event_version",
    "event_timeout",
    "event_slow_timeout",
    "event_concurrency",
    "event_handler_timeout",
    "event_handler_slow_timeout",
    "event_handler_concurrency",
    "event_handler_completion",
    "event_blocks_parent_completion",
    "event_result_type",
    "event_id",
    "event_path",
    "event_parent_id",
    "event_emitted_by_handler_id",
    "event_pending_bus_count",
    "event_created_at",
    "event_status",
    "event_started_at",
    "event_completed_at",
}


def recorded():
    return [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def payload_of(event):
    return {name: value for name, value in event.items() if not name.startswith("event_")}


def processed():
    outcome = run("run", "--output", "json", SAMPLE)
    check(outcome, 0, "300 events")
    return outcome.events()


def test_nothing_is_lost():
    events = {event["event_id"]: event for event in processed()}
    equal(len(events), 300)
    for before in recorded():
        after = events[before["event_id"]]
        equal(payload_of(after), payload_of(before))
        for name in ("event_type", "event_parent_id", "event_timeout"):
            equal(after[name], before[name])


def test_order_is_kept():
    equal([event["event_id"] for event in processed()], [event["event_id"] for event in recorded()])


def test_creation_times_are_kept():
    for before, after in zip(recorded(), processed()):
        equal(after["event_created_at"].rstrip("Z").rstrip("0"), before["event_created_at"].rstrip("Z").rstrip("0"))


def test_wire_form():
    for event in processed():
        equal(WIRE_FORM - set(event), set())
        equal(event["event_status"], "completed")
        assert event["event_completed_at"] is not None
        assert all("#" in label for label in event["event_path"]), event["event_path"]


def test_wire_form_is_read_again():
    once = run("run", "--output", "json", SAMPLE)
    twice = run("run", "--output", "json", "-", stdin=once.stdout)
    check(twice, 0)
    equal([payload_of(event) for event in twice.events()], [payload_of(event) for event in recorded()])


support.main(globals())
