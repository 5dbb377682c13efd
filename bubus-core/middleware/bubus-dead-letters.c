/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-dead-letters.h"

#include "base/bubus-error.h"
#include "base/bubus-json-writer-internal.h"
#include "bus/bubus-event-bus.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-generic-event.h"

/**
 * BubusDeadLetters:
 *
 * A middleware that sends on what nobody has handled.
 *
 * When an event is complete that had no handlers, or of whose handlers one has failed, an event of the type
 * `DeadLetterEvent` is dispatched on another bus. It has the members `event`, which is the event in the wire form with
 * its results, `letter_type`, its type, `reason`, a text, and `bus`, the label of the bus. With a [class@Journal] on
 * that bus, dead letters are kept in a file. [func@DeadLetters.dup_event] has the event once more, to be tried again.
 *
 * Handlers that were not needed any more, because another one was first, have not failed. Events that a middleware has
 * dropped, or replaced, are no dead letters; and neither is what carries one, on whatever bus, so that they never go
 * round in circles.
 *
 * A letter that the other bus does not take is lost: that is logged, and counted.
 *
 * It may be added to several buses of one main context.
 *
 * Since: 1.0
 */

#define LETTER_TYPE "DeadLetterEvent"

struct _BubusDeadLetters
{
  GObject        parent_instance;

  BubusEventBus *target;
  guint64        n_sent;
  guint64        n_lost;
};

typedef enum
{
  PROP_TARGET = 1,
} BubusDeadLettersProperty;

static GParamSpec *properties[PROP_TARGET + 1];

/* ---- which events ---- */

static gboolean
bubus_event_is_diverted (BubusEvent *event)
{
  g_autoptr (GError) reason = bubus_event_dup_drop_reason (event);
  g_autoptr (BubusEvent) replacement = bubus_event_dup_replacement (event);

  return reason != NULL || replacement != NULL;
}

static gboolean
bubus_error_is_only_late (const GError *error)
{
  return g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED)
         || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED);
}

/* The first failure; NULL when there is none that matters. */
static BubusEventResult *
bubus_results_find_failure (GPtrArray *results)
{
  BubusEventResult *late = NULL;
  gboolean any_completed = FALSE;

  for (guint i = 0; i < results->len; i++)
    {
      const GError *error = bubus_event_result_get_error (results->pdata[i]);

      if (error == NULL)
        any_completed = TRUE;
      else if (!bubus_error_is_only_late (error))
        return results->pdata[i];
      else if (late == NULL)
        late = results->pdata[i];
    }
  return any_completed ? NULL : late;
}

/* Nullable. */
static char *
bubus_event_dup_death_reason (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = NULL;
  BubusEventResult *failure;

  if (g_str_equal (bubus_event_get_event_type (event), LETTER_TYPE) || bubus_event_is_diverted (event))
    return NULL;

  results = bubus_event_list_results (event);
  if (results->len == 0)
    return g_strdup ("nobody has handled it");

  failure = bubus_results_find_failure (results);
  if (failure == NULL)
    return NULL;
  return g_strdup_printf ("%s has failed: %s", bubus_event_result_get_handler_name (failure),
                          bubus_event_result_get_error (failure)->message);
}

/* ---- letters ---- */

static BubusEvent *
bubus_dead_letter_new (BubusEvent     *event,
                       BubusEventBus  *bus,
                       const char     *reason,
                       GError        **error)
{
  g_autoptr (GString) text = g_string_new ("{\"event\":");
  g_autoptr (BubusJson) payload = NULL;

  bubus_event_append_json (event, text);
  g_string_append (text, ",\"letter_type\":");
  _bubus_json_append_string (text, bubus_event_get_event_type (event));
  g_string_append (text, ",\"reason\":");
  _bubus_json_append_string (text, reason);
  g_string_append (text, ",\"bus\":");
  _bubus_json_append_string (text, bubus_event_bus_get_label (bus));
  g_string_append_c (text, '}');

  payload = bubus_json_new (text->str, (gssize) text->len, error);
  return payload != NULL ? bubus_generic_event_new_from_json (LETTER_TYPE, payload, error) : NULL;
}

static void
bubus_dead_letters_send (BubusDeadLetters *self,
                         BubusEventBus    *bus,
                         BubusEvent       *event,
                         const char       *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) letter = bubus_dead_letter_new (event, bus, reason, &error);

  if (letter != NULL && bubus_event_bus_dispatch (self->target, letter, &error))
    {
      self->n_sent++;
      return;
    }
  self->n_lost++;
  g_message ("%s: a dead letter is lost: %s (%s)", bubus_event_bus_get_label (bus), reason, error->message);
}

