# SPDX-License-Identifier: LGPL-2.1-or-later
"""An event loop of asyncio on a GLib.MainContext.

It runs in a program of any language that runs the main context. It has timers, tasks, futures, executors and watches of
file descriptors; for streams and subprocesses there is Gio.
"""

import asyncio
import collections
import contextlib
import math
import threading

from gi.repository import GLib

_here = threading.local()


class EventLoop(asyncio.BaseEventLoop):
    """Runs what asyncio schedules as sources of a main context, and needs nothing else to be run."""

    def __init__(self, context=None):
        self._context = context or GLib.MainContext.ref_thread_default()
        self._due = collections.deque()
        self._source = None
        self._lock = threading.Lock()
        self._timers = {}
        self._watches = {}
        super().__init__()

    # ---- running

    def _enter(self):
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        return before

    def _run_due(self, *_):
        """What becomes due meanwhile waits for the next iteration, so that the rest of the program has its turn."""
        before = self._enter()
        try:
            for _ in range(len(self._due)):
                handle = self._due.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(before)
            with self._lock:
                if not self._due:
                    self._source = None
        return self._source is not None

    def _attach(self, source, callback):
        source.set_priority(GLib.PRIORITY_DEFAULT)
        source.set_callback(callback)
        source.attach(self._context)
        return source

    def call_soon(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        with self._lock:
            self._due.append(handle)
            if self._source is None:
                self._source = self._attach(GLib.Idle(), self._run_due)
        return handle

    call_soon_threadsafe = call_soon

    def _run_timer(self, handle):
        self._timers.pop(handle, None)
        handle._scheduled = False
        before = self._enter()
        try:
            if not handle.cancelled():
                handle._run()
        finally:
            asyncio._set_running_loop(before)
        return GLib.SOURCE_REMOVE

    def call_at(self, when, callback, *args, context=None):
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        milliseconds = max(0, math.ceil((when - self.time()) * 1000))
        handle._scheduled = True
        self._timers[handle] = self._attach(GLib.Timeout(milliseconds), lambda *_: self._run_timer(handle))
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle):
        source = self._timers.pop(handle, None)
        if source is not None:
            source.destroy()

    def time(self):
        return GLib.get_monotonic_time() / 1e6

    def is_running(self):
        return not self.is_closed()

    def run_until_complete(self, future):
        """Runs the main context until @future is done."""
        self._check_closed()
        future = asyncio.ensure_future(future, loop=self)
        while not future.done():
            self._context.iteration(True)
        return future.result()

    def run_forever(self):
        self._stopping = False
        while not self._stopping:
            self._context.iteration(True)
        self._stopping = False

    def stop(self):
        self._stopping = True
        self._context.wakeup()

    def close(self):
        for handle in list(self._timers):
            self._timer_handle_cancelled(handle)
        for key in list(self._watches):
            self._unwatch(key)
        self._due.clear()
        self._closed = True

    def __del__(self):
        """Nothing is lost with a loop that nobody has closed."""

    # PyGObject 3.50 asks these of every loop that it finds running.

    def paused(self):
        return contextlib.nullcontext()

    def running(self):
        return contextlib.nullcontext()

    # ---- file descriptors

    def _unwatch(self, key):
        source = self._watches.pop(key, None)
        if source is not None:
            source.destroy()
        return source is not None

    def _watch(self, fd, condition, callback, args):
        fd = fd if isinstance(fd, int) else fd.fileno()
        handle = asyncio.Handle(callback, args, self, None)

        def ready(*_):
            before = self._enter()
            try:
                handle._run()
            finally:
                asyncio._set_running_loop(before)
            return GLib.SOURCE_CONTINUE

        self._unwatch((fd, condition))
        source = GLib.unix_fd_source_new(fd, condition | GLib.IOCondition.HUP | GLib.IOCondition.ERR)
        self._watches[fd, condition] = self._attach(source, ready)

    def add_reader(self, fd, callback, *args):
        self._watch(fd, GLib.IOCondition.IN, callback, args)

    def remove_reader(self, fd):
        return self._unwatch((fd if isinstance(fd, int) else fd.fileno(), GLib.IOCondition.IN))

    def add_writer(self, fd, callback, *args):
        self._watch(fd, GLib.IOCondition.OUT, callback, args)

    def remove_writer(self, fd):
        return self._unwatch((fd if isinstance(fd, int) else fd.fileno(), GLib.IOCondition.OUT))


def get_loop():
    """The loop that runs here, or else the one of this library, which runs whenever the main context does."""
    running = asyncio._get_running_loop()
    if running is not None:
        return running
    loop = getattr(_here, "loop", None)
    if loop is None:
        loop = _here.loop = EventLoop()
    return loop


def check_loop(loop):
    """The stock loop of asyncio never lets a bus run: better to say so than to hang."""
    if isinstance(loop, asyncio.SelectorEventLoop) and type(loop).__module__.startswith("asyncio."):
        raise RuntimeError(
            "this event loop does not run GLib's main context, and so no bus: use Bubus.run (main ()) for "
            "asyncio.run (main ()), or give Bubus.EventLoop as its loop_factory"
        )
    return loop


def run(main, *, debug=None):
    """Runs a coroutine, and the main context until it is done: what asyncio.run() is for other programs."""
    if asyncio._get_running_loop() is not None:
        raise RuntimeError("Bubus.run() cannot be called from a running event loop")
    before = getattr(_here, "loop", None)
    loop = _here.loop = EventLoop()
    if debug is not None:
        loop.set_debug(debug)
    try:
        return loop.run_until_complete(main)
    finally:
        try:
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()
            _here.loop = before


def _cancel_all(loop):
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
