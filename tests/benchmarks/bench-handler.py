#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The row python-handler: a handler in Python, beside a bare callback of GLib with two arguments.

usage: bench-handler.py [N]
"""

import json
import statistics
import sys
import time

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus, Gio, GLib, GObject

ROUNDS = 5
SORTED = 256
BUDGET = 2


class BenchEvent(Bubus.Event):
    number = GObject.Property(type=int)


class Calls:
    """Counts, as both callbacks do."""

    def __init__(self):
        self.n = 0

    def compare(self, a, b):
        self.n += 1
        return 0

    def handle(self, event, invocation):
        self.n += 1
        return True


def run_event(bus):
    event = BenchEvent(number=7)
    bus.dispatch(event)
    while not bus.is_idle():
        GLib.MainContext.default().iteration(True)


def time_calls(calls, work):
    """Processor time: a busy machine does not count."""
    before, start = calls.n, time.process_time_ns()
    work()
    return (time.process_time_ns() - start) / (calls.n - before)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    bare, handlers = Calls(), Calls()
    store = Gio.ListStore.new(GObject.Object)
    for _ in range(SORTED):
        store.append(GObject.Object())
    bus = Bubus.EventBus.new("Bench")
    for _ in range(n):
        bus.on(BenchEvent, "count", handlers.handle)

    def sort():
        before = bare.n
        while bare.n - before < n:
            store.sort(bare.compare)

    run_event(bus)
    ns, baseline = [], []
    for _ in range(ROUNDS):
        baseline.append(time_calls(bare, sort))
        ns.append(time_calls(handlers, lambda: run_event(bus)))
    if handlers.n != n * (ROUNDS + 1):
        sys.exit(f"{handlers.n} calls instead of {n * (ROUNDS + 1)}")
    figures = statistics.median(ns), statistics.median(baseline)
    row = {
        "name": "python-handler",
        "ns": round(figures[0], 1),
        "baseline": "introspected-callback",
        "baseline_ns": round(figures[1], 1),
        "ratio": round(figures[0] / figures[1], 2),
        "budget": BUDGET,
    }
    print(json.dumps({"rows": [row]}))


main()
