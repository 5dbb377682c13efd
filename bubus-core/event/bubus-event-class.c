/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event.h"

#include "bubus-event-type-internal.h"

/**
 * bubus_event_class_set_event_type:
 * @klass: an event class, during its initialization
 * @event_type: the name
 *
 * Declares the name by which events of a class are routed, and known on the wire.
 *
 * Without it the name is that of the class. It is not inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_event_type (BubusEventClass *klass,
                                  const char      *event_type)
{
  BubusEventType *type = klass->_type;

  g_return_if_fail (event_type != NULL && *event_type != '\0');
  g_return_if_fail (!type->finished);

  type->name = g_intern_string (event_type);
  type->own_name = TRUE;
  _bubus_event_type_changed (type);
}

/**
 * bubus_event_class_get_declared_type:
 * @klass: an event class
 *
 * Gives the name by which events of a class are routed, and known on the wire.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_event_class_get_declared_type (BubusEventClass *klass)
{
  return ((BubusEventType *) klass->_type)->name;
}

/**
 * bubus_event_class_set_event_version:
 * @klass: an event class, during its initialization
 * @version: the version, such as `1.2.0`
 *
 * Declares the version of the payload of a class. It is inherited; without it the version is `0.0.1`.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_event_version (BubusEventClass *klass,
                                     const char      *version)
{
  g_return_if_fail (version != NULL);

  ((BubusEventType *) klass->_type)->version = g_intern_string (version);
  _bubus_event_type_changed (klass->_type);
}

/**
 * bubus_event_class_get_declared_version:
 * @klass: an event class
 *
 * Gives the version of the payload of a class.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
const char *
bubus_event_class_get_declared_version (BubusEventClass *klass)
{
  return ((BubusEventType *) klass->_type)->version;
}

/**
 * bubus_event_class_set_result_type:
 * @klass: an event class, during its initialization
 * @type: a type, or %G_TYPE_INVALID for anything; %G_TYPE_NONE is taken as the latter
 *
 * Declares what handlers of a class must return: exactly this type, or nothing. It is inherited.
 *
 * For a class of objects or an interface, every object that is one will do.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_result_type (BubusEventClass *klass,
                                   GType            type)
{
  BubusEventType *description = klass->_type;

  description->result_gtype = type != G_TYPE_NONE ? type : G_TYPE_INVALID; /* B-5.13 */
  g_clear_pointer (&description->result_variant_type, g_variant_type_free);
  _bubus_event_type_changed (description);
}

/**
 * bubus_event_class_set_result_variant_type:
 * @klass: an event class, during its initialization
 * @type: a definite or indefinite variant type
 *
 * Declares that handlers of a class must return a [struct@GLib.Variant] of a type, or nothing. It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_result_variant_type (BubusEventClass    *klass,
                                           const GVariantType *type)
{
  g_return_if_fail (type != NULL);

  bubus_event_class_set_result_type (klass, G_TYPE_VARIANT);
  ((BubusEventType *) klass->_type)->result_variant_type = g_variant_type_copy (type);
}

/**
 * bubus_event_class_install_fields: (skip)
 * @klass: an event class, during its initialization
 * @fields: (array length=n_fields): fields of the instance structure
 * @n_fields: how many
 *
 * Makes properties of members of the instance structure, up to the first field without a name. The base class reads, writes, validates and frees them.
 *
 * Since: 1.0
 */
void
bubus_event_class_install_fields (BubusEventClass  *klass,
                                  const BubusField *fields,
                                  guint             n_fields)
{
  BubusEventType *type = klass->_type;

  for (guint i = 0; i < n_fields && fields[i].name != NULL; i++)
    {
      BubusSlot slot;

      _bubus_slot_init_from_field (&slot, &fields[i]);
      g_array_append_val (type->slots, slot);
      g_object_class_install_property (G_OBJECT_CLASS (klass), type->slots->len, slot.pspec);
    }
}
