/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "bubus-plugin-abi-private.h"
#include "bubus-plugin-module.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GModule, g_module_close)

gboolean
_bubus_plugin_abi_check_version (guint    major,
                                 guint    minor,
                                 GError **error)
{
  if (major == BUBUS_MAJOR_VERSION && minor <= BUBUS_MINOR_VERSION)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_ABI, "It was built for Bubus %u.%u, this is Bubus %u.%u",
               major, minor, (guint) BUBUS_MAJOR_VERSION, (guint) BUBUS_MINOR_VERSION);
  return FALSE;
}

static gboolean
bubus_plugin_abi_check_record (const BubusPluginAbi *abi,
                               GError              **error)
{
  if (abi->magic == BUBUS_PLUGIN_ABI_MAGIC && abi->size >= sizeof (BubusPluginAbi))
    return _bubus_plugin_abi_check_version (abi->major, abi->minor, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_ABI,
               "Its ABI record is not one of Bubus %u", (guint) BUBUS_MAJOR_VERSION);
  return FALSE;
}

static gpointer
bubus_plugin_abi_find (GModule    *module,
                       const char *name)
{
  gpointer symbol = NULL;

  return g_module_symbol (module, name, &symbol) ? symbol : NULL;
}

/* Opens the module at @path and looks at its ABI record. Of the module, only what the dynamic linker calls by itself
 * runs. Why a module cannot be opened, such as a symbol that is missing, is told by the linker. */
gboolean
_bubus_plugin_abi_check_module (const char *path,
                                GError    **error)
{
  g_autoptr (GModule) module = g_module_open (path, G_MODULE_BIND_LOCAL);
  const BubusPluginAbi *abi;

  if (module == NULL)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "Its module cannot be opened: %s", g_module_error ());
      return FALSE;
    }

  abi = bubus_plugin_abi_find (module, "bubus_plugin_abi");
  if (abi != NULL && bubus_plugin_abi_find (module, "peas_register_types") != NULL)
    return bubus_plugin_abi_check_record (abi, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_ABI,
               "“%s” has no ABI record, this is Bubus %u.%u: was it made with BUBUS_DEFINE_PLUGIN?",
               path, (guint) BUBUS_MAJOR_VERSION, (guint) BUBUS_MINOR_VERSION);
  return FALSE;
}
