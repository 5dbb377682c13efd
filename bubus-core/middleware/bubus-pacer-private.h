/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-keyring-private.h"
#include "bubus-selection-private.h"

G_BEGIN_DECLS

/* Lets one event of each key through in a time: the last one that came. All of it is in one main context. */
typedef struct
{
  BubusSelection  selection;
  gint64          delay_ns;
  gboolean        leading;   /* the first passes at once, and the time is not extended by those that come in it */
  BubusKeyring    keys;
  guint64         n_dropped;
} BubusPacer;

void     _bubus_pacer_init    (BubusPacer         *self,
                               gboolean            leading);
void     _bubus_pacer_clear   (BubusPacer         *self);
gboolean _bubus_pacer_enter   (BubusPacer         *self,
                               BubusEvent         *event,
                               BubusInterception  *interception);

G_END_DECLS
