#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A login that asks another service, and waits for what it answers."""

import asyncio

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus

from typing import Any


# [classes]
class UserLoginEvent(Bubus.Event[str]):
    username: str
    is_admin: bool


class AuthRequestEvent(Bubus.Event):
    username: str
# [/classes]


class AuthResponseEvent(Bubus.Event[dict[str, Any]]):
    username: str


bus = Bubus.EventBus()


# [handler]
async def handle_login(event: UserLoginEvent) -> str:
    response = asyncio.ensure_future(event.event_bus.expect(AuthResponseEvent, timeout=30.0))
    await event.event_bus.dispatch(AuthRequestEvent(username=event.username))
    answer = await (await response).event_result()
    return f"User {event.username} logged in admin={event.is_admin} with API response: {answer}"
# [/handler]


class AuthAPI:
    @staticmethod
    async def post(event: AuthRequestEvent) -> None:
        bus.dispatch(AuthResponseEvent(username=event.username))


async def main():
    bus.on(UserLoginEvent, handle_login)
    bus.on(AuthRequestEvent, AuthAPI.post)
    bus.on(AuthResponseEvent, lambda event: {"status": "ok"})

    # [run]
    event = bus.dispatch(UserLoginEvent(username="alice", is_admin=True))
    print(await event.event_result())
    # [/run]


Bubus.run(main())
