# SPDX-License-Identifier: LGPL-2.1-or-later
"""A plugin in Python that cannot be imported as long as the test says so."""

import gi

gi.require_version("BubusHost", "1")
from gi.repository import BubusHost, GLib, GObject

if GLib.getenv("BUBUS_TEST_BROKEN"):
    import a_module_that_does_not_exist


class PyBroken(GObject.Object, BubusHost.Plugin):
    def do_activate(self, context):
        return True

    def do_deactivate(self, context):
        return True
