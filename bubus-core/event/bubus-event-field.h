/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

/**
 * BubusFieldKind:
 * @BUBUS_FIELD_KIND_BOOLEAN: a `gboolean`
 * @BUBUS_FIELD_KIND_INT: an `int`
 * @BUBUS_FIELD_KIND_UINT: a `guint`
 * @BUBUS_FIELD_KIND_INT64: a `gint64`
 * @BUBUS_FIELD_KIND_UINT64: a `guint64`
 * @BUBUS_FIELD_KIND_DOUBLE: a `double`
 * @BUBUS_FIELD_KIND_STRING: a `char *`, UTF-8
 * @BUBUS_FIELD_KIND_STRV: a `char **`
 * @BUBUS_FIELD_KIND_VARIANT: a `GVariant *`
 * @BUBUS_FIELD_KIND_JSON: a `BubusJson *`
 * @BUBUS_FIELD_KIND_ENUM: an `int` that holds a value of a registered enumeration
 * @BUBUS_FIELD_KIND_FLAGS: a `guint` that holds registered flags
 * @BUBUS_FIELD_KIND_BOXED: a pointer to a boxed value
 * @BUBUS_FIELD_KIND_OBJECT: a pointer to a [class@GObject.Object]
 *
 * What a member of an event's instance structure holds.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_FIELD_KIND_BOOLEAN,
  BUBUS_FIELD_KIND_INT,
  BUBUS_FIELD_KIND_UINT,
  BUBUS_FIELD_KIND_INT64,
  BUBUS_FIELD_KIND_UINT64,
  BUBUS_FIELD_KIND_DOUBLE,
  BUBUS_FIELD_KIND_STRING,
  BUBUS_FIELD_KIND_STRV,
  BUBUS_FIELD_KIND_VARIANT,
  BUBUS_FIELD_KIND_JSON,
  BUBUS_FIELD_KIND_ENUM,
  BUBUS_FIELD_KIND_FLAGS,
  BUBUS_FIELD_KIND_BOXED,
  BUBUS_FIELD_KIND_OBJECT,
} BubusFieldKind;

/**
 * BubusField: (skip)
 * @name: the member's name; the property is called the same with `-` for `_`, the JSON member just the same
 * @kind: what the member holds
 * @offset: where the member lies in the instance structure
 * @get_type: for enumerations, flags, boxed types and objects, the function that gives their #GType
 * @optional: whether the event is valid without a value: the member may then be missing from JSON, and a
 *   pointer may be %NULL
 * @minimum: for numbers, the least value that is accepted
 * @maximum: for numbers, the greatest value; when it is not greater than @minimum every value is accepted
 * @variant_type: (nullable): for variants, the type string that a value must have; %NULL accepts any type
 *
 * One payload property of an event class.
 *
 * Written with the `BUBUS_FIELD_…` macros, which check the member's C type, and given to
 * BUBUS_DEFINE_EVENT_TYPE() or [method@EventClass.install_fields].
 *
 * Since: 1.0
 */
typedef struct
{
  const char      *name;
  BubusFieldKind   kind;
  gsize            offset;
  GType          (*get_type) (void);
  gboolean         optional;
  double           minimum;
  double           maximum;
  const char      *variant_type;
} BubusField;

/*< private >*/
#define _BUBUS_FIELD(Type, member, ctype, kind_, ...)                                         \
  {                                                                                           \
    .name = #member, .kind = (kind_),                                                         \
    .offset = G_STRUCT_OFFSET (Type, member) + 0 * sizeof ((ctype *) 0 == &((Type *) 0)->member), \
    __VA_ARGS__                                                                               \
  }

