/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include <gio/gio.h>

#include "base/bubus-version.h"

G_BEGIN_DECLS

/* Declared here, defined in upper rooms, so that lower rooms can hold a pointer without looking in. */
typedef struct _BubusClock       BubusClock;
typedef struct _BubusEvent       BubusEvent;
typedef struct _BubusEventResult BubusEventResult;
typedef struct _BubusEventBus    BubusEventBus;
typedef struct _BubusHandler     BubusHandler;
typedef struct _BubusInvocation  BubusInvocation;
typedef struct _BubusJson        BubusJson;

G_END_DECLS
