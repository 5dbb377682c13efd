/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "finding-fixture.h"

#include "base/bubus-error.h"

void
search_clear (Search *search)
{
  g_clear_object (&search->event);
  g_clear_pointer (&search->events, g_ptr_array_unref);
  g_clear_error (&search->error);
  search->done = FALSE;
}

void
finding_set_up (Finding       *finding,
                gconstpointer  data)
{
  finding->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * SECOND);
  bubus_clock_push_thread_default (finding->clock);
  fixture_set_up (&finding->base, data);
}

void
finding_tear_down (Finding       *finding,
                   gconstpointer  data)
{
  search_clear (&finding->search);
  search_clear (&finding->other);
  if (finding->base.bus != NULL)
    fixture_tear_down (&finding->base, data);
  else
    g_string_free (finding->base.trace, TRUE);
  bubus_clock_pop_thread_default (finding->clock);
  g_assert_finalize_object (finding->clock);
}

void
expected_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Search *search = data;

  search->event = bubus_event_bus_expect_finish (BUBUS_EVENT_BUS (source), result, &search->error);
  g_assert_true ((search->event == NULL) == (search->error != NULL));
  search->done = TRUE;
}

void
found_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Search *search = data;

  search->event = bubus_event_bus_find_finish (BUBUS_EVENT_BUS (source), result, &search->error);
  search->done = TRUE;
}

void
expect (BubusEventBus   *bus,
        BubusEventQuery *query,
        double           seconds,
        Search          *search)
{
  bubus_event_bus_expect_async (bus, query, seconds, NULL, expected_cb, search);
}

void
assert_labels (GPtrArray  *events,
               const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_nonnull (events);
  for (guint i = 0; i < events->len; i++)
    trace (text, "%s", ping_get_label (events->pdata[i]));
  g_assert_cmpstr (text->str, ==, expected);
}

gboolean
label_is (BubusEvent  *event,
          gpointer     data,
          GError     **error)
{
  return g_str_equal (ping_get_label (event), data);
}

/* Looks from inside of the handler whether somebody has been told already. */
gboolean
handler_after (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  const Search *search = data;

  g_assert_true (search->done);
  g_assert_true (search->event == event);
  bubus_invocation_return_string (invocation, "after");
  return TRUE;
}

gboolean
trace_and_refuse (BubusEvent  *event,
                  gpointer     data,
                  GError     **error)
{
  trace (data, "%s", ping_get_label (event));
  return g_str_equal (ping_get_label (event), "z");
}

BubusEventQuery *
query_ping (double past,
            double future,
            int    limit)
{
  return g_object_new (BUBUS_TYPE_EVENT_QUERY, "event-type", TYPE_PING, "past", past, "future", future,
                       "limit", limit, NULL);
}

void
filter (Finding         *finding,
        BubusEventQuery *query,
        const char      *expected)
{
  g_autoptr (GPtrArray) events = bubus_event_bus_filter (finding->base.bus, query);

  assert_labels (events, expected);
}

gboolean
fail_for_b (BubusEvent  *event,
            gpointer     data,
            GError     **error)
{
  g_assert_true (g_main_context_is_owner (bubus_event_bus_get_main_context (data)));
  if (!g_str_equal (ping_get_label (event), "b"))
    return FALSE;
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "cannot say");
  return FALSE;
}
