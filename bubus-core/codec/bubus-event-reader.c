/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-reader-internal.h"

#include <stdlib.h>

#include "bubus-envelope-reader-internal.h"
#include "bubus-generic-event.h"
#include "bubus-payload-reader-internal.h"

/* No payload has so many members; it bounds what a hostile text can make of 16 MiB. */
#define MAX_MEMBERS 65536

/* Up to here names are compared with each other, above they are sorted first. */
#define FEW_MEMBERS 16

static void
bubus_entry_clear (BubusEntry *self)
{
  g_free (self->owned);
}

static void
bubus_event_reader_init (BubusEventReader *self,
                         const char       *text,
                         gboolean          reset)
{
  *self = (BubusEventReader) { .text = text, .reset = reset };
  self->entries = g_array_sized_new (FALSE, FALSE, sizeof (BubusEntry), FEW_MEMBERS);
  g_array_set_clear_func (self->entries, (GDestroyNotify) bubus_entry_clear);
}

static void
bubus_event_reader_clear (BubusEventReader *self)
{
  g_clear_pointer (&self->entries, g_array_unref);
  g_clear_object (&self->event);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusEventReader, bubus_event_reader_clear)

static gboolean
bubus_event_reader_refuse_twice (BubusEventReader  *self,
                                 const char        *at,
                                 GError           **error)
{
  _bubus_json_set_error (error, BUBUS_ERROR_INVALID_JSON, self->text, at, "a member of this name is there already");
  return FALSE;
}

static gboolean
bubus_event_reader_add_entry (BubusEventReader     *self,
                              const BubusJsonSpan  *name,
                              const BubusJsonSpan  *value,
                              int                  *hint,
                              GError              **error)
{
  BubusEntry entry = { .at = name->start, .value = *value };
  int key;

  entry.name = _bubus_json_span_peek_name (name, &entry.owned, &entry.length);
  key = _bubus_event_key_find (entry.name, entry.length, *hint);
  if (key < 0)
    {
      g_array_append_val (self->entries, entry);
      if (self->entries->len <= MAX_MEMBERS)
        return TRUE;
      _bubus_json_set_error (error, BUBUS_ERROR_INVALID_JSON, self->text, name->start,
                             "the event has more than %d members", MAX_MEMBERS);
      return FALSE;
    }

  g_free (entry.owned);
  *hint = key + 1 < BUBUS_N_EVENT_KEYS ? key + 1 : 0;
  if (self->known[key].start != NULL)
    return bubus_event_reader_refuse_twice (self, name->start, error);
  self->known[key] = *value;
  return TRUE;
}

static gboolean
bubus_event_reader_collect (BubusEventReader  *self,
                            gsize              length,
                            GError           **error)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  int hint = 0;

  _bubus_json_scanner_init (&scanner, self->text, length);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, error))
    return FALSE;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, error))
    if (!bubus_event_reader_add_entry (self, &name, &value, &hint, error))
      return FALSE;
  return _bubus_json_scanner_finish (&scanner, error);
}

static int
bubus_entry_compare (const BubusEntry *a,
                     const BubusEntry *b)
{
  if (a->length != b->length)
    return a->length < b->length ? -1 : 1;
  return memcmp (a->name, b->name, a->length);
}

static int
bubus_entry_compare_pointers (const void *a,
                              const void *b)
{
  return bubus_entry_compare (*(const BubusEntry *const *) a, *(const BubusEntry *const *) b);
}

/* Of two entries with the same name, the one that comes later; or NULL. */
static const BubusEntry *
bubus_event_reader_find_twin_among_few (BubusEventReader *self)
{
  const BubusEntry *entries = (gconstpointer) self->entries->data;

  for (guint i = 1; i < self->entries->len; i++)
    for (guint j = 0; j < i; j++)
      if (bubus_entry_compare (&entries[i], &entries[j]) == 0)
        return &entries[i];
  return NULL;
}

static const BubusEntry *
bubus_event_reader_find_twin_among_many (BubusEventReader *self)
{
  guint n_entries = self->entries->len;
  g_autofree const BubusEntry **sorted = g_new (const BubusEntry *, n_entries);

  for (guint i = 0; i < n_entries; i++)
    sorted[i] = &g_array_index (self->entries, BubusEntry, i);
  qsort (sorted, n_entries, sizeof *sorted, bubus_entry_compare_pointers);

  for (guint i = 1; i < n_entries; i++)
    if (bubus_entry_compare (sorted[i - 1], sorted[i]) == 0)
      return MAX (sorted[i - 1], sorted[i]);
  return NULL;
}

static gboolean
bubus_event_reader_check_unique (BubusEventReader  *self,
                                 GError           **error)
{
  const BubusEntry *twin = self->entries->len <= FEW_MEMBERS ? bubus_event_reader_find_twin_among_few (self)
                                                             : bubus_event_reader_find_twin_among_many (self);

  return twin == NULL || bubus_event_reader_refuse_twice (self, twin->at, error);
}

static gboolean
bubus_event_reader_create (BubusEventReader  *self,
                           GError           **error)
{
  const BubusJsonSpan *span = &self->known[BUBUS_EVENT_KEY_TYPE];
  BubusJsonPlace place = _bubus_event_reader_at (self, BUBUS_EVENT_KEY_TYPE);
  g_autofree char *event_type = NULL;
  GType gtype;

  if (span->start == NULL)
    {
      _bubus_json_set_error (error, BUBUS_ERROR_INVALID_JSON, self->text, self->text, "“event_type” is missing");
      return FALSE;
    }
  event_type = _bubus_json_place_dup_string (&place, span, error);
  if (event_type == NULL)
    return FALSE;
  if (*event_type == '\0')
    {
      _bubus_json_set_error (error, BUBUS_ERROR_INVALID_JSON, self->text, span->start, "“event_type” is empty");
      return FALSE;
    }

  gtype = bubus_event_lookup_type (event_type);
  if (gtype == G_TYPE_INVALID)
    self->event = g_object_new (BUBUS_TYPE_GENERIC_EVENT, NULL);
  else if (!_bubus_event_reader_construct (self, gtype, error))
    return FALSE;
  if (!g_str_equal (event_type, bubus_event_get_event_type (self->event)))
    _bubus_event_set_type_name (self->event, event_type);
  return TRUE;
}

/* What happened to the event comes last: it seals it. */
static gboolean
bubus_event_reader_interpret (BubusEventReader  *self,
                              GError           **error)
{
  return bubus_event_reader_check_unique (self, error) &&
         bubus_event_reader_create (self, error) &&
         _bubus_event_reader_read_identity (self, error) &&
         _bubus_event_reader_read_settings (self, error) &&
         _bubus_event_reader_read_payload (self, error) &&
         (self->reset || _bubus_event_reader_read_life (self, error));
}

BubusEvent *
_bubus_event_read (const char  *text,
                   gsize        length,
                   gboolean     reset,
                   GError     **error)
{
  g_auto (BubusEventReader) reader;

  bubus_event_reader_init (&reader, text, reset);
  if (!bubus_event_reader_collect (&reader, length, error) || !bubus_event_reader_interpret (&reader, error))
    return NULL;
  return g_steal_pointer (&reader.event);
}
