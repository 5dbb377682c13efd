#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What handlers returned, one by one or as a whole."""

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus

from typing import Any


class GetConfigEvent(Bubus.Event):
    pass


class DoSomeMathEvent(Bubus.Event[int]):
    a: int
    b: int


class MathCompleteEvent(Bubus.Event):
    final_sum: int


async def load_user_config(event: GetConfigEvent) -> dict[str, Any]:
    return {"debug": True, "port": 8080}


async def load_system_config(event: GetConfigEvent) -> dict[str, Any]:
    return {"debug": False, "timeout": 30}


def do_some_math(event: DoSomeMathEvent) -> int:
    event.event_bus.dispatch(MathCompleteEvent(final_sum=event.a + event.b))
    return event.a + event.b


async def main():
    bus = Bubus.EventBus()
    bus.on(GetConfigEvent, load_user_config)
    bus.on(GetConfigEvent, load_system_config)
    bus.on(DoSomeMathEvent, do_some_math)

    # [flat]
    event = await bus.dispatch(GetConfigEvent())
    print(await event.event_results_flat_dict(raise_if_conflicts=False))
    print(await event.event_results_list())
    print(len(await event.event_results_by_handler_id()))
    print(await event.event_results_by_handler_name())
    # [/flat]
    try:
        await event.event_results_flat_dict()
    except ValueError as error:
        print(error)

    wanted = await event.event_results_list(include=lambda r: isinstance(r.result, dict) and "port" in r.result)
    print(wanted)
    for result in event.event_results.values():
        print(result.handler_name, result.status, await result)

    print(await bus.dispatch(DoSomeMathEvent(a=100, b=120)).event_result())
    found = await bus.find(MathCompleteEvent)
    print(found and found.final_sum, found is not None and found.event_parent_id is not None)


Bubus.run(main())
