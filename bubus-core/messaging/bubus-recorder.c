/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recorder.h"

#include "base/bubus-error.h"

/**
 * BubusRecorder:
 *
 * Records what is dispatched on a bus, and says whether it was what a test expects.
 *
 * It sees every event that the bus takes, in that order, before its turn comes. What a check finds wrong is an error
 * whose message says what was expected and what was seen, in words that a test can show.
 *
 * A recorder is used in the main context of its bus. It records until it is freed.
 *
 * Since: 1.0
 */

struct _BubusRecorder
{
  GObject          parent_instance;

  BubusEventBus   *bus;
  BubusMiddleware *tap;      /* what the bus has of it */
  GPtrArray       *events;   /* owned */
  GQueue           waiters;  /* GTask, with a reference */
};

typedef enum
{
  PROP_BUS = 1,
} BubusRecorderProperty;

static GParamSpec *properties[PROP_BUS + 1];

G_DEFINE_FINAL_TYPE (BubusRecorder, bubus_recorder, G_TYPE_OBJECT)

static void bubus_recorder_add (BubusRecorder *self,
                                BubusEvent    *event);

/* ---- what the bus has of a recorder, so that it does not keep the recorder alive ---- */

#define BUBUS_TYPE_RECORDER_TAP (bubus_recorder_tap_get_type ())
G_DECLARE_FINAL_TYPE (BubusRecorderTap, bubus_recorder_tap, BUBUS, RECORDER_TAP, GObject)

struct _BubusRecorderTap
{
  GObject        parent_instance;

  BubusRecorder *recorder;  /* not owned; NULL when it is gone */
};

static void
bubus_recorder_tap_event_changed (BubusMiddleware  *middleware,
                                  BubusEventBus    *bus,
                                  BubusEvent       *event,
                                  BubusEventStatus  status)
{
  BubusRecorderTap *self = BUBUS_RECORDER_TAP (middleware);

  if (status == BUBUS_EVENT_STATUS_PENDING && self->recorder != NULL)
    bubus_recorder_add (self->recorder, event);
}

static void
bubus_recorder_tap_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_recorder_tap_event_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusRecorderTap, bubus_recorder_tap, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_recorder_tap_middleware_init))

static void
bubus_recorder_tap_class_init (BubusRecorderTapClass *klass)
{
}

static void
bubus_recorder_tap_init (BubusRecorderTap *self)
{
}

/* ---- object ---- */

static void
bubus_recorder_constructed (GObject *object)
{
  BubusRecorder *self = BUBUS_RECORDER (object);
  BubusRecorderTap *tap = g_object_new (BUBUS_TYPE_RECORDER_TAP, NULL);

  G_OBJECT_CLASS (bubus_recorder_parent_class)->constructed (object);

  tap->recorder = self;
  self->tap = BUBUS_MIDDLEWARE (tap);
  bubus_event_bus_add_middleware (self->bus, self->tap);
}

static void
bubus_recorder_dispose (GObject *object)
{
  BubusRecorder *self = BUBUS_RECORDER (object);

  if (self->tap != NULL)
    {
      BUBUS_RECORDER_TAP (self->tap)->recorder = NULL;
      bubus_event_bus_remove_middleware (self->bus, self->tap);
    }
  g_clear_object (&self->tap);
  g_ptr_array_set_size (self->events, 0);

  G_OBJECT_CLASS (bubus_recorder_parent_class)->dispose (object);
}

static void
bubus_recorder_finalize (GObject *object)
{
  BubusRecorder *self = BUBUS_RECORDER (object);

  g_assert (g_queue_is_empty (&self->waiters));
  g_ptr_array_unref (self->events);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (bubus_recorder_parent_class)->finalize (object);
}

