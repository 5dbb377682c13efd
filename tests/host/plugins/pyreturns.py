# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same plugin as jsreturns.js: what handlers return."""

import asyncio
import sys

import gi

gi.require_version("Bubus", "1")
gi.require_version("BubusHost", "1")
from gi.repository import BubusHost, GObject


async def return_later(event, invocation):
    await asyncio.sleep(0)
    return "later"


async def leave_later(event, invocation):
    await asyncio.sleep(0)
    sys.exit("later")


def answer_first(event, invocation):
    invocation.return_string("answered")
    return "returned"


class PyReturns(GObject.Object, BubusHost.Plugin):
    def do_activate(self, context):
        context.on_pattern(None, "Text", "text", lambda event, invocation: "text")
        context.on_pattern(None, "Data", "data", lambda event, invocation: {"list": [1, 2]})
        context.on_pattern(None, "Done", "done", lambda event, invocation: True)
        context.on_pattern(None, "Undone", "undone", lambda event, invocation: False)
        context.on_pattern(None, "Later", "later", return_later)
        context.on_pattern(None, "Leave", "leave", leave_later)
        context.on_pattern(None, "Lost", "lost", lambda event, invocation: return_later(event, invocation))
        context.on_pattern(None, "Both", "both", answer_first)

    def do_deactivate(self, context):
        pass
