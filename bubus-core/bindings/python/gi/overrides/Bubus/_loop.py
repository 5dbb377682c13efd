# SPDX-License-Identifier: LGPL-2.1-or-later
"""An event loop of asyncio on a GLib.MainContext.

It runs in a program of any language that runs the main context. It has timers, tasks, futures, executors and watches of
file descriptors; for streams and subprocesses there is Gio.
"""

import asyncio
import collections
import contextlib
import heapq
import math
import signal
import threading

from gi.repository import GLib

_here = threading.local()


class _Source(GLib.Source):
    """One source for all that is due: PyGObject 3.42 loses memory with each that has a callback of its own."""

    def __init__(self, loop):
        super().__init__()
        self.loop = loop

    def prepare(self):
        return self.loop._prepare()

    def check(self):
        return self.loop._prepare()[0]

    def dispatch(self, _callback, _args):
        self.loop._run_due()
        return GLib.SOURCE_CONTINUE


class EventLoop(asyncio.BaseEventLoop):
    """Runs what asyncio schedules in a source of a main context, and needs nothing else to be run."""

    def __init__(self, context=None):
        self._context = context or GLib.MainContext.ref_thread_default()
        self._due = collections.deque()
        self._timers = []
        self._n_cancelled = 0
        self._watches = {}
        self._source = None
        super().__init__()
        self._source = _Source(self)
        self._source.attach(self._context)

    # ---- running

    def _enter(self):
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        return before

    def _prepare(self):
        """Whether something is due, and else in how many milliseconds it will be; -1 when nothing is in sight."""
        timers, now = self._timers, self.time()
        while timers and (timers[0].cancelled() or timers[0].when() <= now):
            handle = heapq.heappop(timers)
            handle._scheduled = False
            if handle.cancelled():
                self._n_cancelled -= 1
            else:
                self._due.append(handle)
        if self._due or not timers:
            return bool(self._due), -1
        return False, math.ceil((timers[0].when() - now) * 1000)

    def _run_due(self):
        """What becomes due meanwhile waits for the next iteration, so that the rest of the program has its turn."""
        before = self._enter()
        try:
            for _ in range(len(self._due)):
                handle = self._due.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(before)

    def _wake(self):
        if not self._context.is_owner():
            self._context.wakeup()

    def call_soon(self, callback, *args, context=None):
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._due.append(handle)
        self._wake()
        return handle

    call_soon_threadsafe = call_soon

    def call_at(self, when, callback, *args, context=None):
        self._check_closed()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, handle)
        handle._scheduled = True
        self._wake()
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle):
        """Most timers are limits that are never reached: they must not pile up until they would have been."""
        if not handle._scheduled:
            return
        self._n_cancelled += 1
        if self._n_cancelled > 100 and self._n_cancelled * 2 > len(self._timers):
            self._timers = [each for each in self._timers if not each.cancelled()]
            heapq.heapify(self._timers)
            self._n_cancelled = 1  # this one, which is only about to be

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
        self._timers.clear()
        self._source.destroy()
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
        source.set_priority(GLib.PRIORITY_DEFAULT)
        source.set_callback(ready)
        source.attach(self._context)
        self._watches[fd, condition] = source

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
        task = loop.create_task(main)
        with _interrupts(task) as interrupted:
            try:
                return loop.run_until_complete(task)
            except asyncio.CancelledError:
                if interrupted:
                    raise KeyboardInterrupt from None
                raise
    finally:
        try:
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()
            _here.loop = before


@contextlib.contextmanager
def _interrupts(task):
    """An exception cannot pass through the main loop: an interrupt cancels the task, and is raised when that is done."""
    interrupted = []

    def interrupt(*_):
        if interrupted:
            raise KeyboardInterrupt
        interrupted.append(True)
        task.cancel()

    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupted
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _cancel_all(loop):
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
