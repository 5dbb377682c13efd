# SPDX-License-Identifier: LGPL-2.1-or-later
"""Functions as middleware."""

import inspect

from gi.repository import GLib, GObject

from ._calls import log
from ._errors import DOMAIN, to_error
from ._library import Bubus
from ._loop import get_loop


class FunctionMiddleware(GObject.Object, Bubus.Middleware):
    """Asks a function, or a coroutine, about each event: it returns the event, another in its place, or None."""

    __module__ = "bubus"  # classes of overrides have no GType of their own

    def __init__(self, func):
        super().__init__()
        self.func = func

    def do_intercept(self, _bus, event, interception):
        try:
            answer = self.func(event)
            if inspect.isawaitable(answer) and not isinstance(answer, Bubus.Event):
                interception.defer()
                self._task = get_loop().create_task(self._drive(answer, event, interception))
            else:
                self._decide(answer, event, interception)
        except Exception as error:
            raise to_error(error) from None
        return True

    async def _drive(self, answer, event, interception):
        try:
            self._decide(await answer, event, interception)
        except Exception as error:  # noqa: BLE001
            log.exception("a middleware failed on %s", event)
            interception.drop(to_error(error))
        else:
            interception.resume()

    def _decide(self, answer, event, interception):
        if answer is None:
            name = getattr(self.func, "__name__", type(self.func).__name__)
            interception.drop(GLib.Error(f"{name} has dropped “{event.event_type}”", DOMAIN, Bubus.Error.DROPPED))
        elif answer is not event:
            interception.replace(answer)
