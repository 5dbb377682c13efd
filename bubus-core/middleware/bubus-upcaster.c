/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-upcaster.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus.h"

/**
 * BubusUpcaster:
 *
 * A middleware that gives handlers events of the version that they know.
 *
 * [method@Upcaster.expect] says which version of an event type the handlers of the bus are for, and
 * [method@Upcaster.add_step] how an event of one version becomes one of another. An event that comes with an older
 * version is replaced by what the steps make of it, one after the other. When no step leads on, the dispatch is refused
 * with %BUBUS_ERROR_VERSION, and the message says where the way ends.
 *
 * It may be added to several buses of one main context, and should be set up before.
 *
 * Since: 1.0
 */

typedef struct
{
  char            *to_version;
  BubusUpcastFunc  func;
  gpointer         user_data;
  GDestroyNotify   notify;
} BubusUpcastStep;

struct _BubusUpcaster
{
  GObject     parent_instance;

  GHashTable *expected;  /* event type → version */
  GHashTable *steps;     /* event type, newline, version → BubusUpcastStep */
};

static void
bubus_upcast_step_free (gpointer data)
{
  BubusUpcastStep *self = data;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self->to_version);
  g_free (self);
}

static char *
bubus_upcast_make_key (const char *event_type,
                       const char *version)
{
  return g_strconcat (event_type, "\n", version, NULL);
}

/* Nullable. */
static const BubusUpcastStep *
bubus_upcaster_find_step (BubusUpcaster *self,
                          const char    *event_type,
                          const char    *version)
{
  g_autofree char *key = bubus_upcast_make_key (event_type, version);

  return g_hash_table_lookup (self->steps, key);
}

static gboolean
bubus_upcast_step_check (const BubusUpcastStep  *self,
                         BubusEvent             *from,
                         BubusEvent             *to,
                         GError                **error)
{
  if (to != NULL && to != from && !bubus_event_is_sealed (to)
      && g_str_equal (bubus_event_get_event_type (to), bubus_event_get_event_type (from)))
    return TRUE;

  if (error != NULL && *error == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_VERSION,
                 "what makes version %s of “%s” has not made a new event of that type", self->to_version,
                 bubus_event_get_event_type (from));
  return FALSE;
}

/* Gives the reference. */
static BubusEvent *
bubus_upcast_step_run (const BubusUpcastStep  *self,
                       BubusEvent             *event,
                       GError                **error)
{
  g_autoptr (BubusEvent) made = self->func (event, self->user_data, error);

  if (!bubus_upcast_step_check (self, event, made, error))
    return NULL;
  if (!g_str_equal (bubus_event_get_event_version (made), self->to_version))
    g_object_set (made, "event-version", self->to_version, NULL);
  return g_steal_pointer (&made);
}

/* Gives a new event, or NULL with an error. There is a way out of every circle: it is no
 * longer than all steps. */
static BubusEvent *
bubus_upcaster_convert (BubusUpcaster  *self,
                        BubusEvent     *event,
                        const char     *version,
                        GError        **error)
{
  const char *type = bubus_event_get_event_type (event);
  g_autoptr (BubusEvent) current = g_object_ref (event);

  for (guint i = 0; !g_str_equal (bubus_event_get_event_version (current), version); i++)
    {
      const BubusUpcastStep *step = bubus_upcaster_find_step (self, type, bubus_event_get_event_version (current));
      BubusEvent *next;

      if (step == NULL || i == g_hash_table_size (self->steps))
        {
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_VERSION,
                       "“%s” of version %s cannot become version %s: %s version %s", type,
                       bubus_event_get_event_version (event), version,
                       step == NULL ? "nothing leads on from" : "the steps go in a circle through",
                       bubus_event_get_event_version (current));
          return NULL;
        }
      next = bubus_upcast_step_run (step, current, error);
      if (next == NULL)
        return NULL;
      g_object_unref (current);
      current = next;
    }
  return g_steal_pointer (&current);
}