/**
 * BUBUS_FIELD_BOOLEAN:
 * @Type: the event's instance structure
 * @member: a `gboolean` of it
 * @...: further members of [struct@Field] to set, such as `.optional = TRUE`
 *
 * A truth value. There are macros of the same form for every [enum@FieldKind].
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_BOOLEAN(Type, member, ...) _BUBUS_FIELD (Type, member, gboolean, BUBUS_FIELD_KIND_BOOLEAN, __VA_ARGS__)
/**
 * BUBUS_FIELD_INT:
 * @Type: the event's instance structure
 * @member: an `int` of it
 * @...: further members of [struct@Field] to set, such as `.minimum = 1, .maximum = 99`
 *
 * A 32-bit integer.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_INT(Type, member, ...)     _BUBUS_FIELD (Type, member, int, BUBUS_FIELD_KIND_INT, __VA_ARGS__)
/**
 * BUBUS_FIELD_UINT:
 * @Type: the event's instance structure
 * @member: a `guint` of it
 * @...: further members of [struct@Field] to set
 *
 * A 32-bit integer without sign.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_UINT(Type, member, ...)    _BUBUS_FIELD (Type, member, guint, BUBUS_FIELD_KIND_UINT, __VA_ARGS__)
/**
 * BUBUS_FIELD_INT64:
 * @Type: the event's instance structure
 * @member: a `gint64` of it
 * @...: further members of [struct@Field] to set
 *
 * A 64-bit integer.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_INT64(Type, member, ...)   _BUBUS_FIELD (Type, member, gint64, BUBUS_FIELD_KIND_INT64, __VA_ARGS__)
/**
 * BUBUS_FIELD_UINT64:
 * @Type: the event's instance structure
 * @member: a `guint64` of it
 * @...: further members of [struct@Field] to set
 *
 * A 64-bit integer without sign.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_UINT64(Type, member, ...)  _BUBUS_FIELD (Type, member, guint64, BUBUS_FIELD_KIND_UINT64, __VA_ARGS__)
/**
 * BUBUS_FIELD_DOUBLE:
 * @Type: the event's instance structure
 * @member: a `double` of it
 * @...: further members of [struct@Field] to set
 *
 * A number.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_DOUBLE(Type, member, ...)  _BUBUS_FIELD (Type, member, double, BUBUS_FIELD_KIND_DOUBLE, __VA_ARGS__)
/**
 * BUBUS_FIELD_STRING:
 * @Type: the event's instance structure
 * @member: a `char *` of it, owned by the event
 * @...: further members of [struct@Field] to set, such as `.optional = TRUE`
 *
 * A text in UTF-8.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_STRING(Type, member, ...)  _BUBUS_FIELD (Type, member, char *, BUBUS_FIELD_KIND_STRING, __VA_ARGS__)
/**
 * BUBUS_FIELD_STRV:
 * @Type: the event's instance structure
 * @member: a `char **` of it, owned by the event
 * @...: further members of [struct@Field] to set
 *
 * A list of texts.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_STRV(Type, member, ...)    _BUBUS_FIELD (Type, member, char **, BUBUS_FIELD_KIND_STRV, __VA_ARGS__)
/**
 * BUBUS_FIELD_VARIANT:
 * @Type: the event's instance structure
 * @member: a `GVariant *` of it, owned by the event
 * @...: further members of [struct@Field] to set, such as `.variant_type = "aa{sv}"`
 *
 * A structured value that C code reads with the functions of [struct@GLib.Variant].
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_VARIANT(Type, member, ...) _BUBUS_FIELD (Type, member, GVariant *, BUBUS_FIELD_KIND_VARIANT, __VA_ARGS__)
/**
 * BUBUS_FIELD_JSON:
 * @Type: the event's instance structure
 * @member: a `BubusJson *` of it, owned by the event
 * @...: further members of [struct@Field] to set
 *
 * A structured value that is passed on as it is; the cheapest form at the edge to other languages.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_JSON(Type, member, ...)    _BUBUS_FIELD (Type, member, BubusJson *, BUBUS_FIELD_KIND_JSON, __VA_ARGS__)
/**
 * BUBUS_FIELD_ENUM:
 * @Type: the event's instance structure
 * @member: a member of it with the size of an `int`
 * @enum_get_type: the `_get_type` function of the enumeration
 * @...: further members of [struct@Field] to set
 *
 * A value of a registered enumeration; in JSON its nick.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_ENUM(Type, member, enum_get_type, ...)                                             \
  {                                                                                                    \
    .name = #member, .kind = BUBUS_FIELD_KIND_ENUM,                                                    \
    .offset = G_STRUCT_OFFSET (Type, member)                                                           \
              + 0 * sizeof (char[sizeof (((Type *) 0)->member) == sizeof (int) ? 1 : -1]),             \
    .get_type = (enum_get_type), __VA_ARGS__                                                           \
  }
/**
 * BUBUS_FIELD_FLAGS:
 * @Type: the event's instance structure
 * @member: a member of it with the size of a `guint`
 * @flags_get_type: the `_get_type` function of the flags
 * @...: further members of [struct@Field] to set
 *
 * A set of registered flags; in JSON a list of nicks.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_FLAGS(Type, member, flags_get_type, ...)                                           \
  {                                                                                                    \
    .name = #member, .kind = BUBUS_FIELD_KIND_FLAGS,                                                   \
    .offset = G_STRUCT_OFFSET (Type, member)                                                           \
              + 0 * sizeof (char[sizeof (((Type *) 0)->member) == sizeof (int) ? 1 : -1]),             \
    .get_type = (flags_get_type), __VA_ARGS__                                                          \
  }
/**
 * BUBUS_FIELD_BOXED:
 * @Type: the event's instance structure
 * @member: a pointer in it, owned by the event
 * @boxed_get_type: the `_get_type` function of the boxed type
 * @...: further members of [struct@Field] to set
 *
 * A boxed value. It has no JSON form.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_BOXED(Type, member, boxed_get_type, ...)                                           \
  {                                                                                                    \
    .name = #member, .kind = BUBUS_FIELD_KIND_BOXED,                                                   \
    .offset = G_STRUCT_OFFSET (Type, member) + 0 * sizeof (((Type *) 0)->member == (void *) 0),        \
    .get_type = (boxed_get_type), __VA_ARGS__                                                          \
  }
/**
 * BUBUS_FIELD_OBJECT:
 * @Type: the event's instance structure
 * @member: a pointer in it, whose reference the event owns
 * @object_get_type: the `_get_type` function of the object's class
 * @...: further members of [struct@Field] to set
 *
 * An object. It has no JSON form.
 *
 * Since: 1.0
 */
#define BUBUS_FIELD_OBJECT(Type, member, object_get_type, ...)                                         \
  {                                                                                                    \
    .name = #member, .kind = BUBUS_FIELD_KIND_OBJECT,                                                  \
    .offset = G_STRUCT_OFFSET (Type, member) + 0 * sizeof (((Type *) 0)->member == (void *) 0),        \
    .get_type = (object_get_type), __VA_ARGS__                                                         \
  }

G_END_DECLS
