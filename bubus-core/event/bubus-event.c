/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event.h"

#include "base/bubus-clock-internal.h"
#include "bubus-event-internal.h"

/**
 * BubusEvent:
 *
 * Something that happened, or that should be done.
 *
 * An event is an instance of a class that says what it carries: payload properties, validated as those of any
 * [class@GObject.Object]. What every event has is named `event-…`, so that payload properties never clash with it.
 * In C, a class with its properties is a matter of a few lines, see BUBUS_DEFINE_EVENT_TYPE(); a binding derives
 * from `Event` as usual.
 *
 * An event is made, filled, and dispatched on a [class@EventBus]. From then on it is sealed: handlers read it, and
 * nobody writes it. It gathers a [struct@EventResult] from every handler, and it is complete when every handler on
 * every bus has finished and every child that blocks is complete. It never changes after that, and it can be kept
 * and read for as long as it is useful.
 *
 * Events are routed by their event type, a name that the class declares
 * ([method@EventClass.set_event_type]), and by their class.
 *
 * An event may be made and filled in any thread, and a reference may be given back in any thread. Runtime state
 * such as the status is not announced by `notify`; a middleware is told of it.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_EVENT_ID = 1,
  PROP_EVENT_TYPE,
  PROP_EVENT_VERSION,
  PROP_EVENT_RESULT_TYPE,
  PROP_EVENT_STATUS,
  PROP_EVENT_CREATED_AT,
  PROP_EVENT_STARTED_AT,
  PROP_EVENT_COMPLETED_AT,
  PROP_EVENT_PARENT_ID,
  PROP_EVENT_PATH,
  PROP_EVENT_EMITTED_BY_HANDLER_ID,
  PROP_EVENT_BLOCKS_PARENT_COMPLETION,
  PROP_EVENT_PENDING_BUS_COUNT,
  PROP_EVENT_SETTINGS,  /* the first of them */
} BubusEventProperty;

static GParamSpec *properties[PROP_EVENT_SETTINGS + BUBUS_N_EVENT_SETTINGS];
static gpointer bubus_event_parent_class;
int _bubus_event_private_offset;

G_DEFINE_ENUM_TYPE (BubusEventStatus, bubus_event_status,
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_STATUS_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_STATUS_STARTED, "started"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_STATUS_COMPLETED, "completed"))

gboolean
_bubus_event_check_unsealed (BubusEvent *self,
                             const char *property)
{
  if (!_bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_SEALED))
    return TRUE;

  g_critical ("“%s” of %s cannot be changed: the event has been dispatched", property, G_OBJECT_TYPE_NAME (self));
  return FALSE;
}

static void
bubus_event_set_id_text (BubusEvent *self,
                         const char *text)
{
  BubusUuid id;

  if (text != NULL && _bubus_uuid_parse (&id, text))
    _bubus_event_set_id (self, &id);
  else
    g_critical ("“%s” is not a UUID", text != NULL ? text : "(null)");
}

static const char *
bubus_event_intern_text_locked (char            **text,
                                const BubusUuid  *id)
{
  if (*text == NULL)
    {
      *text = g_malloc (BUBUS_UUID_TEXT_SIZE);
      _bubus_uuid_format (id, *text);
    }
  return *text;
}

/* ---- class ---- */

static BubusSlot *
bubus_event_find_slot (BubusEvent *self,
                       GParamSpec *pspec)
{
  GArray *slots = _bubus_event_get_description (self)->slots;

  for (guint i = 0; i < slots->len; i++)
    {
      BubusSlot *slot = &g_array_index (slots, BubusSlot, i);

      if (slot->pspec == pspec)
        return slot;
    }
  return NULL;
}

