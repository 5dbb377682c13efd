/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event-query.h"

G_BEGIN_DECLS

/* A field that must be equal to a value. */
typedef struct
{
  char   *name;
  GValue  value;
} BubusFieldMatch;

typedef struct
{
  BubusEventPredicate  func;  /* nullable */
  gpointer             data;
  GDestroyNotify       notify;
} BubusPredicate;

struct _BubusEventQuery
{
  GObject         parent_instance;

  GType           event_type;  /* G_TYPE_INVALID: any */
  char           *pattern;     /* nullable */
  BubusEvent     *child_of;    /* nullable */
  double          past;        /* seconds; negative: without limit */
  double          future;      /* likewise */
  int             limit;       /* negative: without limit */
  GArray         *fields;      /* nullable, of BubusFieldMatch */
  BubusPredicate  include;
  BubusPredicate  exclude;
};

void     _bubus_field_match_clear  (BubusFieldMatch       *self);
gboolean _bubus_field_match_test   (const BubusFieldMatch *self,
                                    BubusEvent            *event);

G_END_DECLS
