/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-log-capture-private.h"

typedef struct
{
  char           *domain; /* nullable */
  char           *text;
  GLogLevelFlags  level;
} BubusLogEntry;

/* libpeas itself; its Python loader, which has no domain; and GObject, where a type's name is taken already. */
static const char * const captured_domains[] = { "libpeas", NULL, "GLib-GObject" };

#define CAPTURED_LEVELS (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)

struct _BubusLogCapture
{
  GThread        *thread;                                  /* the one whose messages are kept */
  GPtrArray      *entries;                                 /* of BubusLogEntry */
  guint           handlers[G_N_ELEMENTS (captured_domains)];
  GLogLevelFlags  always_fatal;
  gboolean        ended;
};

static void
bubus_log_entry_free (gpointer data)
{
  BubusLogEntry *self = data;

  g_free (self->domain);
  g_free (self->text);
  g_free (self);
}

static void
bubus_log_capture_cb (const char     *domain,
                      GLogLevelFlags  level,
                      const char     *text,
                      gpointer        user_data)
{
  BubusLogCapture *self = user_data;
  BubusLogEntry *entry;

  if (g_thread_self () != self->thread)
    {
      g_log_default_handler (domain, level, text, NULL);
      return;
    }

  entry = g_new0 (BubusLogEntry, 1);
  entry->domain = g_strdup (domain);
  entry->text = g_strchomp (g_strdup (text));
  entry->level = level & CAPTURED_LEVELS;
  g_ptr_array_add (self->entries, entry);
}

/* From now on, warnings of the calling thread are kept. A program may have asked to be aborted by warnings; that
 * would come before any handler could keep one, so it is put off until @self ends: what is replayed then aborts. */
BubusLogCapture *
_bubus_log_capture_begin (void)
{
  BubusLogCapture *self = g_new0 (BubusLogCapture, 1);

  self->thread = g_thread_self ();
  self->entries = g_ptr_array_new_with_free_func (bubus_log_entry_free);
  self->always_fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  for (guint i = 0; i < G_N_ELEMENTS (captured_domains); i++)
    self->handlers[i] = g_log_set_handler (captured_domains[i], CAPTURED_LEVELS | G_LOG_FLAG_RECURSION,
                                           bubus_log_capture_cb, self);
  return self;
}

/* What was kept so far does not matter. */
void
_bubus_log_capture_forget (BubusLogCapture *self)
{
  g_ptr_array_set_size (self->entries, 0);
}

/* Warnings take their usual way again. */
void
_bubus_log_capture_end (BubusLogCapture *self)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (captured_domains); i++)
    g_log_remove_handler (captured_domains[i], self->handlers[i]);
  g_log_set_always_fatal (self->always_fatal);
}

void
_bubus_log_capture_free (BubusLogCapture *self)
{
  _bubus_log_capture_end (self);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

/* Returns: (nullable): what was kept, one message a line */
char *
_bubus_log_capture_dup_text (BubusLogCapture *self)
{
  GString *text;

  if (self->entries->len == 0)
    return NULL;

  text = g_string_new (NULL);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const BubusLogEntry *entry = g_ptr_array_index (self->entries, i);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", entry->text);
    }
  return g_string_free (text, FALSE);
}

/* Sends what was kept on its usual way after all. */
void
_bubus_log_capture_replay (BubusLogCapture *self)
{
  g_assert (self->ended);

  for (guint i = 0; i < self->entries->len; i++)
    {
      const BubusLogEntry *entry = g_ptr_array_index (self->entries, i);

      g_log (entry->domain, entry->level, "%s", entry->text);
    }
}