static void
bubus_event_get_base_property (BubusEvent *self,
                               guint       prop_id,
                               GValue     *value)
{
  switch ((BubusEventProperty) prop_id)
    {
    case PROP_EVENT_ID:
      g_value_set_string (value, bubus_event_get_event_id (self));
      break;
    case PROP_EVENT_TYPE:
      g_value_set_string (value, bubus_event_get_event_type (self));
      break;
    case PROP_EVENT_VERSION:
      g_value_set_string (value, bubus_event_get_event_version (self));
      break;
    case PROP_EVENT_RESULT_TYPE:
      g_value_set_gtype (value, bubus_event_get_event_result_type (self));
      break;
    case PROP_EVENT_STATUS:
      g_value_set_enum (value, bubus_event_get_event_status (self));
      break;
    case PROP_EVENT_CREATED_AT:
      g_value_set_int64 (value, bubus_event_get_event_created_at (self));
      break;
    case PROP_EVENT_STARTED_AT:
      g_value_set_int64 (value, bubus_event_get_event_started_at (self));
      break;
    case PROP_EVENT_COMPLETED_AT:
      g_value_set_int64 (value, bubus_event_get_event_completed_at (self));
      break;
    case PROP_EVENT_PARENT_ID:
      g_value_set_string (value, bubus_event_get_event_parent_id (self));
      break;
    case PROP_EVENT_PATH:
      g_value_take_boxed (value, bubus_event_dup_event_path (self));
      break;
    case PROP_EVENT_EMITTED_BY_HANDLER_ID:
      g_value_set_string (value, bubus_event_get_event_emitted_by_handler_id (self));
      break;
    case PROP_EVENT_BLOCKS_PARENT_COMPLETION:
      g_value_set_boolean (value, bubus_event_get_event_blocks_parent_completion (self));
      break;
    case PROP_EVENT_PENDING_BUS_COUNT:
      g_value_set_uint (value, bubus_event_get_event_pending_bus_count (self));
      break;
    case PROP_EVENT_SETTINGS:
    default:
      _bubus_event_get_setting (self, prop_id - PROP_EVENT_SETTINGS, value);
    }
}

