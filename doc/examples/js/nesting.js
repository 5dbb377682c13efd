#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a handler dispatches is a child of what it handles, also after an await. */

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

const ParentEvent = Bubus.registerEvent(class ParentEvent extends Bubus.Event {});
const ChildEvent = Bubus.registerEvent(class ChildEvent extends Bubus.Event {});

const loop = new GLib.MainLoop(null, false);
const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

async function main() {
    const bus = new Bubus.EventBus();
    const isChild = (child, event) => child.get_event_parent_id() === event.get_event_id();

    bus.on(ChildEvent, () => 'done');
    /* [parent] */
    bus.on(ParentEvent, async (event, invocation) => {
        const first = await bus.dispatch(new ChildEvent()).wait();
        const second = bus.dispatch(new ChildEvent());
        print(isChild(first, event), isChild(second, event), await second.eventResult());

        await Bubus.keep(sleep(1));
        print(isChild(bus.dispatch(new ChildEvent()), event));

        await sleep(1);
        print(isChild(bus.dispatch(new ChildEvent()), event));
        print(isChild(invocation.dispatch(new ChildEvent()), event));
    });
    /* [/parent] */
    await bus.dispatch(new ParentEvent()).wait();
    await bus.waitUntilIdle();
}

main().catch(logError).finally(() => loop.quit());
loop.run();
