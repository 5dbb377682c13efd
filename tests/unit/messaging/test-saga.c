/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

#include "codec/bubus-event-json.h"
#include "messaging/bubus-saga.h"

/* One with a property, to be told from a generic event with a member. */
typedef struct
{
  BubusEvent parent_instance;
  int        order_id;
} Reserved;

static const BubusField reserved_fields[] = {
  BUBUS_FIELD_INT (Reserved, order_id),
};
BUBUS_DECLARE_EVENT_TYPE (Reserved, reserved)
BUBUS_DEFINE_EVENT_TYPE (Reserved, reserved, BUBUS_TYPE_EVENT, reserved_fields)

static BubusEvent *
dispatch_json (Fixture    *fixture,
               const char *event_type,
               const char *payload)
{
  g_autoptr (BubusJson) json = bubus_json_new (payload, -1, NULL);
  BubusEvent *event = bubus_generic_event_new_from_json (event_type, json, NULL);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  settle ();
  return event;
}

static void
pay (Fixture *fixture)
{
  g_autoptr (BubusEvent) event = dispatch_json (fixture, "Paid", "{\"order_id\":42}");
}

static void
reserve (Fixture *fixture)
{
  g_autoptr (BubusEvent) event = g_object_new (reserved_get_type (), "order-id", 42, NULL);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  settle ();
}

static BubusEvent *
follow_cb (BubusSaga         *saga,
           BubusSagaInstance *instance,
           BubusEvent        *event,
           gpointer           data)
{
  g_autofree char *event_type = g_strdup ("Done");

  if (event != NULL)
    {
      g_free (event_type);
      event_type = g_strconcat ("Undo", bubus_event_get_event_type (event), NULL);
    }
  return bubus_generic_event_new (event_type, NULL);
}

static gboolean
trace_type (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  trace (data, "%s", bubus_event_get_event_type (event));
  return TRUE;
}

static void
aborted_cb (BubusSaga         *saga,
            BubusSagaInstance *instance,
            const GError      *reason,
            gpointer           data)
{
  trace (data, "(%s)", reason->message);
}

