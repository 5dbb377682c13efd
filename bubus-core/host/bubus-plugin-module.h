/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus-host.h> can be included directly."
#endif

#include <gmodule.h>

#include "host/bubus-plugin.h"

G_BEGIN_DECLS

/**
 * BUBUS_PLUGIN_ABI_MAGIC: (skip)
 *
 * The first member of every [struct@PluginAbi].
 *
 * Since: 1.0
 */
#define BUBUS_PLUGIN_ABI_MAGIC 0x42554253u

/**
 * BubusPluginAbi: (skip)
 * @magic: %BUBUS_PLUGIN_ABI_MAGIC
 * @size: the size of the record; it will only ever grow at the end
 * @major: the major version of the interface that the plugin was built for
 * @minor: the minor version of that interface
 *
 * What a plugin written in C says of itself before any of its code is called.
 *
 * The host looks for it under the name `bubus_plugin_abi`; BUBUS_DEFINE_PLUGIN() makes it. A plugin fits when it
 * was built for the same major version and for no later minor version than the host has.
 *
 * Since: 1.0
 */
typedef struct
{
  guint32 magic;
  guint32 size;
  guint32 major;
  guint32 minor;
} BubusPluginAbi;

BUBUS_AVAILABLE_IN_ALL
void bubus_plugin_module_register (gpointer module,
                                   GType    plugin_type);

/**
 * BUBUS_DEFINE_PLUGIN_WITH_CODE:
 * @TypeName: the name of the instance structure, which begins with a [class@GObject.Object]
 * @type_name: the same in lower case
 * @_C_: statements for class initialisation, in which `klass` is the class
 *
 * Like BUBUS_DEFINE_PLUGIN(), for a plugin that has something to do in its class as well, for example to set
 * `klass->finalize`.
 *
 * Since: 1.0
 */
#define BUBUS_DEFINE_PLUGIN_WITH_CODE(TypeName, type_name, _C_)                                             \
  static gboolean type_name##_call_activate (BubusPlugin *plugin, BubusPluginContext *context, GError **error) \
  {                                                                                                         \
    return type_name##_activate ((TypeName *) plugin, context, error);                                      \
  }                                                                                                         \
  static gboolean type_name##_call_deactivate (BubusPlugin *plugin, BubusPluginContext *context, GError **error) \
  {                                                                                                         \
    return type_name##_deactivate ((TypeName *) plugin, context, error);                                    \
  }                                                                                                         \
  static void type_name##_plugin_iface_init (gpointer g_iface, gpointer iface_data G_GNUC_UNUSED)           \
  {                                                                                                         \
    BubusPluginInterface *iface = (BubusPluginInterface *) g_iface;                                         \
    iface->activate = type_name##_call_activate;                                                            \
    iface->deactivate = type_name##_call_deactivate;                                                        \
  }                                                                                                         \
  static void type_name##_class_init (gpointer g_class, gpointer class_data G_GNUC_UNUSED)                  \
  {                                                                                                         \
    G_GNUC_UNUSED GObjectClass *klass = (GObjectClass *) g_class;                                           \
    { _C_; }                                                                                                \
  }                                                                                                         \
  static GType type_name##_get_type (void)                                                                  \
  {                                                                                                         \
    static gsize type_id = 0;                                                                               \
    if (g_once_init_enter (&type_id))                                                                       \
      {                                                                                                     \
        const GInterfaceInfo info = { type_name##_plugin_iface_init, NULL, NULL };                          \
        GType type = g_type_register_static_simple (G_TYPE_OBJECT, g_intern_static_string (#TypeName),      \
                                                    sizeof (GObjectClass), type_name##_class_init,          \
                                                    sizeof (TypeName), NULL, (GTypeFlags) 0);               \
        if (type != 0)                                                                                      \
          g_type_add_interface_static (type, BUBUS_TYPE_PLUGIN, &info);                                     \
        g_once_init_leave (&type_id, type != 0 ? type : G_TYPE_NONE);                                       \
      }                                                                                                     \
    return type_id;                                                                                         \
  }                                                                                                         \
  G_BEGIN_DECLS                                                                                             \
  G_MODULE_EXPORT void peas_register_types (gpointer module);                                               \
  G_MODULE_EXPORT void peas_register_types (gpointer module)                                                \
  {                                                                                                         \
    bubus_plugin_module_register (module, type_name##_get_type ());                                         \
  }                                                                                                         \
  G_MODULE_EXPORT extern const BubusPluginAbi bubus_plugin_abi;                                             \
  const BubusPluginAbi bubus_plugin_abi = {                                                                 \
    BUBUS_PLUGIN_ABI_MAGIC,                                                                                 \
    sizeof (BubusPluginAbi),                                                                                \
    (BUBUS_VERSION_MAX_ALLOWED) >> 16,                                                                      \
    (BUBUS_VERSION_MAX_ALLOWED) >> 8 & 0xff,                                                                \
  };                                                                                                        \
  G_END_DECLS

/**
 * BUBUS_DEFINE_PLUGIN:
 * @TypeName: the name of the instance structure, which begins with a [class@GObject.Object]
 * @type_name: the same in lower case
 *
 * Makes a plugin of two functions, `type_name_activate ()` and `type_name_deactivate ()`, which must stand before
 * it. The rest of the instance structure is theirs to use; it is filled with zeros first.
 *
 * This goes into one file of a module that links libbubus and libbubus-host:
 *
 * ```c
 * #include <bubus-host.h>
 *
 * typedef struct
 * {
 *   GObject parent_instance;
 * } HelloPlugin;
 *
 * static gboolean
 * hello_plugin_greet (BubusEvent *event, BubusInvocation *invocation, gpointer user_data, GError **error)
 * {
 *   bubus_invocation_return_string (invocation, "hello");
 *   return TRUE;
 * }
 *
 * static gboolean
 * hello_plugin_activate (HelloPlugin *self, BubusPluginContext *context, GError **error)
 * {
 *   bubus_plugin_context_on_pattern (context, NULL, "HelloEvent", "greet", hello_plugin_greet, NULL, NULL);
 *   return TRUE;
 * }
 *
 * static gboolean
 * hello_plugin_deactivate (HelloPlugin *self, BubusPluginContext *context, GError **error)
 * {
 *   return TRUE;
 * }
 *
 * BUBUS_DEFINE_PLUGIN (HelloPlugin, hello_plugin)
 * ```
 *
 * The name of the structure becomes the name of a #GType, so that no other plugin can have the same.
 *
 * Since: 1.0
 */
#define BUBUS_DEFINE_PLUGIN(TypeName, type_name) BUBUS_DEFINE_PLUGIN_WITH_CODE (TypeName, type_name, )

G_END_DECLS
