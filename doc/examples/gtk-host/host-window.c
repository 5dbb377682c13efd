/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "host-window.h"

#include "event-watch.h"
#include "plugin-row.h"

/* What stands in the place of an empty list. */
static GtkWidget *
host_window_make_placeholder (const char *title,
                              const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = gtk_label_new (title);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (heading, "title-4");
  gtk_widget_add_css_class (box, "dim-label");
  gtk_widget_set_margin_top (box, 24);
  gtk_widget_set_margin_bottom (box, 24);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_can_target (box, FALSE);
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

/* ---- the events ---- */

/* It lies over the list, and is seen as long as that is empty. */
static void
host_window_events_changed_cb (GListModel *events,
                               guint       position,
                               guint       removed,
                               guint       added,
                               GtkWidget  *placeholder)
{
  gtk_widget_set_visible (placeholder, g_list_model_get_n_items (events) == 0);
}

static void
host_window_setup_cb (GtkSignalListItemFactory *factory,
                      GtkListItem              *item,
                      gpointer                  user_data)
{
  GtkWidget *label = gtk_label_new (NULL);
  gboolean numeric = g_str_equal (user_data, "duration");

  gtk_label_set_xalign (GTK_LABEL (label), numeric ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (numeric)
    gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
host_window_bind_cb (GtkSignalListItemFactory *factory,
                     GtkListItem              *item,
                     gpointer                  user_data)
{
  GBinding *binding = g_object_bind_property (gtk_list_item_get_item (item), user_data,
                                              gtk_list_item_get_child (item), "label", G_BINDING_SYNC_CREATE);

  g_object_set_data (G_OBJECT (item), "binding", binding);
}

static void
host_window_unbind_cb (GtkSignalListItemFactory *factory,
                       GtkListItem              *item,
                       gpointer                  user_data)
{
  g_binding_unbind (g_object_steal_data (G_OBJECT (item), "binding"));
}

static void
host_window_add_column (GtkColumnView *view,
                        const char    *title,
                        const char    *property,
                        gboolean       expand)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = NULL;

  g_signal_connect (factory, "setup", G_CALLBACK (host_window_setup_cb), (gpointer) property);
  g_signal_connect (factory, "bind", G_CALLBACK (host_window_bind_cb), (gpointer) property);
  g_signal_connect (factory, "unbind", G_CALLBACK (host_window_unbind_cb), (gpointer) property);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_expand (column, expand);
  if (!expand)
    gtk_column_view_column_set_fixed_width (column, 110);
  gtk_column_view_append_column (view, column);
}

static void
host_window_show_tree (HostWindow *self)
{
  EventRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *text = NULL;

  if (row != NULL)
    text = bubus_event_format_tree (event_row_get_event (row), BUBUS_TREE_NONE);
  gtk_text_buffer_set_text (self->tree, text != NULL ? text : "Select an event to see what became of it.", -1);
}

static void
host_window_selected_cb (HostWindow *self)
{
  g_signal_group_set_target (self->selected, gtk_single_selection_get_selected_item (self->selection));
  host_window_show_tree (self);
}

static GtkWidget *
host_window_make_events (HostWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *placeholder = host_window_make_placeholder ("No Events", "Switch on a plugin, and place an order.");
  GtkWidget *view;

  /* [model] */
  g_autoptr (EventWatch) watch = event_watch_new ();
  GListModel *history = bubus_event_bus_get_history (self->bus);
  GtkMapListModel *rows = gtk_map_list_model_new (g_object_ref (history), event_watch_map_cb,
                                                  g_object_ref (watch), g_object_unref);

  bubus_event_bus_add_middleware (self->bus, BUBUS_MIDDLEWARE (watch));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (rows));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  view = gtk_column_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)));
  /* [/model] */

  host_window_add_column (GTK_COLUMN_VIEW (view), "Event", "type-name", TRUE);
  host_window_add_column (GTK_COLUMN_VIEW (view), "Status", "status", FALSE);
  host_window_add_column (GTK_COLUMN_VIEW (view), "Duration", "duration", FALSE);
  gtk_widget_add_css_class (view, "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  g_object_set_data_full (G_OBJECT (self->window), "watch", g_steal_pointer (&watch), g_object_unref);
  g_signal_connect_object (rows, "items-changed", G_CALLBACK (host_window_events_changed_cb), placeholder, 0);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), placeholder);
  return overlay;
}

static GtkWidget *
host_window_make_tree (HostWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *view = gtk_text_view_new ();

  self->tree = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, "Selected event", -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  return scroller;
}

