# SPDX-License-Identifier: LGPL-2.1-or-later
"""Functions that are tried again, and of which a limited number run at a time: under the policies of the library."""

import asyncio
import contextvars
import functools
import inspect
import os
import threading
import weakref

from gi.repository import Gio, GLib, GObject

from ._calls import _current, perform
from ._errors import TimedOutError, text_of, to_exception
from ._library import Bubus
from ._selector import teach

# What the library is told of an exception: whether it is a reason to try again. The exception itself stays here.
_EXCEPTION = "bubus-retry-exception"
_FINAL, _AGAIN = 0, 1
_SCOPES = ("global", "class", "self", "multiprocess")

# The places that the chain of calls, to which this code belongs, has of semaphores; and the call of a handler that all
# of it belongs to. The chain ends at the bus: who has dispatched an event need not wait for it.
_permit = contextvars.ContextVar("bubus_permit", default=(None, None))


def _get_permit():
    call, permit = _permit.get()
    return permit if call is _current.get() else None


_owners = {}


def _get_owner(target):
    """The object that stands for @target in the library; None for what cannot be followed."""
    if isinstance(target, GObject.Object):
        return target
    key = id(target)
    if key not in _owners:
        try:
            _owners[key] = (weakref.ref(target, lambda _: _owners.pop(key, None)), GObject.Object())
        except TypeError:
            return None
    return _owners[key][1]


class _Run:
    """One call of a retried function: makes the attempts that the policy asks for, one after the other."""

    def __init__(self, func, reasons, post):
        self.func = func
        self.reasons = reasons
        self.post = post
        self.loop = asyncio.get_running_loop()
        self.context = contextvars.copy_context()
        self.task = None
        self.given_up = None
        self.value = None
        self.exception = None

    def __call__(self, attempt, *_):
        self.post(self._begin, attempt)
        return True

    def _begin(self, attempt):
        context = self.context.copy()
        context.run(_permit.set, (context.get(_current), attempt.get_permit()))
        task = self.task = context.run(self.loop.create_task, self._make(attempt, self.task))
        # Gio.Cancellable has a connect() of its own, which holds a lock.
        GObject.Object.connect(attempt.get_cancellable(), "cancelled", lambda *_: self.post(self._give_up, task))
        if attempt.get_cancellable().is_cancelled():
            self._give_up(task)

    def _give_up(self, task):
        """Once: a second time would interrupt it while it cleans up."""
        if self.given_up is not task:
            self.given_up = task
            task.cancel()

    async def _make(self, attempt, before):
        if before is not None and not before.done():  # it was given up, and cleans up
            await asyncio.wait({before})
        try:
            value = self.func()
            if inspect.isawaitable(value) and not isinstance(value, Bubus.Event):
                value = await value
        except BaseException as error:  # noqa: BLE001, it is raised again by the caller
            self._fail(attempt, error)
            if not isinstance(error, Exception):
                raise
        else:
            self.value = value
            attempt.return_nothing()

    def _fail(self, attempt, error):
        self.exception = error
        again = isinstance(error, Exception) and (self.reasons is None or isinstance(error, self.reasons))
        quark = GLib.quark_from_string(_EXCEPTION)
        attempt.return_error_literal(quark, _AGAIN if again else _FINAL, f"{type(error).__name__}: {text_of(error)}")

    async def finish(self):
        """What was given up is cancelled, and cleans up before the caller goes on."""
        if self.task is not None and not self.task.done():
            await asyncio.wait({self.task})

    def to_exception(self, error):
        if error.domain == _EXCEPTION:
            return self.exception
        return to_exception(error)


# ---- loops that run no main context


class _ContextThread:
    """A thread with a main context, for programs in which nothing else runs one. It ends with the program."""

    def __init__(self):
        self._context = GLib.MainContext()
        threading.Thread(target=self._run, name="bubus-retry", daemon=True).start()

    def _run(self):
        self._context.push_thread_default()
        GLib.MainLoop.new(self._context, False).run()

    def invoke(self, func):
        source = GLib.idle_source_new()
        source.set_priority(GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda *_: func() or GLib.SOURCE_REMOVE)
        source.attach(self._context)


_thread = None
_thread_lock = threading.Lock()


def _get_thread():
    global _thread
    with _thread_lock:
        if _thread is None:
            _thread = _ContextThread()
        return _thread


def _forget_thread():
    """Threads are not inherited by a process that was forked."""
    global _thread, _thread_lock
    _thread, _thread_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_thread)


def _post_to(loop):
    def post(func, *args):
        try:
            loop.call_soon_threadsafe(func, *args)
        except RuntimeError:  # the loop is closed, and nobody waits any more
            pass

    return post


async def _perform_elsewhere(policy, operation, post):
    future = asyncio.get_running_loop().create_future()
    cancellable = Gio.Cancellable()

    def resolve(error):
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(None)

    def done(_source, result, *_):
        try:
            policy.run_finish(result)
            post(resolve, None)
        except GLib.Error as error:
            post(resolve, error)

    _get_thread().invoke(lambda: policy.run_async(operation, cancellable, done))
    try:
        await future
    except asyncio.CancelledError:
        cancellable.cancel()
        raise


