/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-settings.h"

#include "bubus-event-internal.h"
#include "bubus-event-settings-internal.h"

/* How an event is handled: what it says itself goes before what its class says, and that before what the bus says
 * (B-1.16, B-1.17). */

G_DEFINE_ENUM_TYPE (BubusEventConcurrency, bubus_event_concurrency,
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_CONCURRENCY_INHERIT, "inherit"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_CONCURRENCY_BUS_SERIAL, "bus-serial"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL, "global-serial"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_CONCURRENCY_PARALLEL, "parallel"))

G_DEFINE_ENUM_TYPE (BubusHandlerConcurrency, bubus_handler_concurrency,
                    G_DEFINE_ENUM_VALUE (BUBUS_HANDLER_CONCURRENCY_INHERIT, "inherit"),
                    G_DEFINE_ENUM_VALUE (BUBUS_HANDLER_CONCURRENCY_SERIAL, "serial"),
                    G_DEFINE_ENUM_VALUE (BUBUS_HANDLER_CONCURRENCY_PARALLEL, "parallel"))

G_DEFINE_ENUM_TYPE (BubusHandlerCompletion, bubus_handler_completion,
                    G_DEFINE_ENUM_VALUE (BUBUS_HANDLER_COMPLETION_INHERIT, "inherit"),
                    G_DEFINE_ENUM_VALUE (BUBUS_HANDLER_COMPLETION_ALL, "all"),
                    G_DEFINE_ENUM_VALUE (BUBUS_HANDLER_COMPLETION_FIRST, "first"))

const char *const _bubus_event_time_names[BUBUS_N_EVENT_TIMES] = {
  [BUBUS_EVENT_TIME_HANDLER] = "event-timeout",
  [BUBUS_EVENT_TIME_EVENT] = "event-deadline",
  [BUBUS_EVENT_TIME_SLOW_HANDLER] = "event-handler-slow-timeout",
  [BUBUS_EVENT_TIME_SLOW_EVENT] = "event-slow-timeout",
};

const char *const _bubus_event_mode_names[BUBUS_N_EVENT_MODES] = {
  [BUBUS_EVENT_MODE_EVENTS] = "event-concurrency",
  [BUBUS_EVENT_MODE_HANDLERS] = "event-handler-concurrency",
  [BUBUS_EVENT_MODE_COMPLETION] = "event-handler-completion",
};

static GType
bubus_event_mode_get_type (BubusEventMode mode)
{
  switch (mode)
    {
    case BUBUS_EVENT_MODE_EVENTS:
      return BUBUS_TYPE_EVENT_CONCURRENCY;
    case BUBUS_EVENT_MODE_HANDLERS:
      return BUBUS_TYPE_HANDLER_CONCURRENCY;
    case BUBUS_EVENT_MODE_COMPLETION:
      return BUBUS_TYPE_HANDLER_COMPLETION;
    default:
      g_assert_not_reached ();
    }
}

/* NULL for “as others say”. */
const char *
_bubus_event_mode_get_nick (BubusEventMode mode,
                            int            value)
{
  const GEnumValue *found;
  GEnumClass *klass;

  if (value == 0)
    return NULL;

  klass = g_type_class_ref (bubus_event_mode_get_type (mode));
  found = g_enum_get_value (klass, value);
  g_type_class_unref (klass); /* which is static, and so are its texts */
  return found != NULL ? found->value_nick : NULL;
}

/* 0 when there is no such mode. */
int
_bubus_event_mode_from_nick (BubusEventMode  mode,
                             const char     *nick)
{
  GEnumClass *klass = g_type_class_ref (bubus_event_mode_get_type (mode));
  const GEnumValue *found = g_enum_get_value_by_nick (klass, nick);
  int value = found != NULL ? found->value : 0;

  g_type_class_unref (klass);
  return value;
}

