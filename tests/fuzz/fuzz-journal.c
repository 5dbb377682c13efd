/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bubus-error.h"
#include "codec/bubus-event-json.h"
#include "journal/bubus-journal-line-private.h"
#include "journal/bubus-journal-reader.h"

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

static char *path;

static void
remove_file (void)
{
  unlink (path);
}

static void
write_file (const uint8_t *data,
            size_t         size)
{
  int fd = path != NULL ? open (path, O_WRONLY | O_TRUNC | O_CLOEXEC)
                        : g_file_open_tmp ("bubus-fuzz-XXXXXX", &path, NULL);

  if (fd < 0 || write (fd, data, size) != (ssize_t) size || close (fd) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
}

/* What is an event is one as well when it is written again. */
static void
check_event (BubusEvent *event)
{
  g_autofree char *json = bubus_event_to_json (event);
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) again = bubus_event_new_from_json (json, -1, BUBUS_JSON_NONE, &error);

  if (again == NULL)
    g_error ("%s: %s", error->message, json);
}

/* Every line is an event or an error, and there is an end. */
static void
read_events (size_t size)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournalReader) reader = bubus_journal_reader_new (file);

  for (size_t i = 0; i <= size; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (BubusEvent) event = bubus_journal_reader_next (reader, &error);

      if (event == NULL && error == NULL)
        return;
      if (event != NULL)
        check_event (event);
      else if (!g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON))
        g_error ("another error: %s", error->message);
    }
  g_error ("there is no end");
}

static void
parse_lines (void)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (path);
  BubusJournalLine line;

  while (_bubus_journal_lines_next (lines, &line, NULL) == BUBUS_JOURNAL_LINES_LINE)
    {
      BubusJournalEntry entry;

      if (_bubus_journal_line_check (&line, NULL))
        (void) _bubus_journal_line_parse (&line, &entry, NULL);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  if (path == NULL)
    atexit (remove_file);
  write_file (data, size);
  read_events (size);
  parse_lines ();
  return 0;
}
