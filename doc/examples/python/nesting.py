#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Order, children that pass the queue, and the tree of what caused what."""

import re

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus


class ProcessTaskEvent(Bubus.Event):
    task_id: int


class MainEvent(Bubus.Event[str]):
    pass


class SomeOtherEvent(Bubus.Event[str]):
    pass


class ParentEvent(Bubus.Event):
    pass


class ChildEvent(Bubus.Event):
    pass


bus = Bubus.EventBus(name="Main")
order = []


def child_handler(event: SomeOtherEvent) -> str:
    return "xzy123"


async def main_handler(event: MainEvent) -> str:
    child_event = bus.dispatch(SomeOtherEvent())
    completed_child_event = await child_event
    return f"result from awaiting child event: {await completed_child_event.event_result()}"


# [parent]
async def parent_handler(event: ParentEvent):
    child = ChildEvent()
    child_event_async = event.event_bus.dispatch(child)
    assert child.event_status != "completed"
    assert child_event_async.event_parent_id == event.event_id
    await child_event_async

    child_event_sync = await bus.dispatch(ChildEvent())
    assert child_event_sync.event_status == "completed"
    assert child_event_sync.event_parent_id == event.event_id
# [/parent]


async def main():
    bus.on(ProcessTaskEvent, lambda event: order.append(event.task_id))
    for i in range(10):
        bus.dispatch(ProcessTaskEvent(task_id=i))
    await bus.wait_until_idle(timeout=30.0)
    print(order)

    bus.on(SomeOtherEvent, child_handler)
    bus.on(MainEvent, main_handler)
    print(await bus.dispatch(MainEvent()).event_result())

    bus.on(ChildEvent, lambda event: None)
    bus.on(ParentEvent, parent_handler)
    parent_event = await bus.dispatch(ParentEvent())
    print([child.event_type for child in parent_event.event_children])
    print(re.sub(r"#\w{4}| \[[^]]*\]", "", bus.log_tree()))  # without ids and times
    await bus.stop()


Bubus.run(main())
