#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that answers requests, and tells everybody what has happened."""

import uuid
from dataclasses import dataclass
from enum import Enum
from typing import Optional

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus
from gi.repository.Bubus import Message, Messenger


# [types]
class Address(str, Enum):
    CREATE_USER = "create_user"
    GET_USER = "get_user"


@dataclass
class User:
    user_id: uuid.UUID
    username: str
    email: str


@dataclass
class CreateUserRequest:
    username: str
    email: str


@dataclass
class CreateUserResponse:
    user: User


@dataclass
class GetUserResponse:
    user: User
# [/types]


# [service]
class UserService:
    def __init__(self, event_bus: Messenger):
        self.event_bus = event_bus
        self.users: dict[uuid.UUID, User] = {}

        self.event_bus.consumer(Address.CREATE_USER, self.create_user)
        self.event_bus.consumer(Address.GET_USER, self.get_user)

    async def create_user(self, message: Message[CreateUserRequest]) -> CreateUserResponse:
        request = message.body
        user = User(user_id=uuid.uuid4(), username=request.username, email=request.email)
        self.users[user.user_id] = user

        await self.event_bus.publish("user.created", user)
        return CreateUserResponse(user=user)

    async def get_user(self, message: Message[uuid.UUID]) -> Optional[GetUserResponse]:
        if (found_user := self.users.get(message.body)) is not None:
            return GetUserResponse(user=found_user)
        return None
# [/service]


async def main():
    event_bus = Messenger()
    user_service = UserService(event_bus)

    # [listen]
    @event_bus.on("user.created")
    async def on_user_created(user: User):
        print(f"User created: {user.username}")
    # [/listen]

    async def send_welcome_email(user: User):
        print(f"Sending welcome email to {user.email}")

    event_bus.on("user.created", send_welcome_email)

    # [request]
    response = await event_bus.request(
        Address.CREATE_USER,
        CreateUserRequest(username="john", email="john@example.com"),
    )
    found = await event_bus.request(Address.GET_USER, response.user.user_id)
    print(f"Retrieved user: {found.user.username}")
    # [/request]
    print(await event_bus.request(Address.GET_USER, uuid.uuid4()), len(user_service.users))

    # [consumer]
    @event_bus.consumer("greeting")
    async def handle_greeting(msg: Message[str]) -> str:
        return f"Hello, {msg.body}!"

    print(await event_bus.request("greeting", "World"))
    # [/consumer]

    # [errors]
    try:
        await event_bus.request("farewell", "World", timeout=5)
    except Bubus.HandlerNotFoundError as error:
        print(error)
    try:
        await event_bus.request("greeting", 5)
    except Bubus.HandlerExecutionError as error:
        print(type(error.original_error).__name__, error)
    # [/errors]


if __name__ == "__main__":
    import logging

    logging.getLogger("bubus").setLevel(logging.CRITICAL)  # what fails here is meant to
    Bubus.run(main())