# ---- the decorator


class _Settings:
    """What a decorated function is called under."""

    def __init__(self, name, policy, semaphore, scope, reasons):
        self.name = name
        self.policy = policy
        self.semaphore = semaphore
        self.scope = scope
        self.reasons = reasons
        self._policies = {}

    def _make_policy(self, name, scope):
        policy = Bubus.RetryPolicy(**self.policy)
        policy.retry_on(GLib.quark_from_string(_EXCEPTION), _AGAIN)
        if self.reasons is None or issubclass(TimedOutError, self.reasons):
            policy.retry_on(Bubus.error_quark(), Bubus.Error.TIMED_OUT)
        if self.semaphore is not None:
            scope = getattr(Bubus.Scope, scope.upper())
            policy.set_semaphore(Bubus.Semaphore(name=name, scope=scope, **self.semaphore))
        return policy

    def choose(self, args):
        """The policy for a call with @args, and on whose behalf it is made."""
        name, scope, owner = self.name, self.scope, None
        if self.semaphore is not None and args and scope in ("class", "self"):
            target = args[0]
            if scope == "self":
                owner = _get_owner(target)
                if owner is None:
                    name = f"{id(target)}.{name}"
            elif isinstance(target, GObject.Object):
                owner = target
            else:
                name, scope = f"{type(target).__name__}.{name}", "global"
        if (name, scope) not in self._policies:
            self._policies[name, scope] = self._make_policy(name, scope)
        return self._policies[name, scope], owner


async def _call(settings, func, args, keywords):
    """Raises where nothing refers to the exception: its traceback would keep all of this until it is collected."""
    policy, owner = settings.choose(args)
    loop = asyncio.get_running_loop()
    ours = teach(loop)
    post = (lambda func, *args: func(*args)) if ours else _post_to(loop)
    run = _Run(functools.partial(func, *args, **keywords), settings.reasons, post)
    operation = Bubus.Operation.new(run)
    operation.set_owner(owner)
    operation.set_held(_get_permit())
    try:
        if ours:
            await perform(lambda *args: policy.run_async(operation, *args), policy.run_finish)
        else:
            await _perform_elsewhere(policy, operation, post)
        return run.value, None
    except (GLib.Error, TimedOutError) as error:
        return None, run.to_exception(error) if isinstance(error, GLib.Error) else error
    finally:
        await run.finish()
        run.exception = None


def _check_reasons(retry_on):
    if retry_on is None:
        return None
    reasons = tuple(retry_on) if isinstance(retry_on, (list, tuple, set, frozenset)) else (retry_on,)
    for reason in reasons:
        if not (isinstance(reason, type) and issubclass(reason, BaseException)):
            raise TypeError(f"retry_on takes classes of exceptions, not {reason!r:.100}")
    return reasons


def retry(wait=3, retries=3, timeout=5, retry_on=None, backoff_factor=1.0, semaphore_limit=None, semaphore_name=None,
          semaphore_lax=True, semaphore_scope="global", semaphore_timeout=None):
    """Decorates a coroutine function, a method or a handler, so that it is tried again when it fails.

    Each attempt may take @timeout seconds; there are up to @retries repetitions, after @wait seconds, each time
    @backoff_factor times as long. @retry_on is a class of exceptions, or several; others are raised at once.

    With @semaphore_limit, only so many calls run at a time of those that share @semaphore_name, which is the name of
    the function unless it is given: all of the process (“global”), those of one class (“class”) or object (“self”), or
    those of all processes of the user (“multiprocess”). Whoever has waited @semaphore_timeout seconds goes on without,
    or, when the semaphore is not @semaphore_lax, raises TimeoutError; 0 is for ever.
    """
    if callable(wait):  # @retry without parentheses
        return retry()(wait)
    if semaphore_scope not in _SCOPES:
        raise ValueError(f"semaphore_scope is one of {', '.join(_SCOPES)}, not {semaphore_scope!r:.100}")
    policy = {
        "wait": max(wait, 0),
        "retries": max(retries, 0),
        "timeout": timeout or 0,
        "backoff_factor": backoff_factor,
    }
    semaphore = None
    if semaphore_limit is not None and semaphore_limit > 0:
        semaphore = {"limit": semaphore_limit, "lax": semaphore_lax,
                     "timeout": -1 if semaphore_timeout is None else semaphore_timeout}
    reasons = _check_reasons(retry_on)

    def decorate(func):
        name = semaphore_name or getattr(func, "__name__", type(func).__name__)
        settings = _Settings(name, policy, semaphore, semaphore_scope, reasons)

        @functools.wraps(func)
        async def wrapper(*args, **keywords):
            value, error = await _call(settings, func, args, keywords)
            if error is not None:
                try:
                    raise error
                finally:
                    error = None  # a circle with the traceback
            return value

        return wrapper

    return decorate


__all__ = ["retry"]
