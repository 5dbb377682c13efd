// SPDX-License-Identifier: LGPL-2.1-or-later
/* When garbage is collected, where gjs cannot know it.
 *
 * Before 1.90 a wrapper costs time for each other wrapper that lives, and the collector does not see how large what it
 * wraps is. When it begins by itself, because there is very much, calls of handlers are dropped. */
/* exported countCalls, countEvent, countObject, counted */

const {GLib} = imports.gi;
const System = imports.system;

const IS_NEEDED = System.version < 19000;

/* A collection takes the longer the more lives. */
const FEWEST_OBJECTS = 2000;
const MOST_OBJECTS = 10000;
const OBJECTS_PER_MICROSECOND = 0.5;

/* What is in the way while nothing but calls is counted. */
const CALLS_PER_OBJECT = 16;

const FORGET_AFTER_MS = 100;

/* The event that was handled last, and the calls that no object has been counted for. */
var counted = {event: null, nCalls: 0, maxCalls: IS_NEEDED ? CALLS_PER_OBJECT : Infinity};

let isForgetting = false;
let nObjects = 0;
let maxObjects = FEWEST_OBJECTS;

function collect() {
    const start = GLib.get_monotonic_time();
    System.gc();
    const enough = (GLib.get_monotonic_time() - start) * OBJECTS_PER_MICROSECOND;
    maxObjects = Math.min(Math.max(enough, FEWEST_OBJECTS), MOST_OBJECTS);
    nObjects = 0;
}

/* An object that is not needed for long: one of the library that has come here, or a value that has gone there. */
function countObject() {
    if (IS_NEEDED && ++nObjects >= maxObjects)
        collect();
}

function forgetEvent() {
    counted.event = null;
    isForgetting = false;
    return GLib.SOURCE_REMOVE;
}

/* The handlers of an event are given the same one, one after the other: it counts once, and is not kept for long. */
function countEvent(event) {
    if (!IS_NEEDED)
        return;
    counted.event = event;
    if (!isForgetting)
        GLib.timeout_add(GLib.PRIORITY_LOW, FORGET_AFTER_MS, forgetEvent);
    isForgetting = true;
    countObject();
}

function countCalls() {
    counted.nCalls = 0;
    countObject();
}
