/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event-field.h"
#include "event/bubus-event-result.h"

G_BEGIN_DECLS

/**
 * BubusEventStatus:
 * @BUBUS_EVENT_STATUS_PENDING: no handler has started yet
 * @BUBUS_EVENT_STATUS_STARTED: at least one handler has started
 * @BUBUS_EVENT_STATUS_COMPLETED: every handler on every bus has finished, and every child that blocks is complete
 *
 * How far an event has come. It only ever moves forward.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_EVENT_STATUS_PENDING,
  BUBUS_EVENT_STATUS_STARTED,
  BUBUS_EVENT_STATUS_COMPLETED,
} BubusEventStatus;

#define BUBUS_TYPE_EVENT_STATUS (bubus_event_status_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_event_status_get_type (void);

#define BUBUS_TYPE_EVENT (bubus_event_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_DERIVABLE_TYPE (BubusEvent, bubus_event, BUBUS, EVENT, GObject)

/**
 * BubusEventClass:
 * @parent_class: the parent class
 * @validate: checks what lies between properties; called when the event is dispatched or read from JSON
 *
 * The class of events.
 *
 * Since: 1.0
 */
struct _BubusEventClass
{
  GObjectClass parent_class;

  gboolean (*validate) (BubusEvent  *self,
                        GError     **error);

  /*< private >*/
  gpointer _type;
  gpointer _reserved[8];
};

BUBUS_AVAILABLE_IN_ALL
void         bubus_event_class_set_event_type               (BubusEventClass    *klass,
                                                             const char         *event_type);
BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_class_get_declared_type               (BubusEventClass    *klass);
BUBUS_AVAILABLE_IN_ALL
void         bubus_event_class_set_event_version            (BubusEventClass    *klass,
                                                             const char         *version);
BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_class_get_declared_version            (BubusEventClass    *klass);
BUBUS_AVAILABLE_IN_ALL
void         bubus_event_class_set_result_type              (BubusEventClass    *klass,
                                                             GType               type);
BUBUS_AVAILABLE_IN_ALL
void         bubus_event_class_set_result_variant_type      (BubusEventClass    *klass,
                                                             const GVariantType *type);
BUBUS_AVAILABLE_IN_ALL
void         bubus_event_class_install_fields               (BubusEventClass    *klass,
                                                             const BubusField   *fields,
                                                             guint               n_fields);
BUBUS_AVAILABLE_IN_ALL
void         bubus_event_register_type                      (GType               type);
BUBUS_AVAILABLE_IN_ALL
GType        bubus_event_lookup_type                        (const char         *event_type);
BUBUS_AVAILABLE_IN_ALL
GType       *bubus_event_list_types                         (gsize              *n_types) G_GNUC_WARN_UNUSED_RESULT;

BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_get_event_id                       (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_get_event_type                     (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_get_event_version                  (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
GType        bubus_event_get_event_result_type              (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
BubusEventStatus
             bubus_event_get_event_status                   (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
gint64       bubus_event_get_event_created_at               (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
gint64       bubus_event_get_event_started_at               (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
gint64       bubus_event_get_event_completed_at             (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
gboolean     bubus_event_get_event_blocks_parent_completion (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_get_event_parent_id                (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
BubusEvent  *bubus_event_ref_parent                         (BubusEvent         *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char  *bubus_event_get_event_emitted_by_handler_id    (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
char       **bubus_event_dup_event_path                     (BubusEvent         *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint        bubus_event_get_event_pending_bus_count        (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
GListModel  *bubus_event_list_children                      (BubusEvent         *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GPtrArray   *bubus_event_list_results                       (BubusEvent         *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
gboolean     bubus_event_is_sealed                          (BubusEvent         *self);
BUBUS_AVAILABLE_IN_ALL
gboolean     bubus_event_validate                           (BubusEvent         *self,
                                                             GError            **error);

/**
 * BUBUS_NO_FIELDS:
 *
 * In the place of an array of fields: the event class has no payload of its own. C++ needs an array with one field that
 * has no name instead.
 *
 * Since: 1.0
 */
#define BUBUS_NO_FIELDS ((const BubusField[1]) { { .name = NULL } })

/**
 * BUBUS_DECLARE_EVENT_TYPE:
 * @TypeName: the name of the instance structure, which the header defines
 * @type_name: the same in lower case
 *
 * Declares `type_name_get_type ()` and the auto-cleanup of an event class that
 * BUBUS_DEFINE_EVENT_TYPE() defines, in a header that other files share or in the file itself.
 *
 * Since: 1.0
 */
#define BUBUS_DECLARE_EVENT_TYPE(TypeName, type_name) \
  GType type_name##_get_type (void);                  \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (TypeName, g_object_unref)

/**
 * BUBUS_DEFINE_EVENT_TYPE_WITH_CODE:
 * @TypeName: the name of the instance structure; its first member is the parent's instance structure
 * @type_name: the same in lower case
 * @PARENT_TYPE: the #GType of the parent class, %BUBUS_TYPE_EVENT or an event class
 * @fields: an array of [struct@Field], or BUBUS_NO_FIELDS
 * @_C_: statements for class initialisation, in which `klass` is the class
 *
 * Defines an event class with its properties, and gives it `type_name_get_type ()`.
 *
 * Since: 1.0
 */
#define BUBUS_DEFINE_EVENT_TYPE_WITH_CODE(TypeName, type_name, PARENT_TYPE, fields, _C_)                    \
  static void type_name##_class_init (gpointer g_class, gpointer class_data G_GNUC_UNUSED)                  \
  {                                                                                                         \
    BubusEventClass *klass = (BubusEventClass *) g_class;                                                   \
    bubus_event_class_install_fields (klass, fields, G_N_ELEMENTS (fields));                                \
    { _C_; }                                                                                                \
  }                                                                                                         \
  GType type_name##_get_type (void)                                                                         \
  {                                                                                                         \
    static gsize type_id = 0;                                                                               \
    if (g_once_init_enter (&type_id))                                                                       \
      {                                                                                                     \
        GType type = g_type_register_static_simple (PARENT_TYPE, g_intern_static_string (#TypeName),        \
                                                    sizeof (BubusEventClass), type_name##_class_init,       \
                                                    sizeof (TypeName), NULL, (GTypeFlags) 0);               \
        g_once_init_leave (&type_id, type);                                                                 \
      }                                                                                                     \
    return type_id;                                                                                         \
  }

/**
 * BUBUS_DEFINE_EVENT_TYPE:
 * @TypeName: the name of the instance structure; its first member is the parent's instance structure
 * @type_name: the same in lower case
 * @PARENT_TYPE: the #GType of the parent class, %BUBUS_TYPE_EVENT or an event class
 * @fields: an array of [struct@Field], or BUBUS_NO_FIELDS
 *
 * Defines an event class with its properties, and gives it `type_name_get_type ()`.
 *
 * Since: 1.0
 */
#define BUBUS_DEFINE_EVENT_TYPE(TypeName, type_name, PARENT_TYPE, fields) \
  BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (TypeName, type_name, PARENT_TYPE, fields, )

G_END_DECLS
