# SPDX-License-Identifier: LGPL-2.1-or-later
"""The stock loop of asyncio, made to run the main context while it waits."""

import asyncio
import atexit
import math
import threading
import weakref

from gi.repository import GLib


_FOREIGN = ("asyncio.", "uvloop")
_here = threading.local()
_holders = weakref.WeakSet()


def release_at_exit(holder):
    """PyGObject 3.42 complains, or recurses until it crashes, where a source of Python outlives the interpreter."""
    _holders.add(holder)


@atexit.register
def _release_all():
    for holder in list(_holders):
        holder.release()


class _Limit(GLib.Source):
    """Ends an iteration of the main context when the loop has something to do; does nothing itself."""

    def __init__(self, fd):
        super().__init__()
        self.milliseconds = -1
        self.add_unix_fd(fd, GLib.IOCondition.IN | GLib.IOCondition.HUP | GLib.IOCondition.ERR)

    def prepare(self):
        return False, self.milliseconds

    def check(self):
        return False

    def dispatch(self, _callback, _args):
        return GLib.SOURCE_CONTINUE


class MainContextSelector:
    """Selects as another selector does, and lets the main context have its turn meanwhile."""

    def __init__(self, selector, context):
        self._selector = selector
        self._context = context
        self._limit = None
        release_at_exit(self)

    def select(self, timeout=None):
        """One iteration: whatever was called in it may have given the loop something to do."""
        if self._limit is None:
            self._begin()
        self._limit.milliseconds = -1 if timeout is None else max(0, math.ceil(timeout * 1000))
        self._context.iteration(self._limit.milliseconds != 0)
        self._limit.milliseconds = -1
        return self._selector.select(0)

    def _begin(self):
        rest()
        self._limit = _Limit(self._selector.fileno())
        self._limit.attach(self._context)
        _here.selector = self

    def close(self):
        self.release()
        self._selector.close()

    def release(self):
        if self._limit is not None:
            self._limit.destroy()
            self._limit = None

    def __getattr__(self, name):
        return getattr(self._selector, name)


def rest():
    """A loop that is not closed and does not run, such as that of the parent of a process, must not wake others."""
    selector = getattr(_here, "selector", None)
    if selector is not None:
        selector.release()
        _here.selector = None


def runs_main_context(loop):
    """Whether what is on the main context goes on while @loop runs."""
    if isinstance(getattr(loop, "_selector", None), MainContextSelector):
        return True
    if any(base.__module__.startswith("gi.") for base in type(loop).__mro__):
        return True
    return not isinstance(loop, asyncio.SelectorEventLoop) and not type(loop).__module__.startswith(_FOREIGN)


def _may_run_main_context():
    """Not inside of what a main loop has called, and not in a thread to which the main context does not belong."""
    if GLib.main_depth() > 0:
        return False
    return threading.current_thread() is threading.main_thread() or GLib.MainContext.get_thread_default() is not None


def teach(loop):
    """Has @loop, which runs in this thread, run the main context, too; says whether it does from now on."""
    if runs_main_context(loop):
        return True
    selector = getattr(loop, "_selector", None) if isinstance(loop, asyncio.SelectorEventLoop) else None
    if not hasattr(selector, "fileno") or not _may_run_main_context():
        return False
    context = GLib.MainContext.ref_thread_default()
    if not context.acquire():
        return False
    context.release()
    loop._selector = MainContextSelector(selector, context)
    return True
