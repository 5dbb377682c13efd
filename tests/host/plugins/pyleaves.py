# SPDX-License-Identifier: LGPL-2.1-or-later
"""A plugin in Python that ends the program where the test asks for it."""

import sys

import gi

gi.require_version("BubusHost", "1")
from gi.repository import BubusHost, GLib, GObject


def leave(place):
    if GLib.getenv("BUBUS_TEST_LEAVE") == place:
        sys.exit(f"{place} was asked to")


class PyLeaves(GObject.Object, BubusHost.Plugin):
    def __init__(self, **properties):
        super().__init__(**properties)
        leave("constructor")

    def do_activate(self, context):
        leave("activation")
        context.on_pattern(None, "PingEvent", "py_leave", lambda event, invocation: leave("handler"))

    def do_deactivate(self, context):
        leave("deactivation")
