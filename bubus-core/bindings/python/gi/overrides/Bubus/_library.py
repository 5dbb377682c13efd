# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as it is introspected, without what this package adds to it."""

import gi.overrides
from gi.module import get_introspection_module

Bubus = get_introspection_module("Bubus")


def override(kind):
    """As gi.overrides.override(), which looks for the namespace in the name of the module."""
    kind.__module__ = "gi.overrides.Bubus"
    return gi.overrides.override(kind)
