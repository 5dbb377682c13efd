# SPDX-License-Identifier: LGPL-2.1-or-later
"""`bubus plugins` and `bubus types`."""

import json
import os
import shutil
from pathlib import Path

import support
from support import check, equal, folder, line, run

PLUGINS = Path(os.environ["BUBUS_PLUGIN_PATH"])

TYPES = {
    "ChargeCardEvent",
    "OrderPlacedEvent",
    "OrderRefusedEvent",
    "ReserveStockEvent",
    "SendEmailEvent",
    "ShipOrderEvent",
}


def plugins(*options, **keywords):
    outcome = run("plugins", "--json", *options, **keywords)
    check(outcome, 0)
    found = {}
    for plugin in outcome.events():
        # Of those that are installed as well, the first is meant.
        found.setdefault(plugin["name"], plugin)
    return found


def write_manifest(path, name, text=""):
    os.makedirs(path, 0o755)
    Path(path, f"{name}.plugin").write_text(f"[Plugin]\nName={name}\nModule={name}\n{text}")


def test_plugins():
    orders = plugins()["orders"]
    assert orders["state"] in ("discovered", "resolved"), orders
    equal(orders["error"], None)
    equal(Path(orders["directory"]), PLUGINS / "orders")
    assert orders["version"] and orders["description"], orders


def test_plugins_in_text():
    outcome = run("plugins")
    check(outcome, 0)
    text = outcome.stdout.decode()
    assert text.startswith("orders ") or "\norders " in text, text
    assert f"    {PLUGINS / 'orders'}\n" in text, text


def test_settings():
    with folder() as name:
        write_manifest(os.path.join(name, "strange"), "strange", "X-Bubus-Settings-Schema=strange.settings\n")
        Path(name, "strange", "strange.settings").write_text(
            "[size]\nType=integer\nDefault=7\nMinimum=1\nMaximum=9\nSummary=How many\n"
            "[level]\nType=string\nChoices=low;high\nDefault=low\n"
            "[words]\nType=string-list\nDefault=a;b\n"
            "[name]\nType=string\n"
        )
        options = ("plugins", "--plugin-path", name, "--list-settings", "strange")
        outcome = run(*options, "--set", "strange.size=8")
        check(outcome, 0)
        equal(
            outcome.stdout.decode(),
            "strange.size=8 (integer, at least 1, at most 9)\n    How many\n"
            "strange.level=low (string: low | high; the default)\n"
            "strange.words=a;b (string-list; the default)\n"
            "strange.name (string)\n    The plugin “strange” needs the setting “name”\n",
        )
        settings = {setting["name"]: setting for setting in run(*options, "--json").events()}
        equal(settings["size"]["value"], 7)
        equal(settings["size"]["maximum"], 9)
        equal(settings["size"]["given"], False)
        equal(settings["level"]["choices"], ["low", "high"])
        equal(settings["words"]["default"], ["a", "b"])
        equal(settings["name"]["value"], None)
        assert "needs the setting" in settings["name"]["error"], settings
        unknown = run("plugins", "--plugin-path", name, "--list-settings", "stranger")
        check(unknown, 1)
        assert "There is no plugin “stranger”" in unknown.stderr, unknown


def test_plugin_path():
    with folder() as name:
        write_manifest(os.path.join(name, "strange"), "strange", "Description=A strange one\n")
        strange = plugins("--plugin-path", name)["strange"]
        equal(strange["description"], "A strange one")


def test_registrations():
    equal(plugins()["orders"]["registrations"], [])
    orders = plugins("--plugins", "orders")["orders"]
    equal(orders["state"], "active")
    assert any(text.endswith(" of OrderPlacedEvent on MainBus") for text in orders["registrations"]), orders
    assert "    handler " in run("plugins", "--plugins", "orders").stdout.decode()


def test_activation_that_fails():
    with folder() as name:
        write_manifest(os.path.join(name, "strange"), "strange")
        outcome = run("plugins", "--json", "--plugin-path", name, "--plugins", "strange")
        check(outcome, 1, "libstrange.so")
        (strange,) = [plugin for plugin in outcome.events() if plugin["name"] == "strange"]
        equal(strange["state"], "failed")
        assert "libstrange.so" in strange["error"], strange


