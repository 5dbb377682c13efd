/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "messaging/bubus-saga.h"

G_BEGIN_DECLS

struct _BubusSagaInstance
{
  GObject     parent_instance;

  BubusSaga  *saga;        /* not owned; NULL when it is over */
  char       *key;
  gint64      started_at;
  gint64      deadline;    /* 0: none */
  guint       timeout_id;  /* 0: none */
  GPtrArray  *events;      /* owned, in the order in which they came */
};

BubusSagaInstance *_bubus_saga_instance_new   (const char         *key,
                                               gint64              started_at,
                                               gint64              deadline) G_GNUC_WARN_UNUSED_RESULT;
BubusClock        *_bubus_saga_get_clock      (BubusSaga          *self);
char              *_bubus_saga_dup_key        (BubusSaga          *self,
                                               BubusEvent         *event,
                                               GError            **error);
gboolean           _bubus_saga_has_step       (BubusSaga          *self,
                                               const char         *event_type);
BubusSagaInstance *_bubus_saga_find           (BubusSaga          *self,
                                               const char         *key);
void               _bubus_saga_adopt          (BubusSaga          *self,
                                               BubusSagaInstance  *instance);

G_END_DECLS
