/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  bubus_invocation_return_int (invocation, 1);
  return TRUE;
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (BubusEventResult) reply = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, NULL);

  *(guint *) data += g_value_get_int (bubus_event_result_get_value (reply));
}

/* Requests without a body, in batches like the events of event-one-handler. */
double
bench_request_reply (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  BubusMessenger *messenger = bubus_messenger_new (bus);
  guint n_answers = 0;
  gint64 start;
  double ns;

  bubus_messenger_consumer (messenger, "bench", BUBUS_CONSUMER_NONE, answer, NULL, NULL, NULL);
  start = bench_now ();
  for (guint i = 0; i < n; i += BENCH_BATCH)
    {
      for (guint j = i; j < MIN (i + BENCH_BATCH, n); j++)
        bubus_messenger_request_async (messenger, "bench", NULL, -1, NULL, answered_cb, &n_answers);
      while (n_answers < MIN (i + BENCH_BATCH, n))
        g_main_context_iteration (NULL, TRUE);
    }
  ns = bench_since (start, n);

  g_assert_finalize_object (messenger);
  bench_bus_free (bus);
  return ns;
}
