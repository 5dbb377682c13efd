#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Handlers side by side, limits of memory, and the end."""

import asyncio

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus


class DataEvent(Bubus.Event):
    pass


async def main():
    bus = Bubus.EventBus(parallel_handlers=True, max_history_size=3)
    both_run = asyncio.Barrier(2)

    async def slow_handler_1(event):
        await both_run.wait()
        return 1

    async def slow_handler_2(event):
        await both_run.wait()
        return 2

    bus.on("DataEvent", slow_handler_1)
    bus.on("DataEvent", slow_handler_2)
    event = await bus.dispatch(DataEvent())
    print(await event.event_results_list())

    for _ in range(10):
        await bus.dispatch(DataEvent())
    print(len(bus.event_history), "events are remembered")

    print("all was done:", await bus.stop(timeout=1.0, clear=True))
    print(len(bus.event_history), "events, and", len(bus.handlers), "handlers")
    try:
        bus.dispatch(DataEvent())
    except RuntimeError as error:
        print(type(error).__name__)


Bubus.run(main())