static void
bubus_dead_letters_event_changed (BubusMiddleware  *middleware,
                                  BubusEventBus    *bus,
                                  BubusEvent       *event,
                                  BubusEventStatus  status)
{
  g_autofree char *reason = NULL;

  if (status != BUBUS_EVENT_STATUS_COMPLETED)
    return;

  reason = bubus_event_dup_death_reason (event);
  if (reason != NULL)
    bubus_dead_letters_send (BUBUS_DEAD_LETTERS (middleware), bus, event, reason);
}

static void
bubus_dead_letters_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_dead_letters_event_changed;
}

/* ---- object ---- */

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusDeadLetters, bubus_dead_letters, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_dead_letters_middleware_init))

static void
bubus_dead_letters_finalize (GObject *object)
{
  g_clear_object (&BUBUS_DEAD_LETTERS (object)->target);

  G_OBJECT_CLASS (bubus_dead_letters_parent_class)->finalize (object);
}

static void
bubus_dead_letters_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  switch ((BubusDeadLettersProperty) prop_id)
    {
    case PROP_TARGET:
      g_value_set_object (value, BUBUS_DEAD_LETTERS (object)->target);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_dead_letters_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  switch ((BubusDeadLettersProperty) prop_id)
    {
    case PROP_TARGET:
      BUBUS_DEAD_LETTERS (object)->target = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_dead_letters_class_init (BubusDeadLettersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_dead_letters_finalize;
  object_class->get_property = bubus_dead_letters_get_property;
  object_class->set_property = bubus_dead_letters_set_property;

  /**
   * BubusDeadLetters:target:
   *
   * The bus that dead letters go to.
   *
   * Since: 1.0
   */
  properties[PROP_TARGET] =
    g_param_spec_object ("target", NULL, NULL, BUBUS_TYPE_EVENT_BUS,
                         (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_dead_letters_init (BubusDeadLetters *self)
{
}

/**
 * bubus_dead_letters_new:
 * @target: the bus that dead letters go to, another one than those that they come from
 *
 * Makes a middleware that sends on what nobody has handled.
 *
 * Returns: (transfer full): a new middleware, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusDeadLetters *
bubus_dead_letters_new (BubusEventBus *target)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (target), NULL);

  return g_object_new (BUBUS_TYPE_DEAD_LETTERS, "target", target, NULL);
}

/**
 * bubus_dead_letters_get_n_sent:
 * @self: dead letters
 *
 * Says how many dead letters the other bus has taken.
 *
 * Returns: a number of events
 *
 * Since: 1.0
 */
guint64
bubus_dead_letters_get_n_sent (BubusDeadLetters *self)
{
  g_return_val_if_fail (BUBUS_IS_DEAD_LETTERS (self), 0);

  return self->n_sent;
}

/**
 * bubus_dead_letters_get_n_lost:
 * @self: dead letters
 *
 * Says how many dead letters the other bus has not taken.
 *
 * Returns: a number of events
 *
 * Since: 1.0
 */
guint64
bubus_dead_letters_get_n_lost (BubusDeadLetters *self)
{
  g_return_val_if_fail (BUBUS_IS_DEAD_LETTERS (self), 0);

  return self->n_lost;
}

/**
 * bubus_dead_letters_dup_event:
 * @letter: a `DeadLetterEvent`
 * @error: (nullable): where to put why there is none
 *
 * Gives the event that a letter carries, as it was before it was dispatched: with the same id, and without results.
 *
 * Returns: (transfer full): the event
 *
 * Since: 1.0
 */
BubusEvent *
bubus_dead_letters_dup_event (BubusEvent  *letter,
                              GError     **error)
{
  g_autoptr (BubusJson) json = NULL;

  g_return_val_if_fail (BUBUS_IS_EVENT (letter), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (BUBUS_IS_GENERIC_EVENT (letter) && g_str_equal (bubus_event_get_event_type (letter), LETTER_TYPE))
    json = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (letter), "event");
  if (json != NULL)
    return bubus_event_new_from_json (bubus_json_get_text (json), (gssize) bubus_json_get_size (json), BUBUS_JSON_RESET,
                                      error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT, "“%s” is no dead letter",
               bubus_event_get_event_type (letter));
  return NULL;
}
