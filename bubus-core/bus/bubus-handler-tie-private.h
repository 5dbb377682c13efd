/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-handler.h"

G_BEGIN_DECLS

/* What ties a handler to the life of an object. Neither keeps the other alive. */
typedef struct _BubusHandlerTie BubusHandlerTie;

void             _bubus_handler_tie_release    (BubusHandlerTie *self);
GObject         *_bubus_handler_tie_ref_object (BubusHandlerTie *self);

G_END_DECLS