static void
bubus_recorder_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  switch ((BubusRecorderProperty) prop_id)
    {
    case PROP_BUS:
      g_value_set_object (value, bubus_recorder_get_bus (BUBUS_RECORDER (object)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_recorder_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  switch ((BubusRecorderProperty) prop_id)
    {
    case PROP_BUS:
      BUBUS_RECORDER (object)->bus = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_recorder_class_init (BubusRecorderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_recorder_constructed;
  object_class->dispose = bubus_recorder_dispose;
  object_class->finalize = bubus_recorder_finalize;
  object_class->get_property = bubus_recorder_get_property;
  object_class->set_property = bubus_recorder_set_property;

  /**
   * BubusRecorder:bus: (getter get_bus)
   *
   * The bus that is recorded.
   *
   * Since: 1.0
   */
  properties[PROP_BUS] =
    g_param_spec_object ("bus", NULL, NULL, BUBUS_TYPE_EVENT_BUS,
                         (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_recorder_init (BubusRecorder *self)
{
  self->events = g_ptr_array_new_with_free_func (g_object_unref);
  g_queue_init (&self->waiters);
}

/* ---- waiting ---- */

/* Somebody who waits for events: the task's data. */
typedef struct
{
  GPatternSpec *pattern;
  guint         n_missing;
  GSource      *cancelled;  /* nullable */
} BubusRecorderWait;

static void
bubus_recorder_wait_free (BubusRecorderWait *self)
{
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_pattern_spec_free (self->pattern);
  g_free (self);
}

static gboolean
bubus_pattern_matches (GPatternSpec *pattern,
                       BubusEvent   *event)
{
  return g_pattern_spec_match_string (pattern, bubus_event_get_event_type (event));
}

/* Takes over the queue's reference to @task, which has left it. */
static void
bubus_recorder_tell (GTask *task)
{
  BubusRecorderWait *wait = g_task_get_task_data (task);

  if (wait->cancelled != NULL)
    g_source_destroy (wait->cancelled);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
bubus_recorder_add (BubusRecorder *self,
                    BubusEvent    *event)
{
  GList *l = self->waiters.head;

  g_ptr_array_add (self->events, g_object_ref (event));
  while (l != NULL)
    {
      GTask *task = l->data;
      BubusRecorderWait *wait = g_task_get_task_data (task);
      GList *next = l->next;

      if (bubus_pattern_matches (wait->pattern, event) && --wait->n_missing == 0)
        {
          g_queue_delete_link (&self->waiters, l);
          bubus_recorder_tell (task);
        }
      l = next;
    }
}

static gboolean
bubus_recorder_wait_cancelled_cb (GCancellable *cancellable,
                                  gpointer      data)
{
  GTask *task = data;
  BubusRecorder *self = g_task_get_source_object (task);

  if (g_queue_remove (&self->waiters, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

static void
bubus_recorder_queue_wait (BubusRecorder *self,
                           GTask         *task)
{
  BubusRecorderWait *wait = g_task_get_task_data (task);

  g_queue_push_tail (&self->waiters, g_object_ref (task));
  if (g_task_get_cancellable (task) == NULL)
    return;

  wait->cancelled = g_cancellable_source_new (g_task_get_cancellable (task));
  g_task_attach_source (task, wait->cancelled, G_SOURCE_FUNC (bubus_recorder_wait_cancelled_cb));
}

/* ---- words ---- */

static void
bubus_recorder_append_seen (BubusRecorder *self,
                            GString       *text)
{
  if (self->events->len == 0)
    g_string_append (text, "nothing");
  for (guint i = 0; i < self->events->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", bubus_event_get_event_type (self->events->pdata[i]));
}

static char *
bubus_recorder_describe_seen (BubusRecorder *self)
{
  GString *text = g_string_new (NULL);

  bubus_recorder_append_seen (self, text);
  return g_string_free (text, FALSE);
}

/* ---- public ---- */

/**
 * bubus_recorder_new:
 * @bus: a bus
 *
 * Makes a recorder, and begins to record.
 *
 * Returns: (transfer full): a new recorder
 *
 * Since: 1.0
 */
BubusRecorder *
bubus_recorder_new (BubusEventBus *bus)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (bus), NULL);

  return g_object_new (BUBUS_TYPE_RECORDER, "bus", bus, NULL);
}

/**
 * bubus_recorder_get_bus: (get-property bus)
 * @self: a recorder
 *
 * Gives the bus that is recorded.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_recorder_get_bus (BubusRecorder *self)
{
  g_return_val_if_fail (BUBUS_IS_RECORDER (self), NULL);

  return self->bus;
}

/**
 * bubus_recorder_clear:
 * @self: a recorder
 *
 * Forgets what was recorded, and records on.
 *
 * Since: 1.0
 */
void
bubus_recorder_clear (BubusRecorder *self)
{
  g_return_if_fail (BUBUS_IS_RECORDER (self));

  g_ptr_array_set_size (self->events, 0);
}

/**
 * bubus_recorder_list_events:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 *
 * Lists what was recorded.
 *
 * Returns: (transfer container) (element-type BubusEvent): the events in the order in which they were dispatched
 *
 * Since: 1.0
 */
GPtrArray *
bubus_recorder_list_events (BubusRecorder *self,
                            const char    *pattern)
{
  g_autoptr (GPatternSpec) spec = NULL;
  GPtrArray *events;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), NULL);

  spec = g_pattern_spec_new (pattern != NULL ? pattern : "*");
  events = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->events->len; i++)
    if (bubus_pattern_matches (spec, self->events->pdata[i]))
      g_ptr_array_add (events, g_object_ref (self->events->pdata[i]));
  return events;
}

/**
 * bubus_recorder_count:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 *
 * Counts what was recorded.
 *
 * Returns: how many events there were
 *
 * Since: 1.0
 */
guint
bubus_recorder_count (BubusRecorder *self,
                      const char    *pattern)
{
  g_autoptr (GPtrArray) events = NULL;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), 0);

  events = bubus_recorder_list_events (self, pattern);
  return events->len;
}

/**
 * bubus_recorder_check_count:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 * @expected: how many events there should be
 * @error: (nullable): where to put what was seen instead
 *
 * Checks how many events were dispatched.
 *
 * Returns: whether there were as many
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_check_count (BubusRecorder  *self,
                            const char     *pattern,
                            guint           expected,
                            GError        **error)
{
  g_autofree char *seen = NULL;
  guint n_events;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  n_events = bubus_recorder_count (self, pattern);
  if (n_events == expected)
    return TRUE;

  seen = bubus_recorder_describe_seen (self);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "Expected %u × %s, but there were %u; seen: %s", expected,
               pattern != NULL ? pattern : "*", n_events, seen);
  return FALSE;
}

static gboolean
bubus_recorder_matches_sequence (BubusRecorder     *self,
                                 const char *const *event_types)
{
  guint n = 0;

  for (; event_types[n] != NULL && n < self->events->len; n++)
    if (!g_str_equal (event_types[n], bubus_event_get_event_type (self->events->pdata[n])))
      return FALSE;
  return event_types[n] == NULL && n == self->events->len;
}

/**
 * bubus_recorder_check_sequence:
 * @self: a recorder
 * @event_types: (array zero-terminated=1): event types
 * @error: (nullable): where to put what was seen instead
 *
 * Checks that exactly these events were dispatched, in this order.
 *
 * Returns: whether it was so
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_check_sequence (BubusRecorder      *self,
                               const char *const  *event_types,
                               GError            **error)
{
  g_autofree char *expected = NULL, *seen = NULL;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (event_types != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (bubus_recorder_matches_sequence (self, event_types))
    return TRUE;

  expected = g_strjoinv (", ", (char **) event_types);
  seen = bubus_recorder_describe_seen (self);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "Expected %s; seen: %s",
               *expected != '\0' ? expected : "nothing", seen);
  return FALSE;
}

/**
 * bubus_recorder_check_no_errors:
 * @self: a recorder
 * @error: (nullable): where to put the first failure
 *
 * Checks that no handler of a recorded event has failed.
 *
 * Returns: whether it was so
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_check_no_errors (BubusRecorder  *self,
                                GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  for (guint i = 0; i < self->events->len; i++)
    {
      g_autoptr (GPtrArray) results = bubus_event_list_results (self->events->pdata[i]);

      for (guint j = 0; j < results->len; j++)
        {
          const GError *reason = bubus_event_result_get_error (results->pdata[j]);

          if (reason == NULL)
            continue;
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "%s of “%s” failed: %s",
                       bubus_event_result_get_handler_name (results->pdata[j]),
                       bubus_event_get_event_type (self->events->pdata[i]), reason->message);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * bubus_recorder_wait_async:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 * @n_events: how many
 * @cancellable: (nullable): gives up
 * @callback: (scope async) (closure user_data): called when there are as many
 * @user_data: passed to @callback
 *
 * Waits until so many events have been recorded, those that are there already included.
 *
 * Since: 1.0
 */
void
bubus_recorder_wait_async (BubusRecorder       *self,
                           const char          *pattern,
                           guint                n_events,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  BubusRecorderWait *wait;
  guint n_there;

  g_return_if_fail (BUBUS_IS_RECORDER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_recorder_wait_async);
  wait = g_new0 (BubusRecorderWait, 1);
  wait->pattern = g_pattern_spec_new (pattern != NULL ? pattern : "*");
  g_task_set_task_data (task, wait, (GDestroyNotify) bubus_recorder_wait_free);

  n_there = bubus_recorder_count (self, pattern);
  wait->n_missing = n_events > n_there ? n_events - n_there : 0;
  if (g_task_return_error_if_cancelled (task))
    return;
  if (wait->n_missing == 0)
    g_task_return_boolean (task, TRUE);
  else
    bubus_recorder_queue_wait (self, task);
}

/**
 * bubus_recorder_wait_finish:
 * @self: a recorder
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Recorder.wait_async].
 *
 * Returns: whether there were as many events
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_wait_finish (BubusRecorder  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
