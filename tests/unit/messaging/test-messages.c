/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

/* Answers by the message, what bounds a request, and addresses that the bus has dropped. */

typedef enum
{
  USER_ADDRESS_CREATE,
  USER_ADDRESS_CREATED,
} UserAddress;

static GType user_address_get_type (void);

G_DEFINE_ENUM_TYPE (UserAddress, user_address,
                    G_DEFINE_ENUM_VALUE (USER_ADDRESS_CREATE, "user.create"),
                    G_DEFINE_ENUM_VALUE (USER_ADDRESS_CREATED, "user.created"))

static gboolean
reply_at_once (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  BubusMessage *message = BUBUS_MESSAGE (event);

  bubus_message_set_reply_header (message, "Kind", "echo");
  g_assert_true (bubus_message_reply (message, bubus_message_get_body (message)));
  g_assert_false (bubus_message_reply (message, NULL));
  g_assert_false (bubus_message_fail (message, "too late"));
  return TRUE;
}

static gboolean
reply_nothing (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_assert_true (bubus_message_reply (BUBUS_MESSAGE (event), NULL));
  return TRUE;
}

static gboolean
fail_at_once (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_assert_true (bubus_message_fail (BUBUS_MESSAGE (event), "out of stock"));
  return TRUE;
}

static void
test_reply (Fixture       *fixture,
            gconstpointer  data)
{
  Reply answered, nothing;

  consume (fixture, "echo", reply_at_once);
  consume (fixture, "nothing", reply_nothing);
  ask (fixture, "echo", "{\"a\":1}", &answered);
  ask (fixture, "nothing", "1", &nothing);
  settle ();
  assert_reply (&answered, "{\"a\":1}");
  assert_reply (&nothing, NULL);
}

static void
test_fail (Fixture       *fixture,
           gconstpointer  data)
{
  Reply reply;

  consume (fixture, "buy", fail_at_once);
  ask (fixture, "buy", "1", &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE, "“buy” failed: out of stock");
}

/* The message does not keep what is to be answered, and knows when it was. */
static void
test_reply_later (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusJson) body = bubus_json_new ("5", -1, NULL);
  g_autoptr (BubusMessage) message = bubus_message_new ("later", NULL);
  Reply reply = { FALSE };

  g_assert_false (bubus_message_reply (message, body));
  consume (fixture, "later", keep);
  bubus_messenger_request_message_async (fixture->messenger, message, -1, NULL, NULL, replied_cb, &reply);
  settle ();
  g_ptr_array_set_size (fixture->kept, 0);
  g_assert_true (bubus_message_reply (message, body));
  g_assert_false (bubus_message_reply (message, body));
  settle ();
  assert_reply (&reply, "5");
  g_assert_false (bubus_message_fail (message, "too late"));
}

/* What the invocation has answered cannot be answered by the message, also when the invocation was used again. */
static void
test_reply_after_answer (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("later", NULL);
  Reply first = { FALSE }, second = { FALSE };

  consume (fixture, "later", keep);
  bubus_messenger_request_message_async (fixture->messenger, message, -1, NULL, NULL, replied_cb, &first);
  settle ();
  bubus_invocation_return_string (fixture->kept->pdata[0], "first");
  g_ptr_array_set_size (fixture->kept, 0);
  settle ();
  ask (fixture, "later", "1", &second);
  settle ();
  g_assert_false (bubus_message_reply (message, NULL));
  g_assert_false (second.done);
  bubus_invocation_return_string (fixture->kept->pdata[0], "second");
  settle ();
  assert_reply (&first, "first");
  assert_reply (&second, "second");
}

static gboolean
reply_to_published (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  g_assert_false (bubus_message_reply (BUBUS_MESSAGE (event), NULL));
  trace (data, "heard");
  return TRUE;
}

