/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

typedef void (*BubusTapFunc) (BubusEvent       *event,
                              BubusEventStatus  status,
                              gpointer          user_data);

#define BUBUS_TYPE_TAP (bubus_tap_get_type ())

/* Tells a function what becomes of the events of all the buses it is added to. */
G_DECLARE_FINAL_TYPE (BubusTap, bubus_tap, BUBUS, TAP, GObject)

BubusTap *bubus_tap_new  (BubusTapFunc  func,
                          gpointer      user_data) G_GNUC_WARN_UNUSED_RESULT;
void      bubus_tap_stop (BubusTap     *self);

G_END_DECLS