void
_bubus_event_settings_init (BubusEventSettings *self)
{
  for (guint i = 0; i < BUBUS_N_EVENT_TIMES; i++)
    self->times[i] = -1;
  for (guint i = 0; i < BUBUS_N_EVENT_MODES; i++)
    self->modes[i] = 0;
}

/* What is not set is taken from @base. */
static void
bubus_event_settings_inherit (BubusEventSettings       *self,
                              const BubusEventSettings *base)
{
  for (guint i = 0; i < BUBUS_N_EVENT_TIMES; i++)
    if (self->times[i] < 0)
      self->times[i] = base->times[i];
  for (guint i = 0; i < BUBUS_N_EVENT_MODES; i++)
    if (self->modes[i] == 0)
      self->modes[i] = base->modes[i];
}

static const BubusEventSettings *
bubus_event_peek_own_settings (BubusEvent *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  return _bubus_event_has_flags (priv, BUBUS_EVENT_CONFIGURED) ? &priv->extras->settings : NULL;
}

/* How @event is handled on a bus that says @bus, for what the event and its class leave open. The settings are those of
 * the bus when nobody has said otherwise, else they are put together in @storage. */
const BubusEventSettings *
_bubus_event_resolve_settings (BubusEvent               *event,
                               const BubusEventSettings *bus,
                               BubusEventSettings       *storage)
{
  const BubusEventType *type = _bubus_event_get_description (event);
  const BubusEventSettings *own = bubus_event_peek_own_settings (event);

  if (own == NULL && !type->configured)
    return bus;

  if (own != NULL)
    *storage = *own;
  else
    _bubus_event_settings_init (storage);
  bubus_event_settings_inherit (storage, &type->settings);
  bubus_event_settings_inherit (storage, bus);
  return storage;
}

/* ---- one event ---- */

static BubusEventSettings *
bubus_event_ensure_settings (BubusEvent *event)
{
  BubusEventExtras *extras = _bubus_event_ensure_extras (event);

  _bubus_event_set_flags (_bubus_event_get_private (event), BUBUS_EVENT_CONFIGURED);
  return &extras->settings;
}

double
_bubus_event_get_time (BubusEvent     *event,
                       BubusEventTime  time)
{
  const BubusEventSettings *own = bubus_event_peek_own_settings (event);

  if (own != NULL && own->times[time] >= 0)
    return own->times[time];
  return _bubus_event_get_description (event)->settings.times[time];
}

/* Before the event is sealed. */
void
_bubus_event_set_time (BubusEvent     *event,
                       BubusEventTime  time,
                       double          seconds)
{
  bubus_event_ensure_settings (event)->times[time] = seconds < 0 ? -1 : seconds;
}

int
_bubus_event_get_mode (BubusEvent     *event,
                       BubusEventMode  mode)
{
  const BubusEventSettings *own = bubus_event_peek_own_settings (event);

  if (own != NULL && own->modes[mode] != 0)
    return own->modes[mode];
  return _bubus_event_get_description (event)->settings.modes[mode];
}

/* Before the event is sealed. */
void
_bubus_event_set_mode (BubusEvent     *event,
                       BubusEventMode  mode,
                       int             value)
{
  bubus_event_ensure_settings (event)->modes[mode] = value;
}

/* Makes the properties of an event's or a bus's settings, from the least time that they accept; -1 leaves it to
 * others. */
void
_bubus_event_settings_make_properties (GParamSpec               **properties,
                                       double                     minimum,
                                       const BubusEventSettings  *defaults,
                                       GParamFlags                flags)
{
  for (guint i = 0; i < BUBUS_N_EVENT_TIMES; i++)
    properties[i] = g_param_spec_double (_bubus_event_time_names[i], NULL, NULL, minimum, G_MAXDOUBLE,
                                         defaults->times[i], flags);
  for (guint i = 0; i < BUBUS_N_EVENT_MODES; i++)
    properties[BUBUS_N_EVENT_TIMES + i] =
      g_param_spec_enum (_bubus_event_mode_names[i], NULL, NULL, bubus_event_mode_get_type (i), 0, flags);
}
