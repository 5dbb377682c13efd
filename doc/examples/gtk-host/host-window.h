/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The window, and the parts of it that a test uses. */
typedef struct
{
  BubusEventBus      *bus;
  BubusHost          *host;

  GtkWindow          *window;
  GtkWidget          *button;
  GtkWidget          *plugins;    /* a GtkListBox */
  GtkSingleSelection *selection;
  GtkTextBuffer      *tree;
  GSignalGroup       *selected;   /* of the row that is selected */
} HostWindow;

HostWindow *host_window_new  (GtkApplication *application,
                              BubusHost      *host);
void        host_window_free (HostWindow     *self);

G_END_DECLS
