import Bubus from 'gi://Bubus?version=1';
import GObject from 'gi://GObject';

// An event of this plugin: the name of the class is its event type, and its properties are what it carries.
const @CAMEL@Event = GObject.registerClass({
    Properties: {
        'guest': GObject.ParamSpec.string('guest', '', '', GObject.ParamFlags.READWRITE, ''),
    },
}, class @CAMEL@Event extends Bubus.Event {});

@CAMEL@Event.set_result_type(GObject.TYPE_STRING);

function greet(event, invocation) {
    invocation.return_string(`Hello, ${event.guest}!`);
}

// What is acquired through the context is given back by the host.
export function activate(context) {
    context.register_event_type(@CAMEL@Event.$gtype);
    context.on(null, @CAMEL@Event.$gtype, 'greet', greet);
}

export function deactivate(_context) {
}
