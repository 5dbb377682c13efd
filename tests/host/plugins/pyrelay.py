# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same plugin as crelay.c and jsrelay.js."""

import gi

gi.require_version("Bubus", "1")
gi.require_version("BubusHost", "1")
from gi.repository import Bubus, BubusHost, Gio, GLib, GObject


class PyHello(Bubus.Event):
    guest = GObject.Property(type=str)


PyHello.set_result_type(str)


def ask(invocation, event):
    """Dispatches a child, awaits it, and says what its handler has returned."""
    invocation.dispatch(None, event)
    invocation.run(event)
    results = event.list_results()
    return results and results[0].get_value() or "nobody"


def greet(event, invocation):
    invocation.return_string(f"Python greets {event.guest}")
    return True


def relay(event, invocation):
    greeting = ask(invocation, PyHello(guest="Guido"))
    others = ask(invocation, Bubus.GenericEvent.new("JsRelay", None))
    invocation.return_string(f"{greeting}, {others}")
    return True


def fail(event, invocation):
    raise GLib.Error("Python has no time", "g-io-error-quark", Gio.IOErrorEnum.BUSY)


def fail_otherwise(event, invocation):
    raise RuntimeError("Python has no time otherwise")


def answer_wrongly(event, invocation):
    """What is not of the declared type."""
    invocation.return_int(42)
    return True


class PyRelayPlugin(GObject.Object, BubusHost.Plugin):
    def do_activate(self, context):
        context.on(None, PyHello, "py_greet", greet)
        context.on(None, PyHello, "py_wrong", answer_wrongly)
        context.on_pattern(None, "PyRelay", "py_relay", relay)
        context.on_pattern(None, "Fail", "py_fail", fail)
        context.on_pattern(None, "Fail", "py_fail_otherwise", fail_otherwise)

    def do_deactivate(self, context):
        pass
