#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later

import Bubus from 'gi://Bubus?version=1';
import GLib from 'gi://GLib';

const bus = Bubus.EventBus.new('Shop');

function authorize(event) {
  if (event.get_event_type() === 'RefundEvent')
    throw new GLib.Error(Bubus.error_quark(), Bubus.Error.DENIED, 'only the boss gives money back');
  return event.get_event_type() !== 'RobberyEvent';
}

function toVersion2() {
  return Bubus.GenericEvent.new('OrderEvent', new GLib.Variant('a{sv}', {currency: new GLib.Variant('s', 'EUR')}));
}

function dispatch(eventType) {
  try {
    bus.dispatch(Bubus.GenericEvent.new(eventType, null));
  } catch (error) {
    print(`refused: ${error.message}`);
  }
}

const authorizer = Bubus.Authorizer.new(authorize);
const upcaster = Bubus.Upcaster.new();

upcaster.expect('OrderEvent', '2');
upcaster.add_step('OrderEvent', '0.0.1', '2', toVersion2);
bus.add_middleware(authorizer);
bus.add_middleware(upcaster);
bus.add_middleware(new Bubus.RateLimiter({rate: 0.001, max_waiting: 0, pattern: 'SearchEvent'}));
bus.on_pattern('*', 'print', event => {
  print(`handled: ${event.get_event_type()} ${event.get_event_version()}`);
  return true;
});

for (const eventType of ['OrderEvent', 'RefundEvent', 'RobberyEvent', 'SearchEvent', 'SearchEvent'])
  dispatch(eventType);
while (!bus.is_idle())
  GLib.MainContext.default().iteration(true);
print(`${authorizer.get_n_refused()} were not allowed`);
