# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plugin hosts."""

import asyncio
import os

import gi
import support
from support import AsyncTestCase, Bubus, GLib

gi.require_version("BubusHost", "1")
from gi.repository import BubusHost


class HostTest(AsyncTestCase):
    def setUp(self):
        self.bus = Bubus.EventBus()
        self.host = BubusHost.Host(self.bus)
        self.host.add_search_path(os.environ["BUBUS_TEST_PLUGIN_PATH"])
        self.host.scan()

    def get_state(self, name):
        return self.host.lookup_plugin(name).props.state

    def test_the_host_is_a_list(self):
        self.assertIs(self.host.get_main_bus(), self.bus)
        self.assertIn("log", [info.get_name() for info in self.host])
        self.assertEqual(len(self.host), self.host.get_n_items())

    async def test_what_takes_its_time_can_be_awaited(self):
        await self.host.activate_plugin_async("log")
        self.assertEqual(self.get_state("log"), BubusHost.PluginState.ACTIVE)
        await self.host.reload_plugin_async("log")
        await self.host.deactivate_plugin_async("log")
        self.assertEqual(self.get_state("log"), BubusHost.PluginState.UNLOADED)
        await self.host.activate_enabled_async()
        await self.host.deactivate_all_async()

    async def test_what_fails_is_raised(self):
        with self.assertRaises(GLib.Error) as caught:
            await self.host.activate_plugin_async("nowhere")
        self.assertTrue(caught.exception.matches(Bubus.error_quark(), Bubus.Error.PLUGIN_NOT_FOUND))

    async def test_it_begins_at_once(self):
        activation = self.host.activate_plugin_async("log")
        while self.get_state("log") != BubusHost.PluginState.ACTIVE:
            await asyncio.sleep(0)  # a turn of the loop
        await activation

    async def test_who_awaits_may_give_up(self):
        activation = self.host.activate_plugin_async("log")
        activation.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await activation
        await self.host.deactivate_all_async()

    async def test_a_callback_is_called(self):
        done = asyncio.get_running_loop().create_future()
        self.host.activate_plugin_async(
            "log", None, lambda host, result: done.set_result(host.activate_plugin_finish(result))
        )
        self.assertTrue(await done)
        await self.host.deactivate_all_async()

    def test_settings_are_values(self):
        self.assertEqual(self.host.get_plugin_settings("log")["max-size"], 10485760)
        for name, value in {"max-size": 7, "messages": True, "level": "debug", "buses": ["Shop"]}.items():
            self.host.store_plugin_setting("log", name, value)
            self.assertEqual(self.host.get_plugin_settings("log")[name], value)
        self.host.store_plugin_setting("log", "level", None)
        self.assertEqual(self.host.get_plugin_settings("log")["level"], "info")

    def test_a_setting_is_described(self):
        settings = {setting.get_name(): setting for setting in self.host.list_plugin_settings("log")}
        support.collect_garbage()
        self.assertEqual(settings["keep"].minimum, 0)
        self.assertEqual(settings["keep"].maximum, 1000)
        self.assertEqual(settings["keep"].default_value, 3)
        self.assertEqual(settings["keep"].get_type_name(), "integer")
        self.assertIsNone(settings["file"].maximum)

    def test_a_setting_that_is_refused_is_not_changed(self):
        with self.assertRaises(GLib.Error) as caught:
            self.host.store_plugin_setting("log", "keep", 1001)
        self.assertIn("keep", caught.exception.message)
        self.assertEqual(self.host.get_plugin_settings("log")["keep"], 3)


if __name__ == "__main__":
    support.main()
