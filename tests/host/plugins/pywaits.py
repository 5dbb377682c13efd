# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same plugin as jswaits.js: asynchronous handlers that wait for what they dispatch."""

import asyncio

import gi

gi.require_version("Bubus", "1")
gi.require_version("BubusHost", "1")
from gi.repository import Bubus, BubusHost, GObject


async def ask(invocation, event_type):
    child = Bubus.GenericEvent.new(event_type, None)
    invocation.dispatch(None, child)
    await child
    return await child.event_result()


def answer(event, invocation):
    invocation.return_string("Python")


async def ask_all(event, invocation):
    answers = [await ask(invocation, "FromHost"), await ask(invocation, "Answer")]
    return ", ".join(answers)


async def ask_busy(event, invocation):
    return await ask(invocation, "Busy")


async def fail(event, invocation):
    raise RuntimeError("no time")


class PyWaitsPlugin(GObject.Object, BubusHost.Plugin):
    async def do_activate(self, context):
        await asyncio.sleep(0)
        context.on_pattern(None, "Answer", "answer", answer)
        context.on_pattern(None, "Ask", "ask", ask_all)
        context.on_pattern(None, "AskBusy", "ask_busy", ask_busy)
        context.on_pattern(None, "Busy", "busy", fail)
