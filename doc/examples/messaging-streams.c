/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>

#include <bubus.h>

/* [consumer] */
/* One search, from its first part to its answer. */
typedef struct
{
  BubusMessage    *message;
  BubusInvocation *invocation;
  guint            number;
} Search;

static void
search_free (Search *self)
{
  g_object_unref (self->message);
  g_object_unref (self->invocation);
  g_free (self);
}

static void search_send_next (Search *self);

static void
search_sent_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Search *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bubus_message_send_part_finish (BUBUS_MESSAGE (source), result, &error))
    {
      g_print ("the search stops: %s\n", error->message);
      search_free (self);
      return;
    }

  g_print ("sent page %u\n", self->number);
  search_send_next (self);
}

static void
search_send_next (Search *self)
{
  g_autoptr (BubusJson) page = NULL;

  if (self->number == 4)
    {
      bubus_invocation_return_nothing (self->invocation);
      search_free (self);
      return;
    }

  page = bubus_json_new_from_variant (g_variant_new_take_string (g_strdup_printf ("page %u", ++self->number)));
  bubus_message_send_part_async (self->message, page, bubus_invocation_get_cancellable (self->invocation),
                                 search_sent_cb, self);
}

static gboolean
search (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          user_data,
        GError          **error)
{
  Search *self = g_new0 (Search, 1);

  self->message = g_object_ref (BUBUS_MESSAGE (event));
  self->invocation = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  search_send_next (self);
  return TRUE;
}
/* [/consumer] */

/* [request] */
static void
got_page_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  BubusReplyStream *pages = BUBUS_REPLY_STREAM (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusJson) page = NULL;

  page = bubus_reply_stream_next_finish (pages, result, &error);
  if (page != NULL)
    {
      g_print ("got %s\n", bubus_json_get_text (page));
      bubus_reply_stream_next_async (pages, NULL, got_page_cb, NULL);
    }
  else if (error != NULL)
    g_print ("error: %s\n", error->message);
  else
    g_print ("these were %" G_GUINT64_FORMAT " pages\n", bubus_reply_stream_get_n_received (pages));
}

static BubusReplyStream *
ask_for_pages (BubusMessenger  *messenger,
               GError         **error)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("search", NULL);
  BubusReplyStream *pages;

  /* Two pages may wait; nothing may move for ten seconds; the whole may take a minute. */
  pages = bubus_messenger_request_stream_message (messenger, message, 2, 10, 60, NULL, error);
  if (pages != NULL)
    bubus_reply_stream_next_async (pages, NULL, got_page_cb, NULL);
  return pages;
}
/* [/request] */

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

int
main (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Search");
  g_autoptr (BubusMessenger) messenger = bubus_messenger_new (bus);
  g_autoptr (BubusMessage) message = bubus_message_new ("search", NULL);
  g_autoptr (BubusReplyStream) pages = NULL;
  g_autoptr (BubusReplyStream) others = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  /* [type] */
  bubus_messenger_set_reply_type (messenger, "search", G_VARIANT_TYPE_STRING);
  bubus_messenger_consumer (messenger, "search", BUBUS_CONSUMER_NONE, search, NULL, NULL, NULL);
  /* [/type] */
  pages = ask_for_pages (messenger, NULL);
  run ();

  g_print ("--\n");
  others = bubus_messenger_request_stream_message (messenger, message, 2, -1, 0, NULL, NULL);
  run ();
  bubus_reply_stream_close (others);
  run ();

  g_print ("--\n");
  if (bubus_messenger_request_stream (messenger, "find", NULL, &error) == NULL)
    g_print ("error: %s\n", error->message);
  return 0;
}
