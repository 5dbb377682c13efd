#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Events go from bus to bus, and no bus sees one twice."""

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus


class LoginEvent(Bubus.Event):
    pass


async def main():
    main_bus = Bubus.EventBus(name="MainBus")
    auth_bus = Bubus.EventBus(name="AuthBus")
    data_bus = Bubus.EventBus(name="DataBus")

    # [forward]
    main_bus.on("*", auth_bus.dispatch)
    auth_bus.on("*", data_bus.dispatch)
    data_bus.on("*", main_bus.dispatch)  # no loop: each bus has an event once
    # [/forward]

    event = main_bus.dispatch(LoginEvent())
    await event
    print(event.event_path)
    print(event.event_status)


Bubus.run(main())
