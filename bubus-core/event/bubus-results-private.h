/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-results.h"

G_BEGIN_DECLS

struct _BubusResults
{
  GObject            parent_instance;

  BubusEvent        *event;
  double             timeout;            /* seconds; negative: none */
  gboolean           raise_if_any;
  gboolean           raise_if_none;
  gboolean           raise_if_none_set;
  gboolean           raise_if_conflicts;
  BubusResultFilter  include;            /* nullable */
  gpointer           include_data;
  GDestroyNotify     include_notify;
};

GPtrArray *_bubus_results_gather_values (BubusResults  *self,
                                         GError       **error);
gboolean   _bubus_results_check_found   (BubusResults  *self,
                                         gboolean       found,
                                         gboolean       required,
                                         const char    *what,
                                         GError       **error);

G_END_DECLS
