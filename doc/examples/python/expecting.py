#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An invoice is asked for over some network; the answer is an event, too."""

import asyncio
import uuid

import gi

gi.require_version("Bubus", "1")
from gi.repository import Bubus


class GenerateInvoiceEvent(Bubus.Event[str]):
    invoice_id: str


class APIRequestEvent(Bubus.Event):
    method: str
    invoice_id: str
    request_id: uuid.UUID


class APIResponseEvent(Bubus.Event):
    request_id: uuid.UUID
    invoice_id: str
    invoice_url: str
    status: str = "done"


class TimedOutEvent(Bubus.Event):
    msg: str


bus = Bubus.EventBus()


async def on_generate_invoice_pdf(event: GenerateInvoiceEvent) -> str:
    request = APIRequestEvent(method="invoices.generatePdf", invoice_id=event.invoice_id, request_id=uuid.uuid4())

    def is_our_response(response):
        return response.request_id == request.request_id

    def is_successful(response):
        return response.invoice_id == event.invoice_id and response.invoice_url

    # [expect]
    expected = asyncio.ensure_future(
        bus.expect(
            APIResponseEvent,
            include=lambda e: is_our_response(e) and is_successful(e),
            exclude=lambda e: e.status == "retrying",
            timeout=30,
        )
    )
    # [/expect]
    await bus.dispatch(request)
    try:
        response = await expected
    except TimeoutError:
        await bus.dispatch(TimedOutEvent(msg="timed out while waiting for response from server"))
        raise
    return response.invoice_url


def on_request(event: APIRequestEvent):
    """In the place of a client that sends the request, and dispatches what it answers."""
    answer = {"invoice_id": event.invoice_id, "invoice_url": f"https://example.org/{event.invoice_id}.pdf"}
    bus.dispatch(APIResponseEvent(request_id=uuid.uuid4(), **answer))
    bus.dispatch(APIResponseEvent(request_id=event.request_id, status="retrying", **answer))
    bus.dispatch(APIResponseEvent(request_id=event.request_id, **answer))


async def main():
    bus.on(GenerateInvoiceEvent, on_generate_invoice_pdf)
    bus.on(APIRequestEvent, on_request)
    print(await bus.dispatch(GenerateInvoiceEvent(invoice_id="INV-7")).event_result())

    try:
        await bus.expect("UserEvent", predicate=lambda e: e.user_id == "specific_user", timeout=0.01)
    except TimeoutError:
        print("no such user")


Bubus.run(main())
