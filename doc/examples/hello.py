#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus, GLib, GObject


class HelloEvent(Bubus.Event):
    name = GObject.Property(type=str)


def greet(event, invocation):
    invocation.return_string(f"Hello, {event.name}!")
    return True


def done(event, result, loop):
    event.wait_finish(result)
    for result in event.list_results():
        print(result.get_handler_name(), "says", result.get_value())
    loop.quit()


loop = GLib.MainLoop()
bus = Bubus.EventBus.new("Main")
bus.on(HelloEvent, "greet", greet)
event = HelloEvent(name="world")
bus.dispatch(event)
event.wait_async(None, done, loop)
loop.run()