static BubusSaga *
saga_new (Fixture *fixture)
{
  BubusSaga *saga = bubus_saga_new (fixture->bus, "fulfilment", "order_id");

  bubus_saga_add_step (saga, "Paid");
  bubus_saga_add_step (saga, "Reserved");
  bubus_saga_add_failure (saga, "Refused");
  bubus_saga_set_completion (saga, follow_cb, NULL, NULL);
  bubus_saga_set_compensation (saga, "Paid", follow_cb, NULL, NULL);
  bubus_saga_set_compensation (saga, "Reserved", follow_cb, NULL, NULL);
  g_signal_connect (saga, "aborted", G_CALLBACK (aborted_cb), fixture);
  bubus_event_bus_on_pattern (fixture->bus, "Done*", "trace", trace_type, fixture, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Undo*", "trace", trace_type, fixture, NULL);
  return saga;
}

static guint
count (BubusSaga *saga)
{
  g_autoptr (GPtrArray) instances = bubus_saga_list_instances (saga);

  return instances->len;
}

static void
test_any_order (Fixture       *fixture,
                gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (BubusEvent) other = NULL;

  pay (fixture);
  pay (fixture);
  other = dispatch_json (fixture, "Paid", "{\"order_id\":\"43\"}");
  g_assert_cmpuint (count (saga), ==, 2);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  reserve (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "Done");
  g_assert_cmpuint (count (saga), ==, 1);

  reserve (fixture);
  pay (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "Done Done");
  g_assert_finalize_object (saga);
}

static void
test_instances (Fixture       *fixture,
                gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (GPtrArray) instances = NULL;
  g_auto (GStrv) steps = NULL;
  BubusSagaInstance *instance;

  bubus_saga_set_timeout (saga, 10);
  reserve (fixture);
  instances = bubus_saga_list_instances (saga);
  g_assert_cmpuint (instances->len, ==, 1);
  instance = instances->pdata[0];
  g_assert_cmpstr (bubus_saga_instance_get_key (instance), ==, "42");
  steps = bubus_saga_instance_dup_steps (instance);
  g_assert_cmpuint (g_strv_length (steps), ==, 1);
  g_assert_cmpstr (steps[0], ==, "Reserved");
  g_assert_nonnull (bubus_saga_instance_get_event (instance, "Reserved"));
  g_assert_null (bubus_saga_instance_get_event (instance, "Paid"));
  g_assert_cmpint (bubus_saga_instance_get_deadline (instance) - bubus_saga_instance_get_started_at (instance), ==,
                   G_GINT64_CONSTANT (10000000000));
  g_assert_finalize_object (saga);
}

static void
test_no_key (Fixture       *fixture,
             gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (BubusEvent) event = dispatch_json (fixture, "Paid", "{\"order\":42}");
  g_autoptr (BubusEvent) null = dispatch_json (fixture, "Paid", "{\"order_id\":null}");
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_error (bubus_event_result_get_error (results->pdata[0]), BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_assert_cmpuint (count (saga), ==, 0);
  g_assert_finalize_object (saga);
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);

  bubus_saga_add_step (saga, "Packed");
  bubus_saga_set_timeout (saga, 10);
  reserve (fixture);
  advance (fixture, 9);
  pay (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  advance (fixture, 1);
  g_assert_cmpstr (fixture->trace->str, ==, "(“42” of “fulfilment” was not complete after 10 s) UndoPaid UndoReserved");
  g_assert_cmpuint (count (saga), ==, 0);
  g_assert_finalize_object (saga);
}

static void
test_failure (Fixture       *fixture,
              gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (BubusEvent) stranger = NULL, refused = NULL;

  pay (fixture);
  stranger = dispatch_json (fixture, "Refused", "{\"order_id\":7}");
  g_assert_cmpstr (fixture->trace->str, ==, "");
  refused = dispatch_json (fixture, "Refused", "{\"order_id\":\"42\"}");
  g_assert_cmpstr (fixture->trace->str, ==, "(“42” of “fulfilment” was ended by “Refused”) UndoPaid");

  pay (fixture);
  g_assert_false (bubus_saga_abort (saga, "43", NULL));
  g_assert_true (bubus_saga_abort (saga, "42", "no more"));
  g_assert_false (bubus_saga_abort (saga, "42", NULL));
  settle ();
  g_assert_true (g_str_has_suffix (fixture->trace->str, " (no more) UndoPaid"));
  g_assert_finalize_object (saga);
}

static void
test_restore (Fixture       *fixture,
              gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (BubusJson) json = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  bubus_event_register_type (reserved_get_type ());
  bubus_saga_set_timeout (saga, 10);
  reserve (fixture);
  json = bubus_saga_to_json (saga);
  g_assert_false (bubus_saga_restore (saga, json, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_finalize_object (saga);

  saga = saga_new (fixture);
  g_assert_true (bubus_saga_restore (saga, json, &error));
  g_assert_no_error (error);
  again = bubus_saga_to_json (saga);
  g_assert_true (bubus_json_equal (json, again));
  pay (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "Done Done");  /* each saga_new() traces */
  g_assert_cmpuint (count (saga), ==, 0);

  /* One whose time is over by now. */
  g_assert_true (bubus_saga_restore (saga, json, &error));
  advance (fixture, 10);
  g_assert_cmpuint (count (saga), ==, 0);
  g_assert_finalize_object (saga);
}

/* What was done before the restart is made up for after it, the last first. */
static void
test_restore_compensation (Fixture       *fixture,
                           gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (BubusJson) json = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) refused = NULL;

  bubus_event_register_type (reserved_get_type ());
  bubus_saga_add_step (saga, "Packed");
  reserve (fixture);
  advance (fixture, 1);
  pay (fixture);
  json = bubus_saga_to_json (saga);
  g_assert_finalize_object (saga);
  bubus_event_bus_clear (fixture->bus);

  saga = saga_new (fixture);
  bubus_saga_add_step (saga, "Packed");
  g_assert_true (bubus_saga_restore (saga, json, &error));
  g_assert_no_error (error);
  refused = dispatch_json (fixture, "Refused", "{\"order_id\":42}");
  g_assert_cmpstr (fixture->trace->str, ==,
                   "(“42” of “fulfilment” was ended by “Refused”) UndoPaid UndoReserved");
  g_assert_finalize_object (saga);
}

static void
test_restore_hostile (Fixture       *fixture,
                      gconstpointer  data)
{
#define TIMES "\"started_at\":\"2026-01-01T00:00:00Z\",\"deadline\":null"
#define PAID(key) "{\"event_type\":\"Paid\",\"order_id\":" key "}"
  static const char *const texts[] = {
    "[]",
    "{}",
    "{\"instances\":{}}",
    "{\"instances\":[1]}",
    "{\"instances\":[{\"key\":42," TIMES ",\"events\":[]}]}",
    "{\"instances\":[{\"key\":\"42\",\"started_at\":\"today\",\"deadline\":null,\"events\":[]}]}",
    "{\"instances\":[{\"key\":\"42\",\"deadline\":null,\"events\":[]}]}",
    "{\"instances\":[{\"key\":\"42\"," TIMES "}]}",
    "{\"instances\":[{\"key\":\"42\"," TIMES ",\"events\":[7]}]}",
    "{\"instances\":[{\"key\":\"42\"," TIMES ",\"events\":[{\"event_type\":\"Else\",\"order_id\":42}]}]}",
    "{\"instances\":[{\"key\":\"42\"," TIMES ",\"events\":[" PAID ("43") "]}]}",
    "{\"instances\":[{\"key\":\"42\"," TIMES ",\"events\":[" PAID ("42") "," PAID ("42") "]}]}",
    "{\"instances\":[{\"key\":\"42\"," TIMES ",\"events\":[]},{\"key\":\"42\"," TIMES ",\"events\":[]}]}",
  };
  BubusSaga *saga = saga_new (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (BubusJson) json = bubus_json_new (texts[i], -1, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (bubus_saga_restore (saga, json, &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (count (saga), ==, 0);
    }
  g_assert_finalize_object (saga);
}

/* Without its text it is not valid. */
typedef struct
{
  BubusEvent  parent_instance;
  char       *text;
} Note;

static const BubusField note_fields[] = {
  BUBUS_FIELD_STRING (Note, text),
};
BUBUS_DECLARE_EVENT_TYPE (Note, note)
BUBUS_DEFINE_EVENT_TYPE (Note, note, BUBUS_TYPE_EVENT, note_fields)

static BubusEvent *
invalid_at_first_cb (BubusSaga         *saga,
                     BubusSagaInstance *instance,
                     BubusEvent        *event,
                     gpointer           data)
{
  guint *n_calls = data;

  return g_object_new (note_get_type (), "text", ++*n_calls > 1 ? "valid" : NULL, NULL);
}

/* If the bus refuses what follows, nothing is lost. */
static void
test_refused_completion (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  guint n_calls = 0;

  bubus_event_bus_on_pattern (fixture->bus, "Note", "trace", trace_type, fixture, NULL);
  bubus_saga_set_completion (saga, invalid_at_first_cb, &n_calls, NULL);
  pay (fixture);
  reserve (fixture);
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_cmpuint (count (saga), ==, 1);
  reserve (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "Note");
  g_assert_cmpuint (count (saga), ==, 0);
  g_assert_finalize_object (saga);
}

/* As a journal has it: written when it was complete, and read by another process. */
static void
recall_json (BubusSaga  *saga,
             BubusEvent *event)
{
  g_autofree char *text = bubus_event_to_json (event);
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) read = bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  g_assert_true (bubus_saga_recall (saga, read, &error));
  g_assert_no_error (error);
}

static BubusSaga *
saga_restarted (Fixture   *fixture,
                GPtrArray *events,
                double     timeout)
{
  BubusSaga *saga = saga_new (fixture);

  bubus_saga_set_timeout (saga, timeout);
  for (guint i = 0; i < events->len; i++)
    recall_json (saga, events->pdata[i]);
  return saga;
}

/* What was complete, or had failed, stays so; the rest goes on where it was. Nothing is said twice. */
static void
test_recall (Fixture       *fixture,
             gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);
  BubusEvent *late;

  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":1}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Reserved", "{\"order_id\":1}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":2}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Refused", "{\"order_id\":2}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":42}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":42}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Other", "{}"));
  /* A step that was complete after the failure that ended it. */
  late = dispatch_json (fixture, "Paid", "{\"order_id\":3}");
  advance (fixture, 1);
  g_ptr_array_add (events, dispatch_json (fixture, "Refused", "{\"order_id\":3}"));
  g_ptr_array_add (events, late);
  g_assert_finalize_object (saga);
  g_string_truncate (fixture->trace, 0);

  bubus_event_bus_off_all (fixture->bus);
  saga = saga_restarted (fixture, events, 0);
  settle ();
  g_assert_cmpuint (count (saga), ==, 1);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  reserve (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "Done");
  g_assert_finalize_object (saga);
}

/* Whose time was over while events still came was aborted then; whose time has run out since is aborted now. */
static void
test_recall_expired (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);

  bubus_saga_set_timeout (saga, 10);
  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":1}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":3}"));
  advance (fixture, 11);
  g_ptr_array_add (events, dispatch_json (fixture, "Paid", "{\"order_id\":2}"));
  g_ptr_array_add (events, dispatch_json (fixture, "Reserved", "{\"order_id\":3}"));
  g_assert_finalize_object (saga);
  g_string_truncate (fixture->trace, 0);

  bubus_event_bus_off_all (fixture->bus);
  advance (fixture, 11);
  saga = saga_restarted (fixture, events, 10);
  advance (fixture, 0);
  g_assert_cmpuint (count (saga), ==, 0);
  g_assert_nonnull (strstr (fixture->trace->str, "(“2” of “fulfilment” was not complete after 10 s)"));
  g_assert_null (strstr (fixture->trace->str, "“1”"));
  g_assert_finalize_object (saga);
}

