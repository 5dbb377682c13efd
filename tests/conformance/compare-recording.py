#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a stream of orders through `bubus run` and compares what comes out with a recording.

usage: compare-recording.py INPUT EXPECTED --bubus PROGRAM [--bus NAME] [--plugins NAME,…] [--plugin-path DIR]…

Compared are, order by order, the tree of events (type, payload and place of the parent), the handlers of every event
(bus, name, status, result and error message), and, over the whole stream, the order in which events were completed.
Ids, times and versions of children differ from run to run and are not compared. Speaks TAP.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass, field

MAX_DIFFERENCES = 20


@dataclass
class Order:
    """A root event and what it led to, in the order of completion."""

    root: str
    events: list = field(default_factory=list)
    places: dict = field(default_factory=dict)  # of event ids in that order

    def add(self, event):
        self.places[event["event_id"]] = len(self.events)
        self.events.append(event)


def read_events(lines):
    return [json.loads(line) for line in lines if line.strip()]


def roots_of(events):
    """Map the id of every event to that of the outermost ancestor that is in the stream."""
    parents = {event["event_id"]: event["event_parent_id"] for event in events}

    def root_of(event_id):
        while parents[event_id] in parents:
            event_id = parents[event_id]
        return event_id

    return {event_id: root_of(event_id) for event_id in parents}


def orders_of(events):
    """The orders by the id of their root, which is the same in every run."""
    roots = roots_of(events)
    orders = {}
    for event in events:
        root = roots[event["event_id"]]
        orders.setdefault(root, Order(root)).add(event)
    return orders


def payload_of(event):
    return {name: value for name, value in event.items() if not name.startswith("event_")}


def handler_of(result):
    """A handler that returns nothing is recorded without a result, or with null."""
    error = result.get("error")
    return {
        "handler": f"{result['eventbus_name']}.{result['handler_name']}",
        "status": result["status"],
        "result": result.get("result"),
        "error": error["message"] if isinstance(error, dict) else error,
    }


def shape_of(order):
    """What must be the same of an order, as values that can be compared and shown."""
    return [
        {
            "type": event["event_type"],
            "payload": payload_of(event),
            "parent": order.places.get(event["event_parent_id"]),
            "handlers": [handler_of(result) for result in event.get("event_results", {}).values()],
        }
        for event in order.events
    ]


def completion_of(events):
    roots = roots_of(events)
    return [(roots[event["event_id"]], event["event_type"]) for event in events]


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def test(self, name, differences):
        self.count += 1
        self.failed += bool(differences)
        print(f"{'not ok' if differences else 'ok'} {self.count} {name}")
        for line in differences[:MAX_DIFFERENCES]:
            print(f"# {line}")
        if len(differences) > MAX_DIFFERENCES:
            print(f"# and {len(differences) - MAX_DIFFERENCES} more")

    def finish(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def show(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def compare_ids(actual, expected):
    differences = [f"the order {root} is missing" for root in expected if root not in actual]
    return differences + [f"the order {root} is not expected" for root in actual if root not in expected]


def compare_order(actual, expected, part):
    """Where two orders differ in a part of the shape of their events."""
    differences = []
    for place, (mine, theirs) in enumerate(zip(shape_of(actual), shape_of(expected))):
        if mine[part] != theirs[part]:
            differences.append(
                f"{expected.root}: event {place} ({theirs['type']}): {show(mine[part])} is not {show(theirs[part])}"
            )
    if len(actual.events) != len(expected.events):
        differences.append(f"{expected.root}: {len(actual.events)} events are not {len(expected.events)}")
    return differences


def compare_orders(actual, expected, part):
    differences = []
    for root in expected:
        if root in actual:
            differences += compare_order(actual[root], expected[root], part)
    return differences


def compare_completion(actual, expected):
    for place, (mine, theirs) in enumerate(zip(completion_of(actual), completion_of(expected))):
        if mine != theirs:
            return [f"event {place} is {mine[1]} of {mine[0]}, not {theirs[1]} of {theirs[0]}"]
    return []


def compare(actual, expected):
    tap = Tap()
    mine, theirs = orders_of(actual), orders_of(expected)
    tap.test("orders", compare_ids(mine, theirs))
    tap.test("types", compare_orders(mine, theirs, "type"))
    tap.test("payloads", compare_orders(mine, theirs, "payload"))
    tap.test("parents", compare_orders(mine, theirs, "parent"))
    tap.test("handlers", compare_orders(mine, theirs, "handlers"))
    tap.test("order of completion", compare_completion(actual, expected))
    return tap.finish()


def run(args):
    command = [args.bubus, "run", "--bus", args.bus, "--plugins", args.plugins, "--output", "json"]
    for path in args.plugin_path:
        command += ["--plugin-path", path]
    process = subprocess.run(command + ["--", args.input], stdout=subprocess.PIPE, check=False)
    if process.returncode != 0:
        print(f"Bail out! {command[0]} ended with status {process.returncode}")
        sys.exit(1)
    return read_events(process.stdout.decode("utf-8").splitlines())


def main():
    parser = argparse.ArgumentParser(description="Compare a run of bubus with a recording.")
    parser.add_argument("input")
    parser.add_argument("expected")
    parser.add_argument("--bubus", default="bubus")
    parser.add_argument("--bus", default="ShopBus")
    parser.add_argument("--plugins", default="orders")
    parser.add_argument("--plugin-path", action="append", default=[])
    args = parser.parse_args()

    with open(args.expected, encoding="utf-8") as file:
        expected = read_events(file)
    return compare(run(args), expected)


if __name__ == "__main__":
    sys.exit(main())
