/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-type-internal.h"

#include <string.h>

/* Every event class by the type name that it declared, and in order of registration. */
static GMutex registry_lock;
static GHashTable *registry_by_name;
static GArray *registry_types;

/* Python registers “module+Class”, gjs “Gjs_Class”: what routes is the class's own name. */
static const char *
bubus_event_type_derive_name (GType gtype)
{
  const char *name = g_type_name (gtype);
  const char *plus = strrchr (name, '+');

  if (plus != NULL && plus[1] != '\0')
    return g_intern_string (plus + 1);
  if (g_str_has_prefix (name, "Gjs_") && name[4] != '\0')
    return g_intern_string (name + 4);
  return g_intern_string (name);
}

/* Types live for ever, and so do their descriptions. */
BubusEventType *
_bubus_event_type_new (GType                 gtype,
                       const BubusEventType *parent)
{
  BubusEventType *self = g_new0 (BubusEventType, 1);

  self->gtype = gtype;
  self->name = bubus_event_type_derive_name (gtype);
  self->version = parent != NULL ? parent->version : g_intern_static_string ("0.0.1");
  self->result_gtype = parent != NULL ? parent->result_gtype : G_TYPE_INVALID;
  _bubus_event_settings_init (&self->settings);
  if (parent != NULL)
    self->settings = parent->settings;
  self->configured = parent != NULL && parent->configured;
  self->slots = g_array_new (FALSE, FALSE, sizeof (BubusSlot));
  if (parent != NULL && parent->slots->len > 0)
    g_array_append_vals (self->slots, parent->slots->data, parent->slots->len);
  if (parent != NULL && parent->result_variant_type != NULL)
    self->result_variant_type = g_variant_type_copy (parent->result_variant_type);
  return self;
}

/* While the class is being made: nobody else knows it. */
void
_bubus_event_type_changed (BubusEventType *self)
{
  g_clear_pointer (&self->written, g_free);
}

static gboolean
bubus_event_type_is_payload (GParamSpec *pspec)
{
  return pspec->owner_type != BUBUS_TYPE_EVENT && (pspec->flags & G_PARAM_READABLE) != 0;
}

static gboolean
bubus_event_type_has_slot (BubusEventType *self,
                           GParamSpec     *pspec)
{
  for (guint i = 0; i < self->slots->len; i++)
    {
      const BubusSlot *slot = &g_array_index (self->slots, BubusSlot, i);

      if (strcmp (slot->pspec->name, pspec->name) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
bubus_event_type_collect_slots (BubusEventType  *self,
                                BubusEventClass *klass)
{
  guint n_pspecs;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    {
      BubusSlot slot;

      if (!bubus_event_type_is_payload (pspecs[i]) || bubus_event_type_has_slot (self, pspecs[i]))
        continue;
      _bubus_slot_init_from_pspec (&slot, pspecs[i]);
      g_array_append_val (self->slots, slot);
    }
}

static void
bubus_event_type_look_for_constraints (BubusEventType *self)
{
  for (guint i = 0; i < self->slots->len; i++)
    self->is_constrained |= _bubus_slot_is_constrained (&g_array_index (self->slots, BubusSlot, i));
}

static void
bubus_event_type_enter_registry (BubusEventType *self)
{
  g_mutex_lock (&registry_lock);
  if (registry_by_name == NULL)
    {
      registry_by_name = g_hash_table_new (g_str_hash, g_str_equal);
      registry_types = g_array_new (FALSE, FALSE, sizeof (GType));
    }
  if (!g_hash_table_contains (registry_by_name, self->name) && !G_TYPE_IS_ABSTRACT (self->gtype))
    g_hash_table_insert (registry_by_name, (gpointer) self->name, GSIZE_TO_POINTER (self->gtype));
  g_array_append_val (registry_types, self->gtype);
  g_mutex_unlock (&registry_lock);
}

/* Once per class, when the class is whole: with its first instance, handler or registration. */
void
_bubus_event_type_finish (BubusEventClass *klass)
{
  BubusEventType *self = klass->_type;

  if (g_once_init_enter (&self->finished))
    {
      bubus_event_type_collect_slots (self, klass);
      _bubus_event_type_measure (self);
      bubus_event_type_look_for_constraints (self);
      _bubus_event_class_seal_setter (klass);
      if (self->own_name || self->gtype != BUBUS_TYPE_EVENT)
        bubus_event_type_enter_registry (self);
      g_once_init_leave (&self->finished, TRUE);
    }
}

BubusSlot *
_bubus_event_type_find (BubusEventType *self,
                        const char     *member)
{
  for (guint i = 0; i < self->slots->len; i++)
    {
      BubusSlot *slot = &g_array_index (self->slots, BubusSlot, i);

      if (strcmp (slot->member, member) == 0)
        return slot;
    }
  return NULL;
}

/* Nullable: only for classes that exist, which are those that have been registered or used. */
BubusEventType *
_bubus_event_type_peek (GType gtype)
{
  BubusEventClass *klass;

  if (!g_type_is_a (gtype, BUBUS_TYPE_EVENT))
    return NULL;
  klass = g_type_class_peek (gtype);
  return klass != NULL ? klass->_type : NULL;
}

/* For a class of events, which is made with the first call, if need be, and stays for ever. */
const BubusEventType *
_bubus_event_type_ensure (GType gtype)
{
  BubusEventClass *klass = g_type_class_peek (gtype);
  BubusEventType *self = klass != NULL ? klass->_type : NULL;

  if (G_LIKELY (self != NULL && g_atomic_int_get (&self->kept)))
    return self;

  /* Never given back: what is registered stays. */
  klass = g_type_class_ref (gtype);
  _bubus_event_type_finish (klass);
  self = klass->_type;
  g_atomic_int_set (&self->kept, TRUE);
  return self;
}

/**
 * bubus_event_register_type:
 * @type: an event class
 *
 * Makes an event class known under its event type, so that events of it can be read from JSON.
 *
 * Registering a handler for a class and creating an event do this too. The first class that claims an event type
 * keeps it. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_event_register_type (GType type)
{
  g_return_if_fail (g_type_is_a (type, BUBUS_TYPE_EVENT));

  _bubus_event_type_ensure (type);
}

/**
 * bubus_event_lookup_type:
 * @event_type: an event type, as in JSON
 *
 * Finds the event class that is registered for an event type. May be called from any thread.
 *
 * Returns: the class, or %G_TYPE_INVALID
 *
 * Since: 1.0
 */
GType
bubus_event_lookup_type (const char *event_type)
{
  gpointer type = NULL;

  g_return_val_if_fail (event_type != NULL, G_TYPE_INVALID);

  g_mutex_lock (&registry_lock);
  if (registry_by_name != NULL)
    type = g_hash_table_lookup (registry_by_name, event_type);
  g_mutex_unlock (&registry_lock);
  return GPOINTER_TO_SIZE (type);
}

/**
 * bubus_event_list_types:
 * @n_types: (out): how many there are
 *
 * Lists the event classes that are registered, in order of registration. May be called from any thread.
 *
 * Returns: (transfer full) (array length=n_types) (nullable): the classes; free with g_free()
 *
 * Since: 1.0
 */
GType *
bubus_event_list_types (gsize *n_types)
{
  GType *types = NULL;

  g_return_val_if_fail (n_types != NULL, NULL);

  *n_types = 0;
  g_mutex_lock (&registry_lock);
  if (registry_types != NULL)
    {
      *n_types = registry_types->len;
      types = g_memdup2 (registry_types->data, registry_types->len * sizeof (GType));
    }
  g_mutex_unlock (&registry_lock);
  return types;
}
