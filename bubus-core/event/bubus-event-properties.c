/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-private.h"

#define BUBUS_EVENT_READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)
#define BUBUS_EVENT_WRITABLE (BUBUS_EVENT_READABLE | G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY)

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

void
_bubus_event_get_base_property (BubusEvent *self,
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

void
_bubus_event_set_base_property (BubusEvent   *self,
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
bubus_event_create_identity_pspecs (void)
{
  /**
   * BubusEvent:event-id: (getter get_event_id)
   *
   * The event's id, a UUIDv7 (RFC 9562) unless another was set. It can be set until the event is dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_ID] = g_param_spec_string ("event-id", NULL, NULL, NULL, BUBUS_EVENT_WRITABLE);
  /**
   * BubusEvent:event-type: (getter get_event_type)
   *
   * The name by which the event is routed, and known on the wire.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_TYPE] = g_param_spec_string ("event-type", NULL, NULL, NULL, BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-version: (getter get_event_version)
   *
   * The version of the event's payload. It can be set until the event is dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_VERSION] = g_param_spec_string ("event-version", NULL, NULL, NULL, BUBUS_EVENT_WRITABLE);
  /**
   * BubusEvent:event-result-type: (getter get_event_result_type)
   *
   * The type that handlers must return, or %G_TYPE_INVALID when they may return anything.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_RESULT_TYPE] =
    g_param_spec_gtype ("event-result-type", NULL, NULL, G_TYPE_NONE, BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-created-at: (getter get_event_created_at)
   *
   * When the event was made, in nanoseconds since the Unix epoch. It can be set until the event is dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_CREATED_AT] =
    g_param_spec_int64 ("event-created-at", NULL, NULL, 0, G_MAXINT64, 0, BUBUS_EVENT_WRITABLE);
  /**
   * BubusEvent:event-parent-id: (getter get_event_parent_id)
   *
   * The id of the event in whose handler this one was dispatched. It can be set until the event is dispatched, and
   * then stays as it was set.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_PARENT_ID] = g_param_spec_string ("event-parent-id", NULL, NULL, NULL, BUBUS_EVENT_WRITABLE);
  /**
   * BubusEvent:event-emitted-by-handler-id: (getter get_event_emitted_by_handler_id)
   *
   * The id of the handler that dispatched the event.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_EMITTED_BY_HANDLER_ID] =
    g_param_spec_string ("event-emitted-by-handler-id", NULL, NULL, NULL, BUBUS_EVENT_READABLE);
}

static void
bubus_event_create_state_pspecs (void)
{
  /**
   * BubusEvent:event-status: (getter get_event_status)
   *
   * How far the event has come.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_STATUS] =
    g_param_spec_enum ("event-status", NULL, NULL, BUBUS_TYPE_EVENT_STATUS, BUBUS_EVENT_STATUS_PENDING,
                       BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-started-at: (getter get_event_started_at)
   *
   * When the first handler started, in nanoseconds since the Unix epoch; 0 before that.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_STARTED_AT] =
    g_param_spec_int64 ("event-started-at", NULL, NULL, 0, G_MAXINT64, 0, BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-completed-at: (getter get_event_completed_at)
   *
   * When the event was complete, in nanoseconds since the Unix epoch; 0 before that.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_COMPLETED_AT] =
    g_param_spec_int64 ("event-completed-at", NULL, NULL, 0, G_MAXINT64, 0, BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-path:
   *
   * The labels of the buses that the event has visited, in order.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_PATH] = g_param_spec_boxed ("event-path", NULL, NULL, G_TYPE_STRV, BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-blocks-parent-completion: (getter get_event_blocks_parent_completion)
   *
   * Whether the event's parent is not complete before it is.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_BLOCKS_PARENT_COMPLETION] =
    g_param_spec_boolean ("event-blocks-parent-completion", NULL, NULL, FALSE, BUBUS_EVENT_READABLE);
  /**
   * BubusEvent:event-pending-bus-count: (getter get_event_pending_bus_count)
   *
   * On how many buses the event is queued or being handled.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT_PENDING_BUS_COUNT] =
    g_param_spec_uint ("event-pending-bus-count", NULL, NULL, 0, G_MAXUINT, 0, BUBUS_EVENT_READABLE);
}

void
_bubus_event_install_properties (GObjectClass *object_class)
{
  BubusEventSettings unset;

  bubus_event_create_identity_pspecs ();
  bubus_event_create_state_pspecs ();
  _bubus_event_settings_init (&unset);
  _bubus_event_settings_make_properties (properties + PROP_EVENT_SETTINGS, -1, &unset, BUBUS_EVENT_WRITABLE);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}