static void
test_published (Fixture       *fixture,
                gconstpointer  data)
{
  bubus_messenger_on (fixture->messenger, "news", "listener", reply_to_published, fixture, NULL);
  g_assert_true (bubus_messenger_publish (fixture->messenger, "news", NULL, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "heard");
}

static gboolean
not_found (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such user");
  return FALSE;
}

static void
test_original_error (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusMessage) message = bubus_message_new ("user", NULL);
  Reply reply = { FALSE };

  consume (fixture, "user", not_found);
  g_assert_null (bubus_message_get_error (message));
  bubus_messenger_request_message_async (fixture->messenger, message, -1, NULL, NULL, replied_cb, &reply);
  settle ();
  assert_refused (&reply, BUBUS_ERROR_RECIPIENT_FAILURE, "“user” failed: no such user");
  g_assert_error (bubus_message_get_error (message), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_enum (Fixture       *fixture,
           gconstpointer  data)
{
  const char *address = bubus_address_for_enum (user_address_get_type (), USER_ADDRESS_CREATE);
  Reply reply;

  g_assert_cmpstr (address, ==, "user.create");
  g_assert_null (bubus_address_for_enum (user_address_get_type (), 7));
  consume (fixture, address, echo);
  ask (fixture, "user.create", "1", &reply);
  settle ();
  assert_reply (&reply, "1");
}

/* The limit of handlers on the bus, which is a minute, is none of a request that says that it waits for ever. */
static void
test_for_ever (Fixture       *fixture,
               gconstpointer  data)
{
  Reply reply = { FALSE };

  bubus_event_bus_set_event_handler_slow_timeout (fixture->bus, 0);
  consume (fixture, "later", keep);
  bubus_messenger_request_async (fixture->messenger, "later", NULL, 0, NULL, replied_cb, &reply);
  settle ();
  advance (fixture, 100000);
  g_assert_false (reply.done);
  bubus_invocation_return_string (fixture->kept->pdata[0], "at last");
  settle ();
  assert_reply (&reply, "at last");
}

/* What is no number is as long as the messenger says. */
static void
test_no_number (Fixture       *fixture,
                gconstpointer  data)
{
  Reply reply = { FALSE };

  bubus_event_bus_set_event_handler_slow_timeout (fixture->bus, 0);
  consume (fixture, "later", keep);
  bubus_messenger_request_async (fixture->messenger, "later", NULL, 0.0 / 0.0, NULL, replied_cb, &reply);
  settle ();
  advance (fixture, 30);
  assert_refused (&reply, BUBUS_ERROR_TIMED_OUT, "“later” did not answer within 30 s");
}

/* Who was at an address is not there any more when the bus was cleared, and somebody else may come. */
static void
test_cleared (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusConsumer) before = NULL;
  g_auto (GStrv) addresses = NULL;
  Reply reply;

  before = g_object_ref (bubus_messenger_consumer (fixture->messenger, "echo", BUBUS_CONSUMER_NONE, fail, NULL, NULL,
                                                   NULL));
  bubus_event_bus_clear (fixture->bus);
  g_assert_false (bubus_consumer_is_registered (before));
  addresses = bubus_messenger_dup_addresses (fixture->messenger);
  g_assert_cmpuint (g_strv_length (addresses), ==, 0);

  consume (fixture, "echo", echo);
  g_assert_false (bubus_consumer_unregister (before));
  ask (fixture, "echo", "1", &reply);
  settle ();
  assert_reply (&reply, "1");
}

/* Disposed while somebody waits: nobody waits for ever, and nothing is used that is gone. */
static void
test_disposed (Fixture       *fixture,
               gconstpointer  data)
{
  Reply at_work, queued;

  consume (fixture, "later", keep);
  ask (fixture, "later", "1", &at_work);
  ask (fixture, "later", "2", &queued);
  settle ();
  g_object_run_dispose (G_OBJECT (fixture->messenger));
  g_object_run_dispose (G_OBJECT (fixture->messenger));
  bubus_invocation_return_string (fixture->kept->pdata[0], "done");
  settle ();
  assert_reply (&at_work, "done");
  assert_refused (&queued, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “later” any more");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/messages/reply", test_reply, "R-23: a message is answered, once");
  test ("/messaging/messages/fail", test_fail, "R-23: a message is answered with a failure");
  test ("/messaging/messages/reply-later", test_reply_later, "R-23: a message is answered later");
  test ("/messaging/messages/reply-after-answer", test_reply_after_answer, "R-23: an answered message stays so");
  test ("/messaging/messages/published", test_published, "B-12.12: what was published has no answer");
  test ("/messaging/messages/original-error", test_original_error, "B-12.3: the consumer's own error is kept");
  test ("/messaging/messages/enum", test_enum, "R-23: addresses may be values of an enumeration");
  test ("/messaging/messages/for-ever", test_for_ever, "R-23: a request may wait for ever");
  test ("/messaging/messages/no-number", test_no_number, "R-23: a time limit that is no number");
  test ("/messaging/messages/cleared", test_cleared, "R-16: a cleared bus has no addresses");
  test ("/messaging/messages/disposed", test_disposed, "B-17.1: everybody who waits is told");

  return g_test_run ();
}
