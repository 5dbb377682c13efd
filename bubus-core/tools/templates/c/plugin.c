#include <bubus-host.h>

/* An event of this plugin: the name of the structure is its event type, and its members are what it carries. */
typedef struct
{
  BubusEvent  parent_instance;
  char       *guest;
} @CAMEL@Event;

static const BubusField @NAME@_event_fields[] = {
  BUBUS_FIELD_STRING (@CAMEL@Event, guest),
};
BUBUS_DECLARE_EVENT_TYPE (@CAMEL@Event, @NAME@_event)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (@CAMEL@Event, @NAME@_event, BUBUS_TYPE_EVENT, @NAME@_event_fields,
                                   bubus_event_class_set_result_type (klass, G_TYPE_STRING))

typedef struct
{
  GObject parent_instance;
} @CAMEL@Plugin;

static gboolean
@NAME@_plugin_greet (BubusEvent       *event,
@INDENT@BubusInvocation  *invocation,
@INDENT@gpointer          user_data,
@INDENT@GError          **error)
{
  g_autofree char *greeting = g_strdup_printf ("Hello, %s!", ((@CAMEL@Event *) event)->guest);

  bubus_invocation_return_string (invocation, greeting);
  return TRUE;
}

/* What is acquired through the context is given back by the host. */
static gboolean
@NAME@_plugin_activate (@CAMEL@Plugin *self, BubusPluginContext *context, GError **error)
{
  bubus_plugin_context_register_event_type (context, @NAME@_event_get_type ());
  bubus_plugin_context_on (context, NULL, @NAME@_event_get_type (), "greet", @NAME@_plugin_greet, NULL, NULL);
  return TRUE;
}

static gboolean
@NAME@_plugin_deactivate (@CAMEL@Plugin *self, BubusPluginContext *context, GError **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (@CAMEL@Plugin, @NAME@_plugin)
