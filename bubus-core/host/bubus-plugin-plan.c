/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-plugin-plan-private.h"

#include "base/bubus-error.h"
#include "base/bubus-order-internal.h"
#include "bubus-plugin-info-private.h"

/* What has to be activated, and in which order, so that one plugin can be. */
typedef struct
{
  BubusPluginTable *plugins;
  const char       *name;     /* of the plugin in question */
  BubusOrder       *order;
  GHashTable       *seen;     /* names */
  gboolean          circular; /* something it needs needs it in turn */
} BubusPluginPlan;

static void
bubus_plugin_plan_init (BubusPluginPlan  *self,
                        BubusPluginTable *plugins,
                        BubusPluginInfo  *info)
{
  self->plugins = plugins;
  self->name = bubus_plugin_info_get_name (info);
  self->order = _bubus_order_new ();
  self->seen = g_hash_table_new (g_str_hash, g_str_equal);
  self->circular = FALSE;
}

static void
bubus_plugin_plan_clear (BubusPluginPlan *self)
{
  g_clear_pointer (&self->order, _bubus_order_free);
  g_clear_pointer (&self->seen, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusPluginPlan, bubus_plugin_plan_clear)

/* Adds to @error that @info cannot be activated because of @needed. */
void
_bubus_plugin_plan_explain (GError          **error,
                            BubusPluginInfo  *info,
                            const char       *needed)
{
  g_prefix_error (error, "failed to activate “%s” (needed by “%s”): ", needed, bubus_plugin_info_get_name (info));
}

static gboolean
bubus_plugin_plan_add (BubusPluginPlan *self,
                       BubusPluginInfo *info,
                       guint            depth,
                       guint           *error_depth,
                       GError         **error);

static gboolean
bubus_plugin_plan_add_need (BubusPluginPlan *self,
                            BubusPluginInfo *info,
                            const char      *needed,
                            guint            depth,
                            guint           *error_depth,
                            GError         **error)
{
  BubusPluginInfo *needed_info = g_hash_table_lookup (self->plugins, needed);

  _bubus_order_add_edge (self->order, needed, bubus_plugin_info_get_name (info));
  self->circular |= g_str_equal (needed, self->name);
  if (needed_info == NULL)
    {
      *error_depth = depth;
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                   "“%s” needs “%s”, which is nowhere in the search path", bubus_plugin_info_get_name (info), needed);
      return FALSE;
    }

  if (bubus_plugin_plan_add (self, needed_info, depth + 1, error_depth, error))
    return TRUE;
  _bubus_plugin_plan_explain (error, info, needed);
  return FALSE;
}

static gboolean
bubus_plugin_plan_add (BubusPluginPlan *self,
                       BubusPluginInfo *info,
                       guint            depth,
                       guint           *error_depth,
                       GError         **error)
{
  const char *name = bubus_plugin_info_get_name (info);
  const char * const *depends = bubus_plugin_info_get_depends (info);

  if (!g_hash_table_add (self->seen, (gpointer) name))
    return TRUE;

  _bubus_order_add (self->order, name);
  if (_bubus_plugin_info_is_broken (info))
    {
      *error_depth = depth;
      g_propagate_error (error, g_error_copy (bubus_plugin_info_get_error (info)));
      return FALSE;
    }

  for (guint i = 0; depends[i] != NULL; i++)
    {
      if (!bubus_plugin_plan_add_need (self, info, depends[i], depth, error_depth, error))
        return FALSE;
    }
  return TRUE;
}

/* What a plugin says of itself says nothing. */
static void
bubus_plugin_plan_add_edges (BubusOrder         *order,
                             GHashTable         *names,
                             const char * const *others,
                             const char         *name,
                             gboolean            others_first)
{
  for (guint i = 0; others[i] != NULL; i++)
    {
      if (g_str_equal (others[i], name) || !g_hash_table_contains (names, others[i]))
        continue;
      _bubus_order_add_edge (order, others_first ? others[i] : name, others_first ? name : others[i]);
    }
}

/* What a plugin does not need, but wants before or after itself if it is there. */
static void
bubus_plugin_plan_add_wishes (BubusOrder      *order,
                              GHashTable      *names,
                              BubusPluginInfo *info)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (info);

  bubus_plugin_plan_add_edges (order, names, (const char * const *) manifest->after, manifest->module, TRUE);
  bubus_plugin_plan_add_edges (order, names, (const char * const *) manifest->before, manifest->module, FALSE);
}

static void
bubus_plugin_plan_add_all_wishes (BubusPluginPlan *self)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->seen);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    bubus_plugin_plan_add_wishes (self->order, self->seen, g_hash_table_lookup (self->plugins, name));
}

/* Returns: (transfer full) (nullable): the names in the order in which to activate them */
char **
_bubus_plugin_plan_sort (BubusPluginTable  *plugins,
                         GHashTable        *names,
                         GError           **error)
{
  g_autoptr (BubusOrder) order = _bubus_order_new ();
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (names), (GCompareFunc) strcmp);

  for (const GList *link = sorted; link != NULL; link = link->next)
    _bubus_order_add (order, link->data);
  for (const GList *link = sorted; link != NULL; link = link->next)
    {
      BubusPluginInfo *info = g_hash_table_lookup (plugins, link->data);

      if (info == NULL)
        continue;
      bubus_plugin_plan_add_edges (order, names, bubus_plugin_info_get_depends (info), link->data, TRUE);
      bubus_plugin_plan_add_wishes (order, names, info);
    }
  return _bubus_order_sort (order, error);
}

static GPtrArray *
bubus_plugin_plan_list (BubusPluginPlan  *self,
                        char            **names)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (list, g_object_ref (g_hash_table_lookup (self->plugins, names[i])));
  return list;
}

/* Returns: (transfer full) (nullable): @info and everything it needs, in the order in which to activate them; what is
 * active already is among them. If there is none, @state is what becomes of @info: it has failed when something is
 * wrong with itself, and is skipped when something is wrong with what it needs. */
GPtrArray *
_bubus_plugin_plan_make (BubusPluginTable *plugins,
                         BubusPluginInfo  *info,
                         BubusPluginState *state,
                         GError          **error)
{
  g_auto (BubusPluginPlan) plan = { NULL };
  g_auto (GStrv) names = NULL;
  guint error_depth = 0;

  bubus_plugin_plan_init (&plan, plugins, info);
  if (!bubus_plugin_plan_add (&plan, info, 0, &error_depth, error))
    {
      *state = error_depth == 0 ? BUBUS_PLUGIN_STATE_FAILED : BUBUS_PLUGIN_STATE_SKIPPED;
      return NULL;
    }

  bubus_plugin_plan_add_all_wishes (&plan);
  names = _bubus_order_sort (plan.order, error);
  *state = names != NULL ? BUBUS_PLUGIN_STATE_RESOLVED
           : plan.circular ? BUBUS_PLUGIN_STATE_FAILED : BUBUS_PLUGIN_STATE_SKIPPED;
  return names != NULL ? bubus_plugin_plan_list (&plan, names) : NULL;
}
