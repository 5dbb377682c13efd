/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stream-fixture.h"

#include <stdlib.h>

void
stream_fixture_set_up (StreamFixture *fixture,
                       gconstpointer  data)
{
  fixture_set_up (&fixture->base, data);
  fixture->senders = g_ptr_array_new_with_free_func ((GDestroyNotify) sender_free);
}

void
stream_fixture_tear_down (StreamFixture *fixture,
                          gconstpointer  data)
{
  g_clear_pointer (&fixture->senders, g_ptr_array_unref);
  fixture_tear_down (&fixture->base, data);
}

Sender *
get_sender (StreamFixture *fixture)
{
  g_assert_cmpuint (fixture->senders->len, ==, 1);
  return fixture->senders->pdata[0];
}

void
consume_stream (StreamFixture    *fixture,
                const char       *address,
                BubusHandlerFunc  func)
{
  consume (&fixture->base, address, func);
}

/* ---- who takes ---- */

/* Takes over @stream. */
Taker *
taker_new (BubusReplyStream *stream)
{
  Taker *self = g_new0 (Taker, 1);

  g_assert_nonnull (stream);
  self->stream = stream;
  self->taken = g_string_new (NULL);
  return self;
}

void
taker_free (Taker *self)
{
  g_assert_no_error (self->error);
  g_clear_object (&self->stream);
  g_string_free (self->taken, TRUE);
  g_free (self);
}

static Taker *
ask_with (StreamFixture *fixture,
          const char    *address,
          guint          window,
          double         idle_timeout,
          double         timeout)
{
  g_autoptr (BubusMessage) message = bubus_message_new (address, NULL);
  g_autoptr (GError) error = NULL;
  BubusReplyStream *stream;

  stream = bubus_messenger_request_stream_message (fixture->base.messenger, message, window, idle_timeout, timeout, NULL,
                                                   &error);
  g_assert_no_error (error);
  return taker_new (stream);
}

Taker *
ask_stream (StreamFixture *fixture,
            const char    *address,
            guint          window)
{
  return ask_with (fixture, address, window, -1, 0);
}

Taker *
ask_stream_limited (StreamFixture *fixture,
                    const char    *address,
                    double         idle_timeout,
                    double         timeout)
{
  return ask_with (fixture, address, 2, idle_timeout, timeout);
}

static void
note (GString    *text,
      const char *word)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, word);
}

static void
taken_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Taker *self = data;
  g_autoptr (BubusJson) part = NULL;

  part = bubus_reply_stream_next_finish (BUBUS_REPLY_STREAM (source), result, &self->error);
  if (part != NULL)
    note (self->taken, bubus_json_get_text (part));
  else if (self->error == NULL)
    note (self->taken, "end");
  if (part != NULL && self->greedy)
    take (self);
}

void
take (Taker *self)
{
  bubus_reply_stream_next_async (self->stream, NULL, taken_cb, self);
}

void
take_all (Taker *self)
{
  self->greedy = TRUE;
  take (self);
  settle ();
}

void
assert_taken (Taker      *self,
              const char *taken)
{
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->taken->str, ==, taken);
}

void
assert_stream_error (Taker      *self,
                     int         code,
                     const char *message)
{
  g_assert_error (self->error, BUBUS_ERROR, code);
  g_assert_cmpstr (self->error->message, ==, message);
  g_clear_error (&self->error);
  g_assert_cmpint (bubus_reply_stream_get_state (self->stream), ==, BUBUS_REPLY_STREAM_STATE_FAILED);
  g_assert_error (bubus_reply_stream_get_error (self->stream), BUBUS_ERROR, code);
}

/* ---- who sends ---- */

Sender *
sender_new (BubusEvent      *event,
            BubusInvocation *invocation)
{
  Sender *self = g_new0 (Sender, 1);

  self->message = g_object_ref (BUBUS_MESSAGE (event));
  self->invocation = g_object_ref (invocation);
  self->next = 1;
  self->sent = g_string_new (NULL);
  bubus_invocation_get_cancellable (invocation);
  bubus_invocation_defer (invocation);
  return self;
}

void
sender_free (Sender *self)
{
  g_assert_no_error (self->error);
  g_object_unref (self->invocation);
  g_object_unref (self->message);
  g_string_free (self->sent, TRUE);
  g_free (self);
}

static void
sender_answer (Sender *self)
{
  if (self->fails)
    bubus_invocation_return_error_literal (self->invocation, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the shelf is full");
  else
    bubus_invocation_return_nothing (self->invocation);
}

static void
sent_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Sender *self = data;
  g_autofree char *word = g_strdup_printf ("%d", self->next);

  if (!bubus_message_send_part_finish (BUBUS_MESSAGE (source), result, &self->error))
    return;

  note (self->sent, word);
  if (self->next++ == self->last)
    sender_answer (self);
  else
    send_next (self);
}

void
send_next (Sender *self)
{
  g_autofree char *text = g_strdup_printf ("%d", self->next);
  g_autoptr (BubusJson) part = bubus_json_new (text, -1, NULL);

  bubus_message_send_part_async (self->message, part, NULL, sent_cb, self);
}

void
assert_refused_part (Sender     *self,
                     int         code,
                     const char *message)
{
  g_assert_error (self->error, BUBUS_ERROR, code);
  g_assert_cmpstr (self->error->message, ==, message);
  g_clear_error (&self->error);
}

/* A consumer that counts as far as its address says after the last dash. */
gboolean
count (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  StreamFixture *fixture = data;
  Sender *sender = sender_new (event, invocation);
  const char *address = bubus_event_get_event_type (event);

  sender->last = atoi (strrchr (address, '-') + 1);
  sender->fails = g_str_has_prefix (address, "fail");
  g_ptr_array_add (fixture->senders, sender);
  send_next (sender);
  return TRUE;
}
