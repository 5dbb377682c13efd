/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* A service that keeps users, and a program that asks it. */
typedef struct
{
  BubusMessenger *messenger;
  GHashTable     *users;  /* number → name */
} UserService;

/* [consumer] */
static gboolean
create_user (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          user_data,
             GError          **error)
{
  UserService *self = user_data;
  BubusMessage *message = BUBUS_MESSAGE (event);
  g_autoptr (GVariant) name = bubus_message_dup_body_variant (message, G_VARIANT_TYPE_STRING, error);
  gint64 number = g_hash_table_size (self->users) + 1;

  if (name == NULL)
    return FALSE;

  g_hash_table_insert (self->users, GINT_TO_POINTER (number), g_variant_dup_string (name, NULL));
  bubus_messenger_publish (self->messenger, "user.created", bubus_message_get_body (message), NULL);
  bubus_invocation_return_int64 (invocation, number);
  return TRUE;
}
/* [/consumer] */

static gboolean
get_user (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          user_data,
          GError          **error)
{
  UserService *self = user_data;
  g_autoptr (GVariant) number = bubus_message_dup_body_variant (BUBUS_MESSAGE (event), G_VARIANT_TYPE_INT64, error);

  if (number == NULL)
    return FALSE;
  bubus_invocation_return_string (invocation,
                                  g_hash_table_lookup (self->users, GINT_TO_POINTER (g_variant_get_int64 (number))));
  return TRUE;
}

/* [service] */
static gboolean
user_service_start (UserService  *self,
                    GError      **error)
{
  return bubus_messenger_consumer (self->messenger, "create_user", BUBUS_CONSUMER_NONE, create_user, self, NULL, error)
         && bubus_messenger_consumer (self->messenger, "get_user", BUBUS_CONSUMER_NONE, get_user, self, NULL, error);
}
/* [/service] */

/* [listener] */
static gboolean
on_user_created (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          user_data,
                 GError          **error)
{
  g_print ("created: %s\n", bubus_json_get_text (bubus_message_get_body (BUBUS_MESSAGE (event))));
  return TRUE;
}
/* [/listener] */

/* [request] */
static void
got_user_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEventResult) answer = NULL;

  answer = bubus_messenger_request_finish (BUBUS_MESSENGER (source), result, &error);
  if (answer == NULL)
    g_print ("error: %s\n", error->message);
  else if (bubus_event_result_get_value (answer) == NULL)
    g_print ("no such user\n");
  else
    g_print ("got: %s\n", g_value_get_string (bubus_event_result_get_value (answer)));
}

static void
get_user_async (BubusMessenger *messenger,
                const char     *number)
{
  g_autoptr (BubusJson) body = bubus_json_new (number, -1, NULL);

  bubus_messenger_request_async (messenger, "get_user", body, -1, NULL, got_user_cb, NULL);
}
/* [/request] */

static void
created_user_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  BubusMessenger *messenger = BUBUS_MESSENGER (source);
  g_autoptr (BubusEventResult) answer = bubus_messenger_request_finish (messenger, result, NULL);
  g_autofree char *number = NULL;

  number = g_strdup_printf ("%" G_GINT64_FORMAT, g_value_get_int64 (bubus_event_result_get_value (answer)));
  get_user_async (messenger, number);
  get_user_async (messenger, "99");
  get_user_async (messenger, "\"john\"");
}

static void
run (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus) || g_main_context_pending (NULL))
    g_main_context_iteration (NULL, TRUE);
}

int
main (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Users");
  g_autoptr (BubusMessenger) messenger = bubus_messenger_new (bus);
  g_autoptr (GHashTable) users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr (BubusJson) name = bubus_json_new ("\"john\"", -1, NULL);
  UserService service = { messenger, users };

  setlocale (LC_ALL, "");
  if (!user_service_start (&service, NULL))
    return 1;
  bubus_messenger_on (messenger, "user.*", "on_user_created", on_user_created, NULL, NULL);

  bubus_messenger_request_async (messenger, "create_user", name, -1, NULL, created_user_cb, NULL);
  run (bus);
  bubus_messenger_request_async (messenger, "delete_user", NULL, -1, NULL, got_user_cb, NULL);
  run (bus);
  return 0;
}
