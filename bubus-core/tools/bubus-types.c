/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdlib.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-options.h"
#include "bubus-text.h"
#include "bubus-verbs.h"

typedef struct
{
  BubusHostOptions   host_options;
  gboolean           json;
  char             **names;
} BubusTypes;

/* ---- text ---- */

static GVariant *
bubus_types_lookup_schema (BubusEventClass *klass,
                           const char      *member)
{
  g_autoptr (BubusJson) json = bubus_event_class_dup_schema (klass);
  g_autoptr (GVariant) schema = bubus_json_to_variant (json, G_VARIANT_TYPE_VARDICT, NULL);

  return schema != NULL ? g_variant_lookup_value (schema, member, NULL) : NULL;
}

/* Names in the schema are those of JSON members. */
static gboolean
bubus_types_is_same_name (const char *property,
                          const char *member)
{
  g_autofree char *name = g_strdelimit (g_strdup (property), "-", '_');

  return g_str_equal (name, member);
}

static gboolean
bubus_types_is_required (GVariant   *required,
                         const char *property)
{
  GVariantIter iter;
  GVariant *child;

  g_variant_iter_init (&iter, required);
  while ((child = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr (GVariant) boxed = child;
      g_autoptr (GVariant) name = g_variant_is_of_type (boxed, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant (boxed)
                                                                                       : g_variant_ref (boxed);

      if (bubus_types_is_same_name (property, g_variant_get_string (name, NULL)))
        return TRUE;
    }
  return FALSE;
}

static char *
bubus_types_dup_type (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_VARIANT (pspec))
    return g_variant_type_dup_string (G_PARAM_SPEC_VARIANT (pspec)->type);
  return g_strdup (g_type_name (pspec->value_type));
}

static void
bubus_types_append_property (GParamSpec *pspec,
                             GVariant   *required,
                             GString    *out)
{
  g_autofree char *type = bubus_types_dup_type (pspec);
  const char *optional = bubus_types_is_required (required, pspec->name) ? "" : "optional";
  g_autofree char *line = g_strdup_printf ("    %-24s %-16s %s", pspec->name, type, optional);

  g_string_append_printf (out, "%s\n", g_strchomp (line));
}

/* What the event class itself has is the same for all. */
static void
bubus_types_append_properties (BubusEventClass *klass,
                               GString         *out)
{
  g_autoptr (GVariant) required = bubus_types_lookup_schema (klass, "required");
  guint n_pspecs;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n_pspecs);

  for (guint i = 0; i < n_pspecs; i++)
    {
      if (pspecs[i]->owner_type != BUBUS_TYPE_EVENT && required != NULL)
        bubus_types_append_property (pspecs[i], required, out);
    }
}

static void
bubus_types_append_result (BubusEventClass *klass,
                           GString         *out)
{
  g_autoptr (GVariant) result = bubus_types_lookup_schema (klass, "event_result_type");
  g_autofree char *text = NULL;
  const char *type;

  if (result == NULL || !g_variant_is_of_type (result, G_VARIANT_TYPE_VARDICT))
    return;
  if (g_variant_lookup (result, "type", "&s", &type))
    g_string_append_printf (out, "  -> %s", type);
  else
    g_string_append_printf (out, "  -> %s", text = g_variant_print (result, FALSE));
}

static void
bubus_types_append_text (BubusEventClass *klass,
                         GString         *out)
{
  bubus_text_append_safe (out, bubus_event_class_get_declared_type (klass));
  g_string_append_c (out, ' ');
  bubus_text_append_safe (out, bubus_event_class_get_declared_version (klass));
  g_string_append_printf (out, " (%s)", G_OBJECT_CLASS_NAME (klass));
  bubus_types_append_result (klass, out);
  g_string_append_c (out, '\n');
  bubus_types_append_properties (klass, out);
}

static void
bubus_types_append_json (BubusEventClass *klass,
                         GString         *out)
{
  g_autoptr (BubusJson) schema = bubus_event_class_dup_schema (klass);

  g_string_append (out, bubus_json_get_text (schema));
  g_string_append_c (out, '\n');
}

/* ---- list ---- */

static void
bubus_types_append (BubusTypes *self,
                    GType       type,
                    GString    *out)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  if (self->json)
    bubus_types_append_json ((BubusEventClass *) klass, out);
  else
    bubus_types_append_text ((BubusEventClass *) klass, out);
}

static int
bubus_types_compare (gconstpointer a,
                     gconstpointer b)
{
  return g_strcmp0 (g_type_name (*(const GType *) a), g_type_name (*(const GType *) b));
}

static void
bubus_types_append_all (BubusTypes *self,
                        GString    *out)
{
  gsize n_types;
  g_autofree GType *types = bubus_event_list_types (&n_types);

  qsort (types, n_types, sizeof (GType), bubus_types_compare);
  for (gsize i = 0; i < n_types; i++)
    bubus_types_append (self, types[i], out);
  if (n_types == 0)
    bubus_console_report ("%s: %s", g_get_prgname (), _("there are no event types"));
}

static int
bubus_types_append_named (BubusTypes *self,
                          GString    *out)
{
  int status = BUBUS_EXIT_OK;

  for (guint i = 0; self->names[i] != NULL; i++)
    {
      GType type = bubus_event_lookup_type (self->names[i]);

      if (type != G_TYPE_INVALID)
        bubus_types_append (self, type, out);
      else
        {
          bubus_console_report (_("%s: there is no event type “%s”"), g_get_prgname (), self->names[i]);
          status = BUBUS_EXIT_FAILED;
        }
    }
  return status;
}

static int
bubus_types_list (BubusTypes *self)
{
  g_autoptr (GString) out = g_string_new (NULL);
  int status = BUBUS_EXIT_OK;

  if (self->names != NULL)
    status = bubus_types_append_named (self, out);
  else
    bubus_types_append_all (self, out);
  bubus_console_write (out->str, self->json);
  return status;
}

static int
bubus_types_execute (BubusTypes *self)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("MainBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GError) error = NULL;

  if (!bubus_host_options_apply_paths (&self->host_options, host, &error) ||
      !bubus_host_options_activate_plugins (&self->host_options, host, &error))
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      return BUBUS_EXIT_USAGE;
    }
  return bubus_types_list (self);
}

static gboolean
bubus_types_parse (BubusTypes *self,
                   char      **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("[TYPE…]"),
                       N_("Lists the event types that plugins define, and the properties of their events."));
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("Write the JSON Schema of each, one a line"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->names, NULL, NULL },
    { NULL },
  };

  bubus_host_options_add_paths (&self->host_options, context);
  bubus_host_options_add_plugins (&self->host_options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return bubus_options_parse (context, arguments);
}

int
bubus_types_main (char **arguments)
{
  BubusTypes types = { 0 };
  int status = BUBUS_EXIT_USAGE;

  if (bubus_types_parse (&types, arguments))
    status = bubus_types_execute (&types);

  bubus_host_options_clear (&types.host_options);
  g_strfreev (types.names);
  return status;
}
