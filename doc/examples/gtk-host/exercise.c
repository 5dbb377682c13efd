/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exercise.h"

#include <string.h>

#include "plugin-row.h"

#define PIECE 500

typedef struct _Exercise Exercise;

/* Returns: whether the step is done, else it is tried again at the next frame */
typedef gboolean (*ExerciseStep) (Exercise *self);

struct _Exercise
{
  HostWindow *window;
  char       *picture;    /* nullable: where to */
  guint       n_events;   /* to dispatch */
  guint       position;   /* the step */
  gint64      begun_us;
  gint64      last_us;
  gint64      longest_us; /* between two frames */
};

/* ---- what a user does ---- */

static GtkWidget *
exercise_find (GtkWidget *widget,
               GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = exercise_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
exercise_switch (Exercise   *self,
                 const char *name,
                 gboolean    on)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->window->plugins), i)) != NULL; i++)
    if (g_str_equal (bubus_plugin_info_get_name (plugin_row_get_info (PLUGIN_ROW (row))), name))
      gtk_switch_set_active (GTK_SWITCH (exercise_find (GTK_WIDGET (row), GTK_TYPE_SWITCH)), on);
}

static gboolean
exercise_has_state (Exercise         *self,
                    const char       *name,
                    BubusPluginState  state)
{
  if (bubus_plugin_info_get_state (bubus_host_lookup_plugin (self->window->host, name)) != state)
    return FALSE;

  g_print ("%s is as it should be\n", name);
  return TRUE;
}

static gboolean
exercise_turn_on (Exercise *self)
{
  exercise_switch (self, "orders", TRUE);
  exercise_switch (self, "metrics", TRUE);
  return TRUE;
}

static gboolean
exercise_see_orders (Exercise *self)
{
  return exercise_has_state (self, "orders", BUBUS_PLUGIN_STATE_ACTIVE);
}

/* It was given no settings. */
static gboolean
exercise_see_metrics (Exercise *self)
{
  return exercise_has_state (self, "metrics", BUBUS_PLUGIN_STATE_FAILED);
}

static gboolean
exercise_place_orders (Exercise *self)
{
  for (guint i = 0; i < 3; i++)
    g_signal_emit_by_name (self->window->button, "clicked");
  return TRUE;
}

static gboolean
exercise_see_events (Exercise *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->window->selection));

  if (n_items < 15 || !bubus_event_bus_is_idle (self->window->bus))
    return FALSE;

  g_print ("%u events are shown\n", n_items);
  gtk_single_selection_set_selected (self->window->selection, 1);
  return TRUE;
}

static gboolean
exercise_see_tree (Exercise *self)
{
  GtkTextIter begin, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (self->window->tree, &begin, &end);
  text = gtk_text_buffer_get_text (self->window->tree, &begin, &end, FALSE);
  if (strstr (text, "reserve_stock") == NULL && strstr (text, "place_order") == NULL)
    return FALSE;

  g_print ("the tree is shown\n");
  return TRUE;
}

static gboolean
exercise_draw (Exercise *self)
{
  GtkWidget *widget = GTK_WIDGET (self->window->window);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  if (self->picture == NULL)
    return TRUE;

  paintable = gtk_widget_paintable_new (widget);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget));
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (widget)), node, NULL);
  return gdk_texture_save_to_png (texture, self->picture);
}

static gboolean
exercise_turn_off (Exercise *self)
{
  exercise_switch (self, "orders", FALSE);
  return TRUE;
}

static gboolean
exercise_see_off (Exercise *self)
{
  return exercise_has_state (self, "orders", BUBUS_PLUGIN_STATE_UNLOADED);
}

/* ---- very many events ---- */

/* [pieces] */
/* To make very many events takes time as well. They are made in pieces, when there is nothing to draw, and the bus
 * works between two pieces. */
static gboolean
exercise_flood_cb (gpointer user_data)
{
  Exercise *self = user_data;

  for (guint i = 0; i < PIECE && self->n_events > 0; i++, self->n_events--)
    {
      g_autoptr (BubusEvent) event = bubus_generic_event_new ("FloodEvent", NULL);

      bubus_event_bus_dispatch (self->window->bus, event, NULL);
    }
  return self->n_events > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}
/* [/pieces] */

static gboolean
exercise_flood (Exercise *self)
{
  if (self->n_events == 0)
    return TRUE;

  bubus_event_bus_set_max_pending (self->window->bus, 0);
  self->begun_us = g_get_monotonic_time ();
  self->longest_us = 0;
  g_idle_add (exercise_flood_cb, self);
  return TRUE;
}

static gboolean
exercise_see_flood (Exercise *self)
{
  if (self->n_events > 0 || !bubus_event_bus_is_idle (self->window->bus))
    return FALSE;

  if (self->begun_us > 0)
    g_printerr ("%.0f ms, the longest frame took %.1f ms\n", (g_get_monotonic_time () - self->begun_us) / 1e3,
                self->longest_us / 1e3);
  return TRUE;
}

/* ---- one step after the other ---- */

static const ExerciseStep steps[] = {
  exercise_turn_on, exercise_see_orders, exercise_see_metrics, exercise_place_orders, exercise_see_events,
  exercise_see_tree, exercise_draw, exercise_turn_off, exercise_see_off, exercise_flood, exercise_see_flood,
};

static void
exercise_free (gpointer data)
{
  Exercise *self = data;

  g_free (self->picture);
  g_free (self);
}

static gboolean
exercise_tick_cb (GtkWidget     *widget,
                  GdkFrameClock *clock,
                  gpointer       user_data)
{
  Exercise *self = user_data;
  gint64 now_us = g_get_monotonic_time ();

  self->longest_us = MAX (self->longest_us, now_us - self->last_us);
  self->last_us = now_us;
  if (self->position == G_N_ELEMENTS (steps))
    {
      gtk_window_close (self->window->window);
      return G_SOURCE_REMOVE;
    }
  if (steps[self->position] (self))
    self->position++;
  return G_SOURCE_CONTINUE;
}

void
exercise_start (HostWindow  *window,
                char       **arguments)
{
  Exercise *self = g_new0 (Exercise, 1);

  self->window = window;
  if (arguments[0] != NULL)
    self->picture = g_strdup (arguments[0]);
  if (arguments[0] != NULL && arguments[1] != NULL)
    self->n_events = g_ascii_strtoull (arguments[1], NULL, 10);
  gtk_widget_add_tick_callback (GTK_WIDGET (window->window), exercise_tick_cb, self, exercise_free);
}
