/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-private.h"

#include "base/bubus-clock-internal.h"

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
 * An event may be made and filled in any thread, and a reference may be given back in any thread. Payload that is
 * described in a table of fields, and runtime state such as the status, are not announced by `notify`: the former is
 * set before anybody looks, and of the latter a middleware is told.
 *
 * Since: 1.0
 */

static gpointer bubus_event_parent_class;
int _bubus_event_private_offset;

gboolean
_bubus_event_check_unsealed (BubusEvent *self,
                             const char *property)
{
  if (!_bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_SEALED))
    return TRUE;

  g_critical ("“%s” of %s cannot be changed: the event has been dispatched", property, G_OBJECT_TYPE_NAME (self));
  return FALSE;
}

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
bubus_event_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  BubusEvent *self = BUBUS_EVENT (object);
  const BubusSlot *slot;

  if (pspec->owner_type == BUBUS_TYPE_EVENT)
    _bubus_event_get_base_property (self, prop_id, value);
  else if ((slot = bubus_event_find_slot (self, pspec)) != NULL && slot->offset >= 0)
    _bubus_slot_get_value (slot, self, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
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
    _bubus_event_set_base_property (self, prop_id, value);
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

/* What GObject does for an object that is disposed of, to end what others have with it, it does once more for one that
 * is finalized. An event that is about to be, because its last reference goes, is spared the first: it takes a tenth of
 * all that an event costs. */
static void
bubus_event_dispose (GObject *object)
{
  _bubus_event_leave_parent (BUBUS_EVENT (object));

  if (g_atomic_int_get (&object->ref_count) > 1)
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

  g_assert (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED) || priv->waiters == NULL);

  bubus_event_free_payload (self);
  bubus_event_free_visits (priv);
  g_clear_pointer (&priv->extras, _bubus_event_extras_free);
  if (priv->place != NULL)
    g_object_unref (priv->place->parent);

  G_OBJECT_CLASS (bubus_event_parent_class)->finalize (object);
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

  _bubus_event_install_properties (object_class);
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

gboolean
_bubus_event_check_payload (BubusEvent  *self,
                            GError     **error)
{
  const BubusEventType *type = _bubus_event_get_description (self);
  BubusEventClass *klass = BUBUS_EVENT_GET_CLASS (self);

  for (guint i = 0; type->is_constrained && i < type->slots->len; i++)
    if (!_bubus_slot_validate (&g_array_index (type->slots, BubusSlot, i), self, error))
      return FALSE;
  return klass->validate == NULL || klass->validate (self, error);
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
  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_event_check_payload (self, error);
}