static void
bubus_event_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  BubusEvent *self = BUBUS_EVENT (object);
  const BubusSlot *slot;

  if (pspec->owner_type == BUBUS_TYPE_EVENT)
    bubus_event_get_base_property (self, prop_id, value);
  else if ((slot = bubus_event_find_slot (self, pspec)) != NULL && slot->offset >= 0)
    _bubus_slot_get_value (slot, self, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
bubus_event_set_base_property (BubusEvent   *self,
                               guint         prop_id,
                               const GValue *value)
{
  switch ((int) prop_id)
    {
    case PROP_EVENT_ID:
      bubus_event_set_id_text (self, g_value_get_string (value));
      break;
    case PROP_EVENT_CREATED_AT:
      _bubus_event_get_private (self)->created_at = g_value_get_int64 (value);
      break;
    case PROP_EVENT_PARENT_ID:
      _bubus_event_set_parent_id_text (self, g_value_get_string (value));
      break;
    case PROP_EVENT_VERSION:
      _bubus_event_set_version (self, g_value_get_string (value));
      break;
    default:
      g_assert (prop_id >= PROP_EVENT_SETTINGS);
      _bubus_event_set_setting (self, prop_id - PROP_EVENT_SETTINGS, value);
    }
}

static void
bubus_event_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  BubusEvent *self = BUBUS_EVENT (object);
  const BubusSlot *slot;

  if (!_bubus_event_check_unsealed (self, pspec->name))
    return;

  if (pspec->owner_type == BUBUS_TYPE_EVENT)
    bubus_event_set_base_property (self, prop_id, value);
  else if ((slot = bubus_event_find_slot (self, pspec)) != NULL && slot->offset >= 0)
    _bubus_slot_set_value (slot, self, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

/* Stands before the set_property of classes that install properties by hand, so that those are sealed too. */
static void
bubus_event_set_property_sealed (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  BubusEventType *owner = _bubus_event_type_peek (pspec->owner_type);

  if (_bubus_event_check_unsealed (BUBUS_EVENT (object), pspec->name))
    owner->set_property (object, prop_id, value, pspec);
}

void
_bubus_event_class_seal_setter (BubusEventClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  BubusEventType *type = klass->_type;

  if (object_class->set_property == bubus_event_set_property)
    return;

  type->set_property = object_class->set_property;
  object_class->set_property = bubus_event_set_property_sealed;
}

static void
bubus_event_dispose (GObject *object)
{
  _bubus_event_leave_parent (BUBUS_EVENT (object));

  G_OBJECT_CLASS (bubus_event_parent_class)->dispose (object);
}

static void
bubus_event_free_visits (BubusEventPrivate *priv)
{
  BubusVisit *visit = priv->first.next;

  _bubus_visit_clear (&priv->first);
  while (visit != NULL)
    {
      BubusVisit *next = visit->next;

      _bubus_visit_clear (visit);
      g_free (visit);
      visit = next;
    }
}

static void
bubus_event_free_payload (BubusEvent *self)
{
  GArray *slots = _bubus_event_get_description (self)->slots;

  for (guint i = 0; i < slots->len; i++)
    _bubus_slot_clear (&g_array_index (slots, BubusSlot, i), self);
}

static void
bubus_event_finalize (GObject *object)
{
  BubusEvent *self = BUBUS_EVENT (object);
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  g_assert (priv->waiters == NULL);

  bubus_event_free_payload (self);
  bubus_event_free_visits (priv);
  g_clear_pointer (&priv->extras, _bubus_event_extras_free);
  g_clear_object (&priv->parent);

  G_OBJECT_CLASS (bubus_event_parent_class)->finalize (object);
}

static void
bubus_event_install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = readable | G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * BubusEvent:event-id: (getter get_event_id)
   *
   * The event's id, a UUIDv7 (RFC 9562) unless another was set. It can be set until the event is dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_ID] = g_param_spec_string ("event-id", NULL, NULL, NULL, writable);
  /**
   * BubusEvent:event-type: (getter get_event_type)
   *
   * The name by which the event is routed, and known on the wire.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_TYPE] = g_param_spec_string ("event-type", NULL, NULL, NULL, readable);
  /**
   * BubusEvent:event-version: (getter get_event_version)
   *
   * The version of the event's payload. It can be set until the event is dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_VERSION] = g_param_spec_string ("event-version", NULL, NULL, NULL, writable);
  /**
   * BubusEvent:event-result-type: (getter get_event_result_type)
   *
   * The type that handlers must return, or %G_TYPE_INVALID when they may return anything.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_RESULT_TYPE] =
    g_param_spec_gtype ("event-result-type", NULL, NULL, G_TYPE_NONE, readable);
  /**
   * BubusEvent:event-status: (getter get_event_status)
   *
   * How far the event has come.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_STATUS] =
    g_param_spec_enum ("event-status", NULL, NULL, BUBUS_TYPE_EVENT_STATUS, BUBUS_EVENT_STATUS_PENDING, readable);
  /**
   * BubusEvent:event-created-at: (getter get_event_created_at)
   *
   * When the event was made, in nanoseconds since the Unix epoch. It can be set until the event is dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_CREATED_AT] =
    g_param_spec_int64 ("event-created-at", NULL, NULL, 0, G_MAXINT64, 0, writable);
  /**
   * BubusEvent:event-started-at: (getter get_event_started_at)
   *
   * When the first handler started, in nanoseconds since the Unix epoch; 0 before that.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_STARTED_AT] =
    g_param_spec_int64 ("event-started-at", NULL, NULL, 0, G_MAXINT64, 0, readable);
  /**
   * BubusEvent:event-completed-at: (getter get_event_completed_at)
   *
   * When the event was complete, in nanoseconds since the Unix epoch; 0 before that.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_COMPLETED_AT] =
    g_param_spec_int64 ("event-completed-at", NULL, NULL, 0, G_MAXINT64, 0, readable);
  /**
   * BubusEvent:event-parent-id: (getter get_event_parent_id)
   *
   * The id of the event in whose handler this one was dispatched. It can be set until the event is dispatched, and
   * then stays as it was set.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_PARENT_ID] = g_param_spec_string ("event-parent-id", NULL, NULL, NULL, writable);
  /**
   * BubusEvent:event-path:
   *
   * The labels of the buses that the event has visited, in order.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_PATH] = g_param_spec_boxed ("event-path", NULL, NULL, G_TYPE_STRV, readable);
  /**
   * BubusEvent:event-emitted-by-handler-id: (getter get_event_emitted_by_handler_id)
   *
   * The id of the handler that dispatched the event.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_EMITTED_BY_HANDLER_ID] =
    g_param_spec_string ("event-emitted-by-handler-id", NULL, NULL, NULL, readable);
  /**
   * BubusEvent:event-blocks-parent-completion: (getter get_event_blocks_parent_completion)
   *
   * Whether the event's parent is not complete before it is.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_BLOCKS_PARENT_COMPLETION] =
    g_param_spec_boolean ("event-blocks-parent-completion", NULL, NULL, FALSE, readable);
  /**
   * BubusEvent:event-pending-bus-count: (getter get_event_pending_bus_count)
   *
   * On how many buses the event is queued or being handled.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_PENDING_BUS_COUNT] =
    g_param_spec_uint ("event-pending-bus-count", NULL, NULL, 0, G_MAXUINT, 0, readable);

  _bubus_event_settings_make_properties (properties + PROP_EVENT_SETTINGS, -1, writable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

/* Runs for every derived class before its own class_init: each gets a description of its own, and accessors for fields,
 * which GObject does not let classes inherit. */
static void
bubus_event_base_init (gpointer g_class)
{
  GObjectClass *object_class = g_class;
  BubusEventClass *klass = g_class;

  object_class->get_property = bubus_event_get_property;
  object_class->set_property = bubus_event_set_property;
  klass->_type = _bubus_event_type_new (G_TYPE_FROM_CLASS (klass), klass->_type);
}

static void
bubus_event_class_init (gpointer g_class,
                        gpointer class_data)
{
  GObjectClass *object_class = G_OBJECT_CLASS (g_class);

  bubus_event_parent_class = g_type_class_peek_parent (g_class);
  g_type_class_adjust_private_offset (g_class, &_bubus_event_private_offset);

  object_class->dispose = bubus_event_dispose;
  object_class->finalize = bubus_event_finalize;

  bubus_event_install_properties (object_class);
}

static void
bubus_event_init (GTypeInstance *instance,
                  gpointer       g_class)
{
  BubusEvent *self = (BubusEvent *) instance;
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  _bubus_event_type_finish (g_class);
  priv->created_at = _bubus_clock_now_thread_default ();
  _bubus_uuid_init_v7 (&priv->id, priv->created_at);
  priv->first.event = self;
}

/* Registered by hand: G_DEFINE_TYPE() leaves no room for a base_init, nor hands the class to the init. */
GType
bubus_event_get_type (void)
{
  static gsize type_id = 0;

  if (g_once_init_enter (&type_id))
    {
      const GTypeInfo info = {
        .class_size = sizeof (BubusEventClass),
        .base_init = bubus_event_base_init,
        .class_init = bubus_event_class_init,
        .instance_size = sizeof (BubusEvent),
        .instance_init = bubus_event_init,
      };
      GType type = g_type_register_static (G_TYPE_OBJECT, g_intern_static_string ("BubusEvent"), &info, 0);

      _bubus_event_private_offset = g_type_add_instance_private (type, sizeof (BubusEventPrivate));
      g_once_init_leave (&type_id, type);
    }
  return type_id;
}

/* ---- reading ---- */

/**
 * bubus_event_get_event_id: (get-property event-id)
 * @self: an event
 *
 * Gives the event's id as text. Asking for it allocates the text, once.
 *
 * Returns: the id
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_id (BubusEvent *self)
{
  BubusEventPrivate *priv;
  const char *text;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  text = bubus_event_intern_text_locked (&_bubus_event_ensure_extras_locked (priv)->id_text, &priv->id);
  _bubus_event_unlock (priv);
  return text;
}

/**
 * bubus_event_get_event_type: (get-property event-type)
 * @self: an event
 *
 * Gives the name by which the event is routed, and known on the wire.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_type (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->extras != NULL && priv->extras->event_type != NULL)
    return priv->extras->event_type;
  return _bubus_event_get_description (self)->name;
}

/**
 * bubus_event_get_event_version: (get-property event-version)
 * @self: an event
 *
 * Gives the version of the event's payload.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_version (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->extras != NULL && priv->extras->event_version != NULL)
    return priv->extras->event_version;
  return _bubus_event_get_description (self)->version;
}

/**
 * bubus_event_get_event_result_type: (get-property event-result-type)
 * @self: an event
 *
 * Says what handlers must return.
 *
 * Returns: the type, or %G_TYPE_INVALID when they may return anything
 *
 * Since: 1.0
 */
GType
bubus_event_get_event_result_type (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), G_TYPE_INVALID);

  return _bubus_event_get_result_gtype (self);
}

