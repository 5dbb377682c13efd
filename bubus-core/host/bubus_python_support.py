# SPDX-License-Identifier: LGPL-2.1-or-later
"""What PyGObject does not do for plugins: it prints exceptions and drops them.

The host loads this before the first plugin in Python. From then on, what a plugin or one of its handlers raises becomes
an error with its type, its message and its place; and a function that returns nothing has succeeded.
"""

import functools
import importlib
import inspect
import sys
import traceback

import gi
import gi.overrides

# Bubus may be installed where Python does not look. What it finds by itself comes first.
OVERRIDES = "@OVERRIDES@"
if OVERRIDES not in ("", *gi.overrides.__path__):
    gi.overrides.__path__.append(OVERRIDES)

gi.require_version("Bubus", "1")
gi.require_version("BubusHost", "1")
from gi.repository import Bubus, BubusHost, GLib, GObject

try:
    from gi.overrides.Bubus import _calls as calls, _loop as loops
except ImportError:  # the overrides are not installed
    calls = loops = None

MAX_FRAMES = 10

# sys.exit() would end the host.
RAISED = (Exception, SystemExit, KeyboardInterrupt)


def describe(exception):
    """“ValueError: …”, and where, from the innermost function outwards."""
    frames = [frame for frame in traceback.extract_tb(exception.__traceback__) if frame.filename != __file__]
    places = [f"\n    at {frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames)]
    if isinstance(exception, SyntaxError):
        places.insert(0, f"\n    at (module) ({exception.filename}:{exception.lineno})")
    return "".join(["".join(traceback.format_exception_only(type(exception), exception)).strip(), *places[:MAX_FRAMES]])


def convert(exception, code):
    """An error of GLib stays what it is."""
    if isinstance(exception, GLib.Error):
        return exception
    return GLib.Error(describe(exception), "bubus-error-quark", code)


def guard(function, code):
    """Of what is raised, only errors of GLib reach C."""

    @functools.wraps(function)
    def guarded(*arguments):
        try:
            outcome = function(*arguments)
            return outcome if inspect.iscoroutine(outcome) else outcome is not False
        except GLib.Error:
            raise
        except BaseException as exception:
            raise convert(exception, code) from exception

    return guarded


def check_coroutines(name):
    if calls is None:
        raise TypeError(f"{name} is a coroutine, which takes what Bubus adds to PyGObject: it is not installed")


async def answer_later(context, coroutine):
    try:
        await coroutine
    except RAISED as exception:
        error = convert(exception, Bubus.Error.PLUGIN)
        context.return_error_literal(GLib.quark_from_string(error.domain), error.code, error.message)
    else:
        context.return_done()


def settle(context, name, outcome):
    """A coroutine of a plugin runs on GLib's main loop, and answers later."""
    if not inspect.iscoroutine(outcome):
        return outcome
    try:
        check_coroutines(name)
    except TypeError as error:
        outcome.close()
        raise convert(error, Bubus.Error.PLUGIN) from error
    context.defer()
    tasks.add(task := loops.get_loop().create_task(answer_later(context, outcome)))
    task.add_done_callback(tasks.discard)
    return True


def register_coroutine(register, context, bus, what, name, func, *user_data):
    """What it returns is the result, and it may await events."""
    check_coroutines(func.__qualname__)

    async def guarded(event):
        try:
            return await func(event, calls.get_call().invocation, *user_data)
        except (SystemExit, KeyboardInterrupt) as exception:
            raise convert(exception, Bubus.Error.HANDLER_FAILED) from exception

    registration = calls.Registration(guarded, name or func.__name__, False)
    handler = register(context, bus, what, name, registration)
    if handler is not None:
        registration.handler_id = handler.get_id()
    return handler


def answer(registration, event, invocation, outcome):
    """What a function returns is its result, as it is on a bus, unless it says whether it has succeeded. An answer that
    it has given itself comes first."""
    if inspect.iscoroutine(outcome):
        outcome.close()
        raise TypeError("it returned a coroutine, and is no coroutine function itself")
    if outcome is None or isinstance(outcome, (bool, Bubus.Event)) or calls is None or invocation.is_deferred():
        return outcome
    registration._answer(calls.Call(event, invocation), outcome)
    return True


def register_function(register, context, bus, what, name, func, *user_data):
    def answered(event, invocation, *arguments):
        return answer(registration, event, invocation, func(event, invocation, *arguments))

    registration = calls and calls.Registration(func, name, False)
    handler = register(context, bus, what, name, guard(answered, Bubus.Error.HANDLER_FAILED), *user_data)
    if registration is not None and handler is not None:
        registration.handler_id = handler.get_id()
    return handler


def guard_registration(register):
    """@func is always the last argument but for user data."""

    @functools.wraps(register)
    def guarded(context, bus, what, name, func, *user_data):
        kind = register_coroutine if inspect.iscoroutinefunction(func) else register_function
        return kind(register, context, bus, what, name, func, *user_data)

    return guarded


def renew(self):
    """libpeas makes objects of the class that it found first: they become ones of the class that has its name now."""
    newest = classes[type(self).__module__, type(self).__qualname__]
    if newest is not type(self):
        self.__class__ = newest
    return newest


def guard_constructor(cls, construct):
    """C gets an object whether or not its constructor has failed: it fails when it is activated."""

    @functools.wraps(construct)
    def guarded(self, *arguments, **keywords):
        if renew(self) is not cls:
            return type(self).__init__(self, *arguments, **keywords)
        try:
            construct(self, *arguments, **keywords)
        except BaseException as exception:
            failures[cls] = describe(exception)

    return guarded


def guard_function(cls, name):
    guarded = guard(vars(cls)[name], Bubus.Error.PLUGIN)

    @functools.wraps(guarded)
    def checked(self, context):
        if renew(self) is not cls:
            return getattr(type(self), name)(self, context)
        failure = failures.pop(cls, None)
        if failure is not None:
            raise GLib.Error(failure, "bubus-error-quark", Bubus.Error.PLUGIN)
        return settle(context, name, guarded(self, context))

    return checked


def guard_plugin(cls, **keywords):
    classes[cls.__module__, cls.__qualname__] = cls
    if "__init__" in vars(cls):
        cls.__init__ = guard_constructor(cls, cls.__init__)
    for name in ("do_activate", "do_deactivate"):
        if name in vars(cls):
            setattr(cls, name, guard_function(cls, name))


classes = {}  # module and name → the newest class that has them
failures = {}  # class → why its last constructor failed
tasks = set()  # of functions that answer later: the loop does not keep them
BubusHost.Plugin.__init_subclass__ = classmethod(guard_plugin)
BubusHost.PluginContext.on = guard_registration(BubusHost.PluginContext.on)
BubusHost.PluginContext.on_pattern = guard_registration(BubusHost.PluginContext.on_pattern)


class Reloader(GObject.Object, BubusHost.Plugin):
    """Is activated in the place of a plugin whose file has changed, before that."""

    def do_activate(self, context):
        importlib.invalidate_caches()
        importlib.reload(sys.modules[context.get_plugin_info().get_name()])