static gboolean
bubus_upcaster_intercept (BubusMiddleware    *middleware,
                          BubusEventBus      *bus,
                          BubusEvent         *event,
                          BubusInterception  *interception,
                          GError            **error)
{
  BubusUpcaster *self = BUBUS_UPCASTER (middleware);
  const char *version = g_hash_table_lookup (self->expected, bubus_event_get_event_type (event));
  g_autoptr (BubusEvent) converted = NULL;

  if (version == NULL || g_str_equal (bubus_event_get_event_version (event), version))
    return TRUE;

  converted = bubus_upcaster_convert (self, event, version, error);
  if (converted == NULL)
    return FALSE;
  bubus_interception_replace (interception, converted);
  return TRUE;
}

static void
bubus_upcaster_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->intercept = bubus_upcaster_intercept;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusUpcaster, bubus_upcaster, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_upcaster_middleware_init))

static void
bubus_upcaster_finalize (GObject *object)
{
  BubusUpcaster *self = BUBUS_UPCASTER (object);

  g_hash_table_unref (self->steps);
  g_hash_table_unref (self->expected);

  G_OBJECT_CLASS (bubus_upcaster_parent_class)->finalize (object);
}

static void
bubus_upcaster_class_init (BubusUpcasterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_upcaster_finalize;
}

static void
bubus_upcaster_init (BubusUpcaster *self)
{
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->steps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bubus_upcast_step_free);
}

/**
 * bubus_upcaster_new:
 *
 * Makes an upcaster that expects nothing yet.
 *
 * Returns: (transfer full): a new upcaster, to be added to a bus with [method@EventBus.add_middleware]
 *
 * Since: 1.0
 */
BubusUpcaster *
bubus_upcaster_new (void)
{
  return g_object_new (BUBUS_TYPE_UPCASTER, NULL);
}

/**
 * bubus_upcaster_expect:
 * @self: an upcaster
 * @event_type: an event type
 * @version: the version that handlers know
 *
 * Says which version of an event type handlers are for. Other event types pass as they are.
 *
 * Since: 1.0
 */
void
bubus_upcaster_expect (BubusUpcaster *self,
                       const char    *event_type,
                       const char    *version)
{
  g_return_if_fail (BUBUS_IS_UPCASTER (self));
  g_return_if_fail (event_type != NULL);
  g_return_if_fail (version != NULL);

  g_hash_table_insert (self->expected, g_strdup (event_type), g_strdup (version));
}

/**
 * bubus_upcaster_add_step:
 * @self: an upcaster
 * @event_type: an event type
 * @from_version: the version that @func is given
 * @to_version: the version that @func makes; an event that has another one is given this one
 * @func: (scope notified) (closure user_data) (destroy notify): converts an event
 * @user_data: what to give to @func
 * @notify: (nullable): releases @user_data
 * @error: (nullable): where to put why it was refused
 *
 * Says how an event of one version becomes one of another.
 *
 * Fails with %BUBUS_ERROR_ALREADY_REGISTERED when there is a step from that version; @notify is called then too.
 *
 * Returns: whether the step was added
 *
 * Since: 1.0
 */
gboolean
bubus_upcaster_add_step (BubusUpcaster    *self,
                         const char       *event_type,
                         const char       *from_version,
                         const char       *to_version,
                         BubusUpcastFunc   func,
                         gpointer          user_data,
                         GDestroyNotify    notify,
                         GError          **error)
{
  BubusUpcastStep *step;

  g_return_val_if_fail (BUBUS_IS_UPCASTER (self), FALSE);
  g_return_val_if_fail (event_type != NULL && from_version != NULL && to_version != NULL, FALSE);
  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (bubus_upcaster_find_step (self, event_type, from_version) != NULL)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_ALREADY_REGISTERED,
                   "there is a step from version %s of “%s” already", from_version, event_type);
      if (notify != NULL)
        notify (user_data);
      return FALSE;
    }

  step = g_new0 (BubusUpcastStep, 1);
  step->to_version = g_strdup (to_version);
  step->func = func;
  step->user_data = user_data;
  step->notify = notify;
  g_hash_table_insert (self->steps, bubus_upcast_make_key (event_type, from_version), step);
  return TRUE;
}
