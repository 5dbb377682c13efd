/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus-fixture.h"

#include "bus/bubus-hold.h"
#include "bus/bubus-interception.h"
#include "bus/bubus-middleware.h"

/* A middleware that writes down what it is told, and does what a test says. */

typedef struct _Probe Probe;

typedef void (*ProbeEventFunc) (Probe            *self,
                                BubusEventBus    *bus,
                                BubusEvent       *event,
                                BubusEventStatus  status);
typedef gboolean (*ProbeInterceptFunc) (Probe              *self,
                                        BubusEvent         *event,
                                        BubusInterception  *interception,
                                        GError            **error);

struct _Probe
{
  GObject             parent_instance;
  const char         *name;
  GString            *trace;      /* nullable */
  ProbeEventFunc      on_event;   /* nullable */
  ProbeInterceptFunc  intercept;  /* nullable */
  gboolean            holds;      /* events that are about to be complete */
  guint               n_asked;
  BubusInterception  *kept;
  BubusHold          *hold;
  gpointer            data;
  BubusEventBus      *idle_bus;   /* nullable: what it asks when it is asked what it is for */
  GThread            *thread;
};

G_DECLARE_FINAL_TYPE (Probe, probe, TEST, PROBE, GObject)

Probe   *add_probe         (BubusEventBus       *bus,
                            const char          *name,
                            GString             *text,
                            ProbeInterceptFunc   intercept);
gboolean trace_intercepted (Probe               *self,
                            BubusEvent          *event,
                            BubusInterception   *interception,
                            GError             **error);
gboolean refuse            (Probe               *self,
                            BubusEvent          *event,
                            BubusInterception   *interception,
                            GError             **error);
