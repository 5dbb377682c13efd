/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-pacer-private.h"

G_BEGIN_DECLS

/* A middleware that is nothing but a pacer: what the instances of such classes begin with. */
typedef struct
{
  GObject     parent_instance;

  BubusPacer  pacer;
} BubusPaced;

void _bubus_paced_class_init      (GObjectClass             *klass,
                                   const char               *time_name);
void _bubus_paced_middleware_init (BubusMiddlewareInterface *iface);

G_END_DECLS
