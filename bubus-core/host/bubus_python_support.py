# SPDX-License-Identifier: LGPL-2.1-or-later
"""What PyGObject does not do for plugins: it prints exceptions and drops them.

The host loads this before the first plugin in Python. From then on, what a plugin or one of its handlers raises becomes
an error with its type, its message and its place; and a function that returns nothing has succeeded.
"""

import functools
import traceback

import gi

gi.require_version("Bubus", "1")
gi.require_version("BubusHost", "1")
from gi.repository import Bubus, BubusHost, GLib

MAX_FRAMES = 10


def describe(exception):
    """“ValueError: …”, and where, from the innermost function outwards."""
    frames = [frame for frame in traceback.extract_tb(exception.__traceback__) if frame.filename != __file__]
    places = [f"\n    at {frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames)]
    if isinstance(exception, SyntaxError):
        places.insert(0, f"\n    at (module) ({exception.filename}:{exception.lineno})")
    return "".join(["".join(traceback.format_exception_only(type(exception), exception)).strip(), *places[:MAX_FRAMES]])


def guard(function, code):
    """Of what is raised, only errors of GLib reach C."""

    @functools.wraps(function)
    def guarded(*arguments):
        try:
            return function(*arguments) is not False
        except GLib.Error:
            raise
        except Exception as exception:
            raise GLib.Error(describe(exception), "bubus-error-quark", code) from exception

    return guarded


def guard_registration(register):
    """@func is always the last argument but for user data."""

    @functools.wraps(register)
    def guarded(context, bus, what, name, func, *user_data):
        return register(context, bus, what, name, guard(func, Bubus.Error.HANDLER_FAILED), *user_data)

    return guarded


def guard_constructor(construct):
    """C gets an object whether or not its constructor has failed: it fails when it is activated."""

    @functools.wraps(construct)
    def guarded(self, *arguments, **keywords):
        try:
            construct(self, *arguments, **keywords)
        except Exception as exception:
            failures[type(self)] = describe(exception)

    return guarded


def guard_activation(activate):
    guarded = guard(activate, Bubus.Error.PLUGIN)

    @functools.wraps(activate)
    def checked(self, context):
        failure = failures.pop(type(self), None)
        if failure is not None:
            raise GLib.Error(failure, "bubus-error-quark", Bubus.Error.PLUGIN)
        return guarded(self, context)

    return checked


def guard_plugin(cls, **keywords):
    if "__init__" in vars(cls):
        cls.__init__ = guard_constructor(cls.__init__)
    if "do_activate" in vars(cls):
        cls.do_activate = guard_activation(cls.do_activate)
    if "do_deactivate" in vars(cls):
        cls.do_deactivate = guard(cls.do_deactivate, Bubus.Error.PLUGIN)


failures = {}  # class → why its last constructor failed
BubusHost.Plugin.__init_subclass__ = classmethod(guard_plugin)
BubusHost.PluginContext.on = guard_registration(BubusHost.PluginContext.on)
BubusHost.PluginContext.on_pattern = guard_registration(BubusHost.PluginContext.on_pattern)