/**
 * bubus_event_get_event_status: (get-property event-status)
 * @self: an event
 *
 * Says how far the event has come. May be called from any thread.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
BubusEventStatus
bubus_event_get_event_status (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), BUBUS_EVENT_STATUS_PENDING);

  priv = _bubus_event_get_private (self);
  if (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    return BUBUS_EVENT_STATUS_COMPLETED;
  if (_bubus_event_has_flags (priv, BUBUS_EVENT_STARTED))
    return BUBUS_EVENT_STATUS_STARTED;
  return BUBUS_EVENT_STATUS_PENDING;
}

/**
 * bubus_event_get_event_created_at: (get-property event-created-at)
 * @self: an event
 *
 * Says when the event was made.
 *
 * Returns: nanoseconds since the Unix epoch
 *
 * Since: 1.0
 */
gint64
bubus_event_get_event_created_at (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  return _bubus_event_get_private (self)->created_at;
}

/**
 * bubus_event_get_event_started_at: (get-property event-started-at)
 * @self: an event
 *
 * Says when the first handler started.
 *
 * Returns: nanoseconds since the Unix epoch, or 0 before that
 *
 * Since: 1.0
 */
gint64
bubus_event_get_event_started_at (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  return _bubus_event_get_private (self)->started_at;
}

