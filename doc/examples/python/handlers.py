#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Patterns, and everything that can be a handler."""

import asyncio

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus


class UserActionEvent(Bubus.Event[str]):
    action: str = "click"


def handler(event):
    return "by class"


def by_name(event):
    return "by name"


def universal_handler(event):
    return "of all"


async def async_handler(event: UserActionEvent) -> str:
    await asyncio.sleep(0.001)
    return "async result"


def sync_handler(event: UserActionEvent) -> str:
    return "sync result"


class SomeService:
    some_value = "this works"

    async def handlers_can_be_methods(self, event: UserActionEvent) -> str:
        return self.some_value

    @classmethod
    async def handlers_can_be_classmethods(cls, event: UserActionEvent) -> str:
        return cls.some_value + " too"

    @staticmethod
    async def handlers_can_be_staticmethods(event: UserActionEvent) -> str:
        return "and so does this"


async def main():
    bus = Bubus.EventBus()
    bus.on("*", universal_handler)
    bus.on(UserActionEvent, handler)
    bus.on("UserActionEvent", by_name)
    bus.on(UserActionEvent, async_handler)
    bus.on(UserActionEvent, sync_handler)
    bus.on(UserActionEvent, SomeService().handlers_can_be_methods)
    bus.on(UserActionEvent, SomeService.handlers_can_be_classmethods)
    bus.on(UserActionEvent, SomeService.handlers_can_be_staticmethods)

    # [decorator]
    @bus.on("User*", priority=10)
    def first(event):
        return "before all others"
    # [/decorator]

    results = await bus.dispatch(UserActionEvent()).event_results_by_handler_name()
    for name, value in results.items():
        print(f"{name}: {value}")


Bubus.run(main())
