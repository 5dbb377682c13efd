# SPDX-License-Identifier: LGPL-2.1-or-later
"""The stubs tell what the overrides have: nothing else, and nothing less."""

import ast
import inspect
import pathlib
import sys
import unittest

import support
from support import Bubus

OVERRIDES = sys.modules["gi.overrides.Bubus"]
STUBS = pathlib.Path(OVERRIDES.__file__).with_name("__init__.pyi")


def collect(body):
    """Functions by name, with the parameters of each of their forms."""
    found = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            args = node.args
            names = [each.arg for each in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
            found.setdefault(node.name, []).append(names)
    return found


class StubTest(unittest.TestCase):
    def setUp(self):
        body = ast.parse(STUBS.read_text(encoding="utf-8")).body
        self.functions = collect(body)
        self.classes = {node.name: collect(node.body) for node in body if isinstance(node, ast.ClassDef)}

    def test_all_names(self):
        told = {*self.functions, *self.classes, "BaseEvent"} - {"Handlers", "__getattr__"}
        self.assertEqual(told, set(OVERRIDES.__all__))

    def test_members_are_there(self):
        for name, members in self.classes.items():
            kind = getattr(Bubus, name, None) or type(Bubus.EventBus().handlers)
            for member in members:
                self.assertTrue(hasattr(kind, member), f"{name}.{member}")

    def test_members_are_told(self):
        for name, told in self.classes.items():
            kind = getattr(Bubus, name, None)
            if kind is None or kind.__module__ != "gi.overrides.Bubus" or issubclass(kind, Exception):
                continue
            has = {member for member, value in vars(kind).items()
                   if not member.startswith("_") and inspect.isfunction(inspect.unwrap(value))}
            self.assertLessEqual({member for member in has if not member.startswith("do_")}, set(told), name)

    def test_parameters(self):
        for name, members in self.classes.items():
            for member, forms in members.items():
                func = inspect.getattr_static(getattr(Bubus, name, object), member, None)
                if len(forms) > 1 or not inspect.isfunction(func) or member.startswith("__"):
                    continue
                parameters = inspect.signature(func).parameters.values()
                takes = [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
                self.assertEqual(forms[0], takes, f"{name}.{member}")


if __name__ == "__main__":
    support.main()