/**
 * bubus_event_get_event_completed_at: (get-property event-completed-at)
 * @self: an event
 *
 * Says when the event was complete.
 *
 * Returns: nanoseconds since the Unix epoch, or 0 before that
 *
 * Since: 1.0
 */
gint64
bubus_event_get_event_completed_at (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  /* It may be known before it is told. */
  if (!_bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_COMPLETED))
    return 0;
  return _bubus_event_get_private (self)->completed_at;
}

/**
 * bubus_event_get_event_blocks_parent_completion: (get-property event-blocks-parent-completion)
 * @self: an event
 *
 * Says whether the event's parent is not complete before it is.
 *
 * Returns: whether the event blocks its parent
 *
 * Since: 1.0
 */
gboolean
bubus_event_get_event_blocks_parent_completion (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);

  return _bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_BLOCKING);
}

/**
 * bubus_event_get_event_parent_id: (get-property event-parent-id)
 * @self: an event
 *
 * Gives the id of the event in whose handler this one was dispatched.
 *
 * Returns: (nullable): the id, or %NULL for a root
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_parent_id (BubusEvent *self)
{
  BubusEventPrivate *priv;
  const char *text;
  BubusUuid id;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  if (!_bubus_event_has_parent (self))
    return NULL;

  priv = _bubus_event_get_private (self);
  _bubus_event_get_parent_uuid (self, &id);
  _bubus_event_lock (priv);
  text = bubus_event_intern_text_locked (&_bubus_event_ensure_extras_locked (priv)->parent_id_text, &id);
  _bubus_event_unlock (priv);
  return text;
}

/**
 * bubus_event_ref_parent:
 * @self: an event
 *
 * Gives the event in whose handler this one was dispatched.
 *
 * Returns: (transfer full) (nullable): the parent; %NULL for a root, and when only the parent's id is known
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_ref_parent (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  return priv->parent != NULL ? g_object_ref (priv->parent) : NULL;
}

/**
 * bubus_event_get_event_emitted_by_handler_id: (get-property event-emitted-by-handler-id)
 * @self: an event
 *
 * Gives the id of the handler that dispatched the event.
 *
 * Returns: (nullable): the id, or %NULL when no handler did
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_emitted_by_handler_id (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->emitter != NULL)
    return _bubus_handler_info_get_id_text (priv->emitter->handler);
  return priv->extras != NULL ? priv->extras->emitted_by : NULL;
}

/**
 * bubus_event_dup_event_path:
 * @self: an event
 *
 * Gives the labels of the buses that the event has visited, in order. May be called from any thread.
 *
 * Returns: (transfer full): the labels
 *
 * Since: 1.0
 */
