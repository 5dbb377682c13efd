/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary (data);
  fixture->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000000000000));
  bubus_clock_push_thread_default (fixture->clock);
  fixture->bus = bubus_event_bus_new ("Main");
  fixture->messenger = bubus_messenger_new (fixture->bus);
  fixture->trace = g_string_new (NULL);
  fixture->kept = g_ptr_array_new_with_free_func (g_object_unref);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_clear_pointer (&fixture->kept, g_ptr_array_unref);
  settle ();
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  g_assert_finalize_object (fixture->messenger);
  g_assert_finalize_object (fixture->bus);
  bubus_clock_pop_thread_default (fixture->clock);
  g_assert_finalize_object (fixture->clock);
  g_string_free (fixture->trace, TRUE);
}

void
trace (Fixture    *fixture,
       const char *format,
       ...)
{
  va_list args;

  va_start (args, format);
  trace_valist (fixture->trace, format, args);
  va_end (args);
}

void
advance (Fixture *fixture,
         double   seconds)
{
  bubus_clock_advance (fixture->clock, (gint64) (seconds * 1e9));
  settle ();
}

void
consume (Fixture          *fixture,
         const char       *address,
         BubusHandlerFunc  func)
{
  g_autoptr (GError) error = NULL;

  bubus_messenger_consumer (fixture->messenger, address, BUBUS_CONSUMER_NONE, func, fixture, NULL, &error);
  g_assert_no_error (error);
}

static char *
dup_value_text (const GValue *value)
{
  if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    return g_strdup (bubus_json_get_text (g_value_get_boxed (value)));
  return g_value_dup_string (value);
}

void
replied_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Reply *reply = data;
  g_autoptr (BubusEventResult) answer = NULL;

  g_assert_false (reply->done);
  reply->done = TRUE;
  answer = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, &reply->error);
  g_assert_true ((answer == NULL) == (reply->error != NULL));
  if (answer != NULL && bubus_event_result_get_value (answer) != NULL)
    reply->answer = dup_value_text (bubus_event_result_get_value (answer));
}

void
ask (Fixture    *fixture,
     const char *address,
     const char *body,
     Reply      *reply)
{
  g_autoptr (BubusJson) json = body != NULL ? bubus_json_new (body, -1, NULL) : NULL;

  *reply = (Reply) { FALSE, NULL, NULL };
  bubus_messenger_request_async (fixture->messenger, address, json, -1, NULL, replied_cb, reply);
}

void
assert_reply (Reply      *reply,
              const char *answer)
{
  g_assert_true (reply->done);
  g_assert_no_error (reply->error);
  g_assert_cmpstr (reply->answer, ==, answer);
  g_clear_pointer (&reply->answer, g_free);
}

void
assert_refused (Reply      *reply,
                int         code,
                const char *message)
{
  g_assert_true (reply->done);
  g_assert_error (reply->error, BUBUS_ERROR, code);
  g_assert_cmpstr (reply->error->message, ==, message);
  g_clear_error (&reply->error);
}

gboolean
echo (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  BubusJson *body = bubus_message_get_body (BUBUS_MESSAGE (event));

  trace (data, "%s", bubus_message_get_address (BUBUS_MESSAGE (event)));
  if (body != NULL)
    bubus_invocation_return_string (invocation, bubus_json_get_text (body));
  return TRUE;
}

gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the shelf is full");
  return FALSE;
}

gboolean
keep (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  Fixture *fixture = data;

  g_ptr_array_add (fixture->kept, g_object_ref (invocation));
  bubus_invocation_get_cancellable (invocation);
  bubus_invocation_defer (invocation);
  return TRUE;
}

gboolean
say_a (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  trace (data, "a");
  return TRUE;
}

gboolean
say_b (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  trace (data, "b");
  return TRUE;
}
