/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler-info-internal.h"

#include "base/bubus-clock-internal.h"

#include <string.h>

/* UUIDv5 of "abxbus-handler" in the DNS name space: handler ids agree with those of the other runtimes. */
static const BubusUuid handler_name_space = {
  { 0x98, 0xdc, 0x1a, 0xae, 0x79, 0x8a, 0x59, 0x7c, 0x8b, 0x2e, 0x2c, 0x05, 0x11, 0xf4, 0xa8, 0x1a },
};

BubusBusInfo *
_bubus_bus_info_new (const BubusUuid *id,
                     const char      *name)
{
  BubusBusInfo *self = g_new0 (BubusBusInfo, 1);

  self->ref_count = 1;
  self->id = *id;
  _bubus_uuid_format (id, self->id_text);
  self->name = g_strdup (name);
  self->label = g_strdup_printf ("%s#%s", name, self->id_text + BUBUS_UUID_TEXT_SIZE - 5);
  g_weak_ref_init (&self->bus, NULL);
  return self;
}

/* Before anybody else knows the bus. */
void
_bubus_bus_info_set_home (BubusBusInfo  *self,
                          BubusEventBus *owner,
                          BubusClock    *clock,
                          GMainContext  *context)
{
  self->owner = owner;
  self->clock = g_object_ref (clock);
  self->context = g_main_context_ref (context);
}

void
_bubus_bus_info_free (BubusBusInfo *self)
{
  g_weak_ref_clear (&self->bus);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->name);
  g_free (self->label);
  g_free (self);
}

static char *
bubus_text_append (char       **end,
                   const char  *text)
{
  char *copy = *end;

  if (text == NULL)
    return NULL;

  *end = g_stpcpy (copy, text) + 1;
  return copy;
}

/* One block with its texts: handlers come and go as often as events do in some programs. */
BubusHandlerInfo *
_bubus_handler_info_new (BubusBusInfo *bus,
                         const char   *name,
                         const char   *pattern,
                         const char   *file_path,
                         gint64        registered_at)
{
  gsize texts_size = strlen (name) + strlen (pattern) + (file_path != NULL ? strlen (file_path) : 0) + 3;
  BubusHandlerInfo *self = g_malloc (sizeof *self + texts_size);
  char *end = (char *) (self + 1);

  memset (self, 0, sizeof *self);
  self->ref_count = 1;
  self->bus = _bubus_bus_info_ref (bus);
  self->name = bubus_text_append (&end, name);
  self->pattern = bubus_text_append (&end, pattern);
  self->file_path = bubus_text_append (&end, file_path);
  self->registered_at = registered_at;
  return self;
}

static void
bubus_handler_info_set_id (BubusHandlerInfo *self,
                           const BubusUuid  *id)
{
  self->id = *id;
  _bubus_uuid_format (id, self->id_text);
}

BubusHandlerInfo *
_bubus_handler_info_new_with_id (BubusBusInfo    *bus,
                                 const char      *name,
                                 const char      *pattern,
                                 const char      *file_path,
                                 gint64           registered_at,
                                 const BubusUuid *id)
{
  BubusHandlerInfo *self = _bubus_handler_info_new (bus, name, pattern, file_path, registered_at);

  bubus_handler_info_set_id (self, id);
  self->id_once = TRUE;
  return self;
}

void
_bubus_handler_info_free (BubusHandlerInfo *self)
{
  _bubus_bus_info_unref (self->bus);
  g_free (self);
}

static void
bubus_handler_info_ensure_id (BubusHandlerInfo *self)
{
  if (g_once_init_enter (&self->id_once))
    {
      char registered_at[BUBUS_TIME_TEXT_SIZE];
      g_autofree char *key = NULL;
      BubusUuid id;

      _bubus_time_format (self->registered_at, registered_at);
      key = g_strjoin ("|", self->bus->id_text, self->name,
                       self->file_path != NULL ? self->file_path : "unknown",
                       registered_at, self->pattern, NULL);
      _bubus_uuid_init_v5 (&id, &handler_name_space, key);
      bubus_handler_info_set_id (self, &id);
      g_once_init_leave (&self->id_once, TRUE);
    }
}

const BubusUuid *
_bubus_handler_info_get_id (BubusHandlerInfo *self)
{
  bubus_handler_info_ensure_id (self);
  return &self->id;
}

const char *
_bubus_handler_info_get_id_text (BubusHandlerInfo *self)
{
  bubus_handler_info_ensure_id (self);
  return self->id_text;
}