char **
bubus_event_dup_event_path (BubusEvent *self)
{
  g_autoptr (GStrvBuilder) path = g_strv_builder_new ();
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->extras != NULL && priv->extras->path != NULL)
    g_strv_builder_addv (path, (const char **) priv->extras->path);

  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    if (visit->bus != NULL)
      g_strv_builder_add (path, visit->bus_info->label);
  _bubus_event_unlock (priv);
  return g_strv_builder_end (path);
}

/**
 * bubus_event_get_event_pending_bus_count: (get-property event-pending-bus-count)
 * @self: an event
 *
 * Says on how many buses the event is queued or being handled. May be called from any thread.
 *
 * Returns: the number of buses
 *
 * Since: 1.0
 */
guint
bubus_event_get_event_pending_bus_count (BubusEvent *self)
{
  BubusEventPrivate *priv;
  guint n_pending = 0;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    n_pending += visit->state >= BUBUS_VISIT_QUEUED && visit->state <= BUBUS_VISIT_RUNNING;
  _bubus_event_unlock (priv);
  return n_pending;
}

static void
bubus_event_append_list (GListStore *store,
                         GListModel *added)
{
  for (guint i = 0; i < g_list_model_get_n_items (added); i++)
    {
      g_autoptr (BubusEvent) event = g_list_model_get_item (added, i);

      g_list_store_append (store, event);
    }
}

/**
 * bubus_event_list_children:
 * @self: an event
 *
 * Lists the events that the event's handlers dispatched, by handler and in order of dispatch.
 *
 * Only those that still exist are listed: a parent does not keep its children alive.
 *
 * Returns: (transfer full): a list of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_list_children (BubusEvent *self)
{
  g_autoptr (GPtrArray) results = NULL;
  GListStore *store;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  store = g_list_store_new (BUBUS_TYPE_EVENT);
  results = bubus_event_list_results (self);
  for (guint i = 0; i < results->len; i++)
    {
      g_autoptr (GListModel) children = bubus_event_result_list_children (results->pdata[i]);

      bubus_event_append_list (store, children);
    }
  return G_LIST_MODEL (store);
}

/**
 * bubus_event_list_results:
 * @self: an event
 *
 * Lists what each handler did with the event: bus by bus as the event visited them, and on each bus in the order in
 * which the handlers were selected.
 *
 * The results belong to the event and live as long as it does.
 *
 * Returns: (transfer container) (element-type BubusEventResult): the results
 *
 * Since: 1.0
 */
GPtrArray *
bubus_event_list_results (BubusEvent *self)
{
  GPtrArray *results;
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  results = g_ptr_array_new ();
  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    for (guint i = 0; i < visit->n_results; i++)
      g_ptr_array_add (results, &visit->results[i]);
  _bubus_event_unlock (priv);
  return results;
}

/**
 * bubus_event_is_sealed:
 * @self: an event
 *
 * Says whether the event has been dispatched, and so cannot be changed any more.
 *
 * Returns: whether the event is sealed
 *
 * Since: 1.0
 */
gboolean
bubus_event_is_sealed (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);

  return _bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_SEALED);
}

/**
 * bubus_event_validate:
 * @self: an event
 * @error: (nullable): where to put what is wrong
 *
 * Checks the event against its class: required properties are set, values lie in their range, and the class's own
 * [vfunc@Event.validate] has no objection. Dispatching an event does this.
 *
 * Fails with %BUBUS_ERROR_INVALID_EVENT, or with the error of the class.
 *
 * Returns: whether the event is valid
 *
 * Since: 1.0
 */
gboolean
bubus_event_validate (BubusEvent  *self,
                      GError     **error)
{
  const BubusEventType *type;
  BubusEventClass *klass;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  type = _bubus_event_get_description (self);
  for (guint i = 0; type->is_constrained && i < type->slots->len; i++)
    if (!_bubus_slot_validate (&g_array_index (type->slots, BubusSlot, i), self, error))
      return FALSE;

  klass = BUBUS_EVENT_GET_CLASS (self);
  return klass->validate == NULL || klass->validate (self, error);
}
