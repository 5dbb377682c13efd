import gi

gi.require_version("Bubus", "1")
gi.require_version("BubusHost", "1")
from gi.repository import Bubus, BubusHost, GObject


class @CAMEL@Event(Bubus.Event):
    """An event of this plugin: the name of the class is its event type, and its properties are what it carries."""

    guest = GObject.Property(type=str)


@CAMEL@Event.set_result_type(str)


def greet(event, invocation):
    invocation.return_string(f"Hello, {event.guest}!")


class @CAMEL@Plugin(GObject.Object, BubusHost.Plugin):
    """What is acquired through the context is given back by the host."""

    def do_activate(self, context):
        context.register_event_type(@CAMEL@Event)
        context.on(None, @CAMEL@Event, "greet", greet)

    def do_deactivate(self, context):
        pass
