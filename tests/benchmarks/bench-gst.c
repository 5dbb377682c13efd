/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

#include <gst/gst.h>

/* What a programmer does who sends messages through GstBus: a structure with the same two fields, and a watch. */

static GstMessage *
message_new (void)
{
  return gst_message_new_application (NULL, gst_structure_new ("bench",
                                                               "label", G_TYPE_STRING, "a label",
                                                               "number", G_TYPE_INT, 7,
                                                               NULL));
}

static gboolean
message_cb (GstBus     *bus,
            GstMessage *message,
            gpointer    data)
{
  ++*(guint *) data;
  return G_SOURCE_CONTINUE;
}

double
bench_gst_bus (guint n)
{
  GstBus *bus;
  guint n_calls = 0;
  gint64 start;
  double ns;

  gst_init (NULL, NULL);
  bus = gst_bus_new ();
  gst_bus_add_watch (bus, message_cb, &n_calls);

  start = bench_now ();
  for (guint i = 0; i < n; i += BENCH_BATCH)
    {
      guint end = MIN (i + BENCH_BATCH, n);

      for (guint k = i; k < end; k++)
        gst_bus_post (bus, message_new ());
      while (n_calls < end)
        g_main_context_iteration (NULL, TRUE);
    }
  ns = bench_since (start, n);

  gst_bus_remove_watch (bus);
  g_assert_finalize_object (bus);
  return ns;
}