/* What has no key is told; what is not complete comes again by itself. */
static void
test_recall_refused (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusSaga *saga = saga_new (fixture);
  g_autoptr (BubusEvent) keyless = dispatch_json (fixture, "Paid", "{}");
  g_autoptr (BubusEvent) unfinished = bubus_generic_event_new ("Paid", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_saga_recall (saga, keyless, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_clear_error (&error);
  g_assert_true (bubus_saga_recall (saga, unfinished, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count (saga), ==, 0);
  g_assert_finalize_object (saga);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/saga/any-order", test_any_order, "B-15.5: events of one key in any order, then the next");
  test ("/messaging/saga/instances", test_instances, "What is running can be looked at");
  test ("/messaging/saga/no-key", test_no_key, "An event without a key is a failure of the saga's handler");
  test ("/messaging/saga/timeout", test_timeout, "What is not complete in time is made up for, the last first");
  test ("/messaging/saga/failure", test_failure, "A failure, or the program, aborts an instance");
  test ("/messaging/saga/restore", test_restore, "Instances survive being written and read");
  test ("/messaging/saga/restore/compensation", test_restore_compensation, "B-15.5: and are made up for after that");
  test ("/messaging/saga/restore-hostile", test_restore_hostile, "What is malformed creates nothing");
  test ("/messaging/saga/refused-completion", test_refused_completion, "What the bus refuses is tried again");
  test ("/messaging/saga/recall", test_recall, "Section 15: a restarted saga goes on");
  test ("/messaging/saga/recall-expired", test_recall_expired, "Section 15: time goes on between restarts");
  test ("/messaging/saga/recall-refused", test_recall_refused, "Section 15: events that cannot be recalled");

  return g_test_run ();
}
