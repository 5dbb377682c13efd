#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

const HelloEvent = GObject.registerClass({
    Properties: {
        'name': GObject.ParamSpec.string('name', '', '', GObject.ParamFlags.READWRITE, ''),
    },
}, class HelloEvent extends Bubus.Event {});

const loop = new GLib.MainLoop(null, false);
const bus = Bubus.EventBus.new('Main');

bus.on(HelloEvent.$gtype, 'greet', (event, invocation) => {
    invocation.return_string(`Hello, ${event.name}!`);
    return true;
});

const event = new HelloEvent({name: 'world'});
bus.dispatch(event);
event.wait_async(null, (source, result) => {
    source.wait_finish(result);
    for (const each of event.list_results())
        print(each.get_handler_name(), 'says', each.get_value());
    loop.quit();
});
loop.run();
