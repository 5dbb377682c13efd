#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus, Gio, GLib

bus = Bubus.EventBus.new("Main")
messenger = Bubus.Messenger.new(bus)
recorder = Bubus.Recorder.new(bus)
saga = Bubus.Saga.new(bus, "fulfilment", "order")
policy = Bubus.RetryPolicy(wait=0.0, semaphore=Bubus.Semaphore.new("fetch", 1, Bubus.Scope.GLOBAL))
loop = GLib.MainLoop()


def greet(message, invocation):
    invocation.return_string("Hello, " + message.get_body().get_text())
    return True


def refuse(message, invocation):
    raise GLib.Error.new_literal(Gio.io_error_quark(), "closed", Gio.IOErrorEnum.CLOSED)


def ask(addresses):
    if addresses:
        messenger.request_async(addresses[0], Bubus.Json.new('"World"', -1), -1, None, answered, addresses)
    else:
        go_on()


def answered(messenger, result, addresses):
    try:
        print(addresses[0], "answers", messenger.request_finish(result).get_value())
    except GLib.Error as error:
        print(error.message)
    ask(addresses[1:])


def third_time(event, invocation, attempt):
    if attempt.get_number() < 3:
        raise GLib.Error.new_literal(Gio.io_error_quark(), "busy", Gio.IOErrorEnum.BUSY)
    attempt.return_value(attempt.get_number())
    return True


def follow(saga, instance, event):
    return Bubus.GenericEvent.new("Done", None)


def order_event(event_type):
    return Bubus.GenericEvent.new(event_type, GLib.Variant("a{sv}", {"order": GLib.Variant("i", 7)}))


def go_on():
    bus.dispatch(fetch)
    bus.dispatch(order_event("Packed"))
    bus.dispatch(order_event("Paid"))
    recorder.wait_async("Done", 1, None, recorded)


def recorded(recorder, result):
    recorder.wait_finish(result)
    try:
        recorder.check_sequence(["Paid"])
    except GLib.Error as error:
        print(error.message)
    loop.quit()


messenger.consumer("greeting", Bubus.ConsumerFlags.NONE, greet)
messenger.consumer("closed", Bubus.ConsumerFlags.NONE, refuse)
bus.on_with_policy("Fetch", "fetch", policy, third_time)
fetch = Bubus.GenericEvent.new("Fetch", None)

saga.add_step("Paid")
saga.add_step("Packed")
saga.set_completion(follow)
saga.connect("completed", lambda saga, instance, event: print(instance.get_key(), *instance.dup_steps()))

ask(["greeting", "closed", "nowhere"])
loop.run()
print("fetched in attempt", fetch.list_results()[0].get_value())
