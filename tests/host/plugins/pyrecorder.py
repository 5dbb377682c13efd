# SPDX-License-Identifier: LGPL-2.1-or-later
"""A plugin in Python: answers pings, and fails where the test asks for it."""

import gi

gi.require_version("BubusHost", "1")
from gi.repository import BubusHost, GLib, GObject


class PyRecorder(GObject.Object, BubusHost.Plugin):
    def __init__(self, **properties):
        super().__init__(**properties)
        if GLib.getenv("BUBUS_TEST_FAIL") == "constructor":
            raise ValueError("constructor")

    def do_activate(self, context):
        if GLib.getenv("BUBUS_TEST_FAIL") == "raise":
            raise KeyError("activation")
        if GLib.getenv("BUBUS_TEST_FAIL") == "error":
            raise GLib.Error("python was asked to", "test-quark", 7)
        if GLib.getenv("BUBUS_TEST_FAIL") == "empty":
            raise GLib.Error("", "test-quark", 7)
        if GLib.getenv("BUBUS_TEST_FAIL") == "exception":
            return False
        context.on_pattern(None, "PingEvent", "py_answer", self.answer)
        return True

    def do_deactivate(self, context):
        return True

    def answer(self, event, invocation, *_):
        invocation.return_string("from Python: " + event.get_event_type())
        return True
