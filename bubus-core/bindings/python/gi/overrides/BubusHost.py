# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugin hosts in Python: what takes its time can be awaited, and settings are values of Python."""

import asyncio
import functools

from gi.module import get_introspection_module
from gi.overrides import override
from gi.overrides.Bubus._errors import to_exception
from gi.overrides.Bubus._loop import check_loop, get_loop
from gi.repository import Gio, GLib

BubusHost = get_introspection_module("BubusHost")

__all__ = ["Host", "PluginSetting"]


def to_variant(value):
    """A setting is of one of five types."""
    if value is None or isinstance(value, GLib.Variant):
        return value
    for kind, signature in ((bool, "b"), (int, "x"), (float, "d"), (str, "s")):
        if isinstance(value, kind):
            return GLib.Variant(signature, value)
    return GLib.Variant("as", list(value))


def start(function, finish):
    """Begins at once, as a call does; who awaits it waits for the end, and gives up with a cancellation."""
    future = check_loop(get_loop()).create_future()
    cancellable = Gio.Cancellable()

    def done(_source, result, *_):
        try:
            outcome = finish(result)
        except GLib.Error as error:
            if not future.done():
                future.set_exception(to_exception(error))
        else:
            if not future.done():
                future.set_result(outcome)

    function(cancellable, done)
    future.add_done_callback(lambda future: future.cancelled() and cancellable.cancel())
    return future


def awaitable(function, finish, n_arguments):
    """Without a cancellable and a callback, an asynchronous function gives what can be awaited."""

    @functools.wraps(function)
    def called(self, *arguments):
        if len(arguments) > n_arguments:
            return function(self, *arguments)
        return start(lambda *rest: function(self, *arguments, *rest), lambda result: finish(self, result))

    return called


class Host(BubusHost.Host):
    def __init__(self, main_bus=None, **properties):
        super().__init__(main_bus=main_bus, **properties)

    def store_plugin_setting(self, plugin, key, value):
        return super().store_plugin_setting(plugin, key, to_variant(value))

    def get_plugin_settings(self, plugin):
        """The values that the plugin gets when it is activated next, by their names."""
        return {setting.get_name(): setting.value for setting in self.list_plugin_settings(plugin)}


for name, n_arguments in {
    "activate_enabled": 0,
    "activate_plugin": 1,
    "deactivate_all": 0,
    "deactivate_plugin": 1,
    "reload_plugin": 1,
}.items():
    functions = (getattr(BubusHost.Host, f"{name}_{half}") for half in ("async", "finish"))
    setattr(Host, f"{name}_async", awaitable(*functions, n_arguments))


def unpacked(get):
    def value(self):
        variant = get(self)
        return None if variant is None else variant.unpack()

    return property(value)


class PluginSetting(BubusHost.PluginSetting):
    value = unpacked(BubusHost.PluginSetting.get_value)
    default_value = unpacked(BubusHost.PluginSetting.get_default_value)
    minimum = unpacked(BubusHost.PluginSetting.get_minimum)
    maximum = unpacked(BubusHost.PluginSetting.get_maximum)


Host = override(Host)
PluginSetting = override(PluginSetting)
