# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as it is introspected, without what this package adds to it."""

import gi.overrides
from gi.module import get_introspection_module

Bubus = get_introspection_module("Bubus")


def _refuse(self, *_, **__):
    raise TypeError(f"objects of {type(self).__name__} are made by the library")


# A half of one would have no name, no event and no bus. What the library has made is wrapped without __init__().
for _name in ("Attempt", "Handler", "Hold", "Interception", "Invocation", "Permit", "ReplyStream", "SagaInstance"):
    getattr(Bubus, _name).__init__ = _refuse


def override(kind):
    """As gi.overrides.override(), which looks for the namespace in the name of the module."""
    kind.__module__ = "gi.overrides.Bubus"
    return gi.overrides.override(kind)
