#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus, GLib

bus = Bubus.EventBus.new("Shop")


def authorize(event, bus):
    if event.get_event_type() == "RefundEvent":
        raise GLib.Error.new_literal(Bubus.error_quark(), "only the boss gives money back", Bubus.Error.DENIED)
    return event.get_event_type() != "RobberyEvent"


def to_version_2(event):
    return Bubus.GenericEvent.new("OrderEvent", GLib.Variant("a{sv}", {"currency": GLib.Variant("s", "EUR")}))


def print_event(event, invocation):
    print("handled:", event.get_event_type(), event.get_event_version())
    return True


def dispatch(event_type):
    try:
        bus.dispatch(Bubus.GenericEvent.new(event_type, None))
    except GLib.Error as error:
        print("refused:", error.message)


authorizer = Bubus.Authorizer.new(authorize)
upcaster = Bubus.Upcaster.new()
upcaster.expect("OrderEvent", "2")
upcaster.add_step("OrderEvent", "0.0.1", "2", to_version_2)
bus.add_middleware(authorizer)
bus.add_middleware(upcaster)
bus.add_middleware(Bubus.RateLimiter(rate=0.001, max_waiting=0, pattern="SearchEvent"))
bus.on_pattern("*", "print", print_event)

for event_type in ["OrderEvent", "RefundEvent", "RobberyEvent", "SearchEvent", "SearchEvent"]:
    dispatch(event_type)
while not bus.is_idle():
    GLib.MainContext.default().iteration(True)
print(authorizer.get_n_refused(), "were not allowed")
