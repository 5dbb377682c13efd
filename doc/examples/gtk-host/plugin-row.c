/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plugin-row.h"

struct _PluginRow
{
  GtkListBoxRow    parent_instance;

  BubusHost       *host;
  BubusPluginInfo *info;
  GtkWidget       *name_label;
  GtkWidget       *description_label;
  GtkWidget       *state_label;
  GtkWidget       *enable_switch;
};

G_DEFINE_FINAL_TYPE (PluginRow, plugin_row, GTK_TYPE_LIST_BOX_ROW)

/* What the switch does not say: why it cannot be on, or that it takes a while. */
static const char *
plugin_row_describe (PluginRow *self)
{
  BubusPluginState state = bubus_plugin_info_get_state (self->info);
  const GError *error = bubus_plugin_info_get_error (self->info);

  if (error != NULL)
    return error->message;
  if (state == BUBUS_PLUGIN_STATE_LOADING)
    return "Starting…";
  return state == BUBUS_PLUGIN_STATE_DRAINING ? "Stopping…" : NULL;
}

/* A label without a text would take a line. */
static void
plugin_row_set_text (GtkWidget  *label,
                     const char *text)
{
  gtk_label_set_label (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

static gboolean plugin_row_state_set_cb (PluginRow *self,
                                         gboolean   wanted);

/* The switch shows the plugin, not the other way round. */
static void
plugin_row_update (PluginRow *self)
{
  BubusPluginState state = bubus_plugin_info_get_state (self->info);
  gboolean on = state == BUBUS_PLUGIN_STATE_LOADING || state == BUBUS_PLUGIN_STATE_ACTIVE;

  plugin_row_set_text (self->state_label, plugin_row_describe (self));
  if (bubus_plugin_info_get_error (self->info) != NULL)
    gtk_widget_add_css_class (self->state_label, "error");
  else
    gtk_widget_remove_css_class (self->state_label, "error");

  g_signal_handlers_block_by_func (self->enable_switch, plugin_row_state_set_cb, self);
  gtk_switch_set_active (GTK_SWITCH (self->enable_switch), on);
  gtk_switch_set_state (GTK_SWITCH (self->enable_switch), state == BUBUS_PLUGIN_STATE_ACTIVE);
  g_signal_handlers_unblock_by_func (self->enable_switch, plugin_row_state_set_cb, self);
}

/* [switch] */
/* What went wrong is the state of the plugin; its row shows it. */
static void
plugin_row_done_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr (PluginRow) self = user_data;

  plugin_row_update (self);
}

static gboolean
plugin_row_state_set_cb (PluginRow *self,
                         gboolean   wanted)
{
  const char *name = bubus_plugin_info_get_name (self->info);

  if (wanted)
    bubus_host_activate_plugin_async (self->host, name, NULL, plugin_row_done_cb, g_object_ref (self));
  else
    bubus_host_deactivate_plugin_async (self->host, name, NULL, plugin_row_done_cb, g_object_ref (self));
  return TRUE;  /* the state of the switch follows */
}
/* [/switch] */

static void
plugin_row_finalize (GObject *object)
{
  PluginRow *self = PLUGIN_ROW (object);

  g_clear_object (&self->host);
  g_clear_object (&self->info);

  G_OBJECT_CLASS (plugin_row_parent_class)->finalize (object);
}

static void
plugin_row_class_init (PluginRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = plugin_row_finalize;
}

static GtkWidget *
plugin_row_make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
plugin_row_init (PluginRow *self)
{
  GtkWidget *grid = gtk_grid_new ();

  self->name_label = plugin_row_make_label ("heading");
  self->description_label = plugin_row_make_label ("caption");
  self->state_label = plugin_row_make_label ("caption");
  gtk_widget_add_css_class (self->description_label, "dim-label");
  self->enable_switch = gtk_switch_new ();
  gtk_widget_set_valign (self->enable_switch, GTK_ALIGN_CENTER);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_attach (GTK_GRID (grid), self->name_label, 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), self->description_label, 0, 1, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), self->state_label, 0, 2, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), self->enable_switch, 1, 0, 1, 3);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), grid);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (self->enable_switch, "state-set", G_CALLBACK (plugin_row_state_set_cb), self);
}

/* For gtk_list_box_bind_model(): @item is the info, @user_data the host. */
GtkWidget *
plugin_row_new (gpointer item,
                gpointer user_data)
{
  PluginRow *self = g_object_new (plugin_row_get_type (), NULL);

  self->host = g_object_ref (user_data);
  self->info = g_object_ref (item);
  gtk_label_set_label (GTK_LABEL (self->name_label), bubus_plugin_info_get_display_name (self->info));
  plugin_row_set_text (self->description_label, bubus_plugin_info_get_description (self->info));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->enable_switch), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  bubus_plugin_info_get_display_name (self->info), -1);
  g_signal_connect_object (self->info, "notify::state", G_CALLBACK (plugin_row_update), self, G_CONNECT_SWAPPED);
  plugin_row_update (self);
  return GTK_WIDGET (self);
}

BubusPluginInfo *
plugin_row_get_info (PluginRow *self)
{
  return self->info;
}
