/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "messaging/bubus-saga.h"

G_BEGIN_DECLS

typedef struct
{
  BubusSagaFunc   func;
  gpointer        user_data;
  GDestroyNotify  notify;
} BubusSagaClosure;

/* What the bus's handlers have of a saga: they may be called for the last time when it is gone. */
typedef struct
{
  int        ref_count;  /* the bus's thread only */
  BubusSaga *saga;       /* NULL when it is gone */
} BubusSagaLink;

struct _BubusSaga
{
  GObject            parent_instance;

  BubusEventBus     *bus;
  BubusClock        *clock;
  char              *name;
  char              *key_property;
  double             timeout;        /* seconds; 0: none */
  GPtrArray         *steps;          /* event types */
  GHashTable        *failures;       /* event types */
  GPtrArray         *handlers;       /* owned; of the bus */
  BubusSagaLink     *link;
  BubusSagaClosure  *completion;     /* nullable */
  GHashTable        *compensations;  /* event type → BubusSagaClosure */
  GHashTable        *instances;      /* key → BubusSagaInstance, owned */
  GHashTable        *recalled_failures; /* nullable: key → time of the last, both owned */
  gint64             recalled_at;    /* the time of the last event that was recalled */
};

struct _BubusSagaInstance
{
  GObject     parent_instance;

  BubusSaga  *saga;        /* not owned; NULL when it is over */
  char       *key;
  gint64      started_at;
  gint64      deadline;    /* 0: none */
  guint       timeout_id;  /* 0: none */
  gboolean    recalled;    /* from before a restart */
  GPtrArray  *events;      /* owned, in the order in which they came */
};

void               _bubus_saga_closure_free   (gpointer            data);
void               _bubus_saga_link_unref     (gpointer            data);
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
void               _bubus_saga_drop           (BubusSaga          *self,
                                               BubusSagaInstance  *instance);
void               _bubus_saga_fail           (BubusSaga          *self,
                                               BubusSagaInstance  *instance,
                                               GError             *reason);
gboolean           _bubus_saga_step_cb        (BubusEvent         *event,
                                               BubusInvocation    *invocation,
                                               gpointer            data,
                                               GError            **error);
gboolean           _bubus_saga_failure_cb     (BubusEvent         *event,
                                               BubusInvocation    *invocation,
                                               gpointer            data,
                                               GError            **error);
void               _bubus_saga_adopt          (BubusSaga          *self,
                                               BubusSagaInstance  *instance);

G_END_DECLS