def test_relative_paths():
    with folder() as name:
        write_manifest(os.path.join(name, "strange"), "strange")
        assert "strange" in plugins("--plugin-path", ".", cwd=name)
        environment = {"BUBUS_PLUGIN_PATH": "."}
        outcome = run("plugins", "--json", cwd=name, env={"BUBUS_PLUGIN_PATH": "."})
        check(outcome, 0, "not an absolute path")
        assert "strange" not in [plugin["name"] for plugin in outcome.events()]


def test_plugin_path_that_is_missing():
    check(run("plugins", "--plugin-path", "/nonexistent/plugins"), 2, "/nonexistent/plugins")


def test_plugin_that_others_can_write():
    with folder() as name:
        path = os.path.join(name, "loose")
        write_manifest(path, "loose")
        os.chmod(path, 0o777)
        outcome = run("plugins", "--json", "--plugin-path", name)
        shown = outcome.stdout.decode() + outcome.stderr
        assert "loose" in shown, outcome
        check(run("run", "--plugin-path", name, "--plugins", "loose"), 2, "loose")


def test_plugin_that_is_broken():
    with folder() as name:
        path = os.path.join(name, "broken")
        write_manifest(path, "broken")
        Path(path, "libbroken.so").write_bytes(b"no library")
        check(run("run", "--plugin-path", name, "--plugins", "broken"), 2, "broken")


def test_environment():
    with folder() as name:
        shutil.copytree(PLUGINS / "orders", os.path.join(name, "orders"), symlinks=True)
        env = {"BUBUS_PLUGIN_PATH": f"/nonexistent:{name}"}
        equal(Path(plugins(env=env)["orders"]["directory"]), Path(name, "orders"))


def test_no_plugins():
    outcome = run("plugins", env={"BUBUS_PLUGIN_PATH": ""})
    check(outcome, 0)


def schemas(*arguments):
    outcome = run("types", "--json", *arguments)
    check(outcome, 0)
    return {schema["title"]: schema for schema in outcome.events()}


def test_types():
    equal(set(schemas("--plugins", "orders")), TYPES)


def test_types_as_schemas():
    schema = schemas("--plugins", "orders", "OrderPlacedEvent")["OrderPlacedEvent"]
    equal(schema["type"], "object")
    assert {"order_id", "items", "address", "gift"} <= set(schema["properties"]), schema
    equal(schema["properties"]["order_id"], {"type": "string"})
    equal(schema["properties"]["gift"], {"type": "boolean"})
    equal(schema["event_result_type"]["type"], "string")


def test_types_in_text():
    outcome = run("types", "--plugins", "orders", "ReserveStockEvent")
    check(outcome, 0)
    lines = [text.split() for text in outcome.stdout.decode().splitlines()]
    equal(lines[0][0], "ReserveStockEvent")
    equal(lines[0][-2:], ["->", "boolean"])
    equal([words[0] for words in lines[1:]], ["order-id", "sku", "quantity"])


def test_unknown_type():
    outcome = run("types", "--json", "--plugins", "orders", "NoSuchEvent", "ShipOrderEvent")
    check(outcome, 1, "NoSuchEvent")
    equal([json.loads(text)["title"] for text in outcome.stdout.splitlines()], ["ShipOrderEvent"])


def run_seven(*options):
    return run("run", "--output", "json", "--plugins", "exec", *options, stdin=line(1))


def test_settings():
    """--set comes before the file, and only its last dot separates."""
    with folder() as name:
        file = Path(name, "settings.ini")
        file.write_text("[Plugin exec]\ncommand=echo;6\npattern=Ping*\n")
        file.chmod(0o600)
        for options, expected in ((), 6), (("--set", "exec.command=echo;7"), 7):
            outcome = run_seven("--settings", file, *options)
            check(outcome, 0)
            (event,) = outcome.events()
            (result,) = event["event_results"].values()
            equal(result["result"], expected)


def test_bad_settings():
    for option, message in (
        ("exec.command", "“exec.command” is not of the form NAME.KEY=VALUE"),
        ("command=echo", "NAME.KEY=VALUE"),
        ("exec.comand=echo", "“comand”"),
        ("exec.pattern=*", "needs the setting “command”"),
    ):
        outcome = run_seven("--set", option)
        check(outcome, 2, message)
        equal(outcome.stdout, b"")
    for option, message in (("exec.timeout=soon", "“timeout”"), ("exec.timeout=0", "at least 0.001")):
        needed = ("--set", "exec.command=echo", "--set", "exec.pattern=*")
        check(run_seven(*needed, "--set", option), 2, message)


support.main(globals())