/* ---- the plugins ---- */

static GtkWidget *
host_window_make_plugins (HostWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  /* [plugins] */
  GtkExpression *name = gtk_property_expression_new (BUBUS_TYPE_PLUGIN_INFO, NULL, "display-name");
  GtkSortListModel *sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->host)),
                                                      GTK_SORTER (gtk_string_sorter_new (name)));

  self->plugins = gtk_list_box_new ();
  gtk_list_box_bind_model (GTK_LIST_BOX (self->plugins), G_LIST_MODEL (sorted), plugin_row_new,
                           g_object_ref (self->host), g_object_unref);
  g_object_unref (sorted);
  /* [/plugins] */
  gtk_list_box_set_placeholder (GTK_LIST_BOX (self->plugins),
                                host_window_make_placeholder ("No Plugins", "There are none in the directory."));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->plugins), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->plugins, "rich-list");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->plugins);
  gtk_widget_set_size_request (scroller, 300, -1);
  return scroller;
}

/* ---- the button ---- */

static const char order[] =
  "{\"event_type\": \"OrderPlacedEvent\", \"order_id\": \"order-0001\", \"customer_id\": \"7\","
  " \"customer_name\": \"Zoë\", \"total_amount\": 12.5, \"currency\": \"EUR\", \"gift\": false,"
  " \"items\": [{\"sku\": \"tea\", \"quantity\": 2, \"unit_price\": 6.25}], \"address\": {\"city\": \"Zürich\"},"
  " \"weight_g\": 250, \"note\": null}";

static void
host_window_place_order_cb (HostWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = bubus_event_new_from_json (order, -1, BUBUS_JSON_RESET, &error);

  if (event == NULL || !bubus_event_bus_dispatch (self->bus, event, &error))
    gtk_text_buffer_set_text (self->tree, error->message, -1);
}

/* ---- the window ---- */

static GtkWidget *
host_window_make_header (HostWindow *self)
{
  GtkWidget *header = gtk_header_bar_new ();

  self->button = gtk_button_new_with_mnemonic ("_Place Order");
  gtk_widget_add_css_class (self->button, "suggested-action");
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (host_window_place_order_cb), self);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), self->button);
  return header;
}

static GtkWidget *
host_window_make_pane (GtkOrientation  orientation,
                       GtkWidget      *first,
                       GtkWidget      *second,
                       int             position)
{
  GtkWidget *pane = gtk_paned_new (orientation);

  gtk_paned_set_start_child (GTK_PANED (pane), first);
  gtk_paned_set_end_child (GTK_PANED (pane), second);
  gtk_paned_set_shrink_start_child (GTK_PANED (pane), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (pane), FALSE);
  gtk_paned_set_position (GTK_PANED (pane), position);
  return pane;
}

HostWindow *
host_window_new (GtkApplication *application,
                 BubusHost      *host)
{
  HostWindow *self = g_new0 (HostWindow, 1);
  GtkWidget *events, *tree;

  self->host = g_object_ref (host);
  self->bus = g_object_ref (bubus_host_get_main_bus (host));
  self->window = g_object_ref (GTK_WINDOW (gtk_application_window_new (application)));
  gtk_window_set_title (self->window, "Events");
  gtk_window_set_default_size (self->window, 960, 600);
  gtk_window_set_titlebar (self->window, host_window_make_header (self));

  events = host_window_make_events (self);
  tree = host_window_make_tree (self);
  gtk_window_set_child (self->window,
                        host_window_make_pane (GTK_ORIENTATION_HORIZONTAL, host_window_make_plugins (self),
                                               host_window_make_pane (GTK_ORIENTATION_VERTICAL, events, tree, 300),
                                               320));

  self->selected = g_signal_group_new (EVENT_TYPE_ROW);
  g_signal_group_connect_swapped (self->selected, "notify::status", G_CALLBACK (host_window_show_tree), self);
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (host_window_selected_cb), self);
  host_window_show_tree (self);
  return self;
}

void
host_window_free (HostWindow *self)
{
  g_signal_handlers_disconnect_by_data (self->selection, self);
  bubus_event_bus_remove_middleware (self->bus, g_object_get_data (G_OBJECT (self->window), "watch"));
  g_clear_object (&self->selected);
  gtk_window_destroy (self->window);
  g_object_unref (self->window);
  g_object_unref (self->selection);
  g_object_unref (self->host);
  g_object_unref (self->bus);
  g_free (self);
}
