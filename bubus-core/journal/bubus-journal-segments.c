/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-segments-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#define BUBUS_SEGMENT_SUFFIX ".gz"
#define BUBUS_SEGMENT_DIGITS 6

/* Behind that, of a file that is just being compressed. */
#define BUBUS_TEMPORARY_SUFFIX ".new"

static void
bubus_segment_free (BubusSegment *self)
{
  g_free (self->path);
  g_free (self);
}

/* The number in “NAME.000001” or “NAME.000001.gz”; 0 when @name is something else. */
static guint
bubus_segment_parse (const char *name,
                     const char *base,
                     gboolean   *compressed)
{
  gsize length = strlen (base);
  char *end;
  guint64 number;

  if (strncmp (name, base, length) != 0 || name[length] != '.' || !g_ascii_isdigit (name[length + 1]))
    return 0;

  number = g_ascii_strtoull (name + length + 1, &end, 10);
  *compressed = g_str_equal (end, BUBUS_SEGMENT_SUFFIX);
  if (end - (name + length + 1) < BUBUS_SEGMENT_DIGITS || number > G_MAXUINT || (*end != '\0' && !*compressed))
    return 0;
  return number;
}

static BubusSegment *
bubus_segment_new (const char *directory,
                   const char *name,
                   guint       number,
                   gboolean    compressed)
{
  BubusSegment *self = g_new0 (BubusSegment, 1);

  self->number = number;
  self->compressed = compressed;
  self->path = g_build_filename (directory, name, NULL);
  return self;
}

/* Oldest first; of two with one number, the one that is not compressed first. */
static int
bubus_segment_compare (gconstpointer a,
                       gconstpointer b)
{
  const BubusSegment *first = *(BubusSegment *const *) a;
  const BubusSegment *second = *(BubusSegment *const *) b;

  if (first->number != second->number)
    return first->number < second->number ? -1 : 1;
  return (int) first->compressed - (int) second->compressed;
}

/* A segment that is just being compressed is there twice. */
static void
bubus_segments_drop_doubles (GPtrArray *segments)
{
  for (guint i = segments->len; i > 1; i--)
    {
      const BubusSegment *here = segments->pdata[i - 1];
      const BubusSegment *before = segments->pdata[i - 2];

      if (here->number == before->number)
        g_ptr_array_remove_index (segments, i - 1);
    }
}

/* What has been put aside of the journal at @path, oldest first. */
GPtrArray *
_bubus_segments_list (const char *path)
{
  GPtrArray *segments = g_ptr_array_new_with_free_func ((GDestroyNotify) bubus_segment_free);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GDir) folder = g_dir_open (directory, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      gboolean compressed;
      guint number = bubus_segment_parse (name, base, &compressed);

      if (number > 0)
        g_ptr_array_add (segments, bubus_segment_new (directory, name, number, compressed));
    }
  g_ptr_array_sort (segments, bubus_segment_compare);
  bubus_segments_drop_doubles (segments);
  return segments;
}

/* The number of the newest, or 0. */
guint
_bubus_segments_get_last (const char *path)
{
  g_autoptr (GPtrArray) segments = _bubus_segments_list (path);

  return segments->len > 0 ? ((BubusSegment *) segments->pdata[segments->len - 1])->number : 0;
}

/* Puts the file aside, whose lock is held, and locks a new one in its place. Gives the number it got, or 0. */
guint
_bubus_segments_rotate (BubusJournalFile  *file,
                        GError           **error)
{
  guint number = _bubus_segments_get_last (file->path) + 1;
  g_autofree char *target = g_strdup_printf ("%s.%0*u", file->path, BUBUS_SEGMENT_DIGITS, number);

  if (!_bubus_journal_file_sync (file, error))
    return 0;
  if (g_rename (file->path, target) != 0)
    {
      _bubus_journal_file_set_error (file, "put aside", errno, error);
      return 0;
    }
  _bubus_journal_file_unlock (file);
  _bubus_journal_file_close (file);
  return _bubus_journal_file_lock (file, error) ? number : 0;
}

guint64
_bubus_segment_get_size (const BubusSegment *self)
{
  GStatBuf status;

  return g_stat (self->path, &status) == 0 ? status.st_size : 0;
}

/* Removes the oldest until all that has been put aside is no larger than @max_total; those from @keep_from on stay. */
void
_bubus_segments_prune (const char *path,
                       guint64     max_total,
                       guint       keep_from)
{
  g_autoptr (GPtrArray) segments = _bubus_segments_list (path);
  guint64 total = 0;

  for (guint i = 0; i < segments->len; i++)
    total += _bubus_segment_get_size (segments->pdata[i]);

  for (guint i = 0; i < segments->len && total > max_total; i++)
    {
      const BubusSegment *segment = segments->pdata[i];
      guint64 size = _bubus_segment_get_size (segment);

      if (segment->number >= keep_from || g_unlink (segment->path) != 0)
        return;
      total -= size;
    }
}

/* ---- compressing ---- */

/* Whoever compresses has a lock on the temporary file, which dies with the process: so others know whether it is still
 * wanted. */
static gboolean
bubus_temporary_lock (int         fd,
                      const char *path)
{
  GStatBuf here, there;

  return flock (fd, LOCK_EX | LOCK_NB) == 0 && fstat (fd, &here) == 0 && g_stat (path, &there) == 0
         && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* Removes one that a process has left which died. */
static gboolean
bubus_temporary_sweep (const char *path)
{
  int fd = g_open (path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0);
  gboolean swept;

  if (fd < 0)
    return FALSE;
  swept = bubus_temporary_lock (fd, path) && g_unlink (path) == 0;
  close (fd);
  return swept;
}

/* -1 when somebody else has it. */
static int
bubus_temporary_create (const char  *path,
                        GError     **error)
{
  int fd;

  bubus_temporary_sweep (path);
  fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
  if (fd >= 0 && bubus_temporary_lock (fd, path))
    return fd;

  if (fd >= 0)
    {
      close (fd);
      errno = EBUSY;
    }
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  return -1;
}

static gboolean
bubus_segment_compress_to (GFile   *source,
                           GFile   *target,
                           GError **error)
{
  g_autoptr (GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  g_autoptr (GFileInputStream) input = g_file_read (source, NULL, error);
  g_autoptr (GFileOutputStream) file = NULL;
  g_autoptr (GOutputStream) output = NULL;

  if (input == NULL)
    return FALSE;
  file = g_file_append_to (target, G_FILE_CREATE_PRIVATE, NULL, error);
  if (file == NULL)
    return FALSE;

  output = g_converter_output_stream_new (G_OUTPUT_STREAM (file), compressor);
  return g_output_stream_splice (output, G_INPUT_STREAM (input),
                                 G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                                 error) >= 0;
}

static gboolean
bubus_segment_sync (const char  *path,
                    GError     **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && _bubus_file_calls.sync (fd) == 0;

  if (!synced)
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return synced;
}

/* As readable as it was, and never both gone: not after a power failure either. */
static void
bubus_segment_put_in_place (const char *path,
                            const char *temporary_path)
{
  g_autofree char *target_path = g_strconcat (path, BUBUS_SEGMENT_SUFFIX, NULL);
  GStatBuf status;

  if (g_stat (path, &status) == 0)
    g_chmod (temporary_path, status.st_mode & 0777);
  if (g_rename (temporary_path, target_path) == 0)
    {
      _bubus_journal_file_sync_directory (path);
      g_unlink (path);
    }
}

/* The segment stays as it is when it cannot be compressed. */
void
_bubus_segment_compress (const char *path)
{
  g_autofree char *temporary_path = g_strconcat (path, BUBUS_SEGMENT_SUFFIX BUBUS_TEMPORARY_SUFFIX, NULL);
  g_autoptr (GFile) source = g_file_new_for_path (path);
  g_autoptr (GFile) temporary = g_file_new_for_path (temporary_path);
  g_autoptr (GError) error = NULL;
  int fd = bubus_temporary_create (temporary_path, &error);

  if (fd >= 0 && bubus_segment_compress_to (source, temporary, &error) && bubus_segment_sync (temporary_path, &error))
    bubus_segment_put_in_place (path, temporary_path);
  else
    g_message ("the journal “%s” cannot be compressed: %s", path, error->message);

  if (fd >= 0)
    {
      if (error != NULL)
        g_unlink (temporary_path);
      close (fd);
    }
}

/* The segment that was being compressed into the file of that name, or NULL when it is no such file. */
static char *
bubus_temporary_get_segment (const char *name,
                             const char *directory,
                             const char *base)
{
  g_autofree char *segment = NULL;
  gboolean compressed;

  if (!g_str_has_suffix (name, BUBUS_SEGMENT_SUFFIX BUBUS_TEMPORARY_SUFFIX))
    return NULL;
  segment = g_strndup (name, strlen (name) - strlen (BUBUS_SEGMENT_SUFFIX BUBUS_TEMPORARY_SUFFIX));
  if (bubus_segment_parse (segment, base, &compressed) == 0 || compressed)
    return NULL;
  return g_build_filename (directory, segment, NULL);
}

static void
bubus_segment_take_over (const char *path)
{
  g_autofree char *temporary_path = g_strconcat (path, BUBUS_SEGMENT_SUFFIX BUBUS_TEMPORARY_SUFFIX, NULL);

  if (bubus_temporary_sweep (temporary_path) && g_file_test (path, G_FILE_TEST_EXISTS))
    _bubus_segment_compress (path);
}

/* Compresses what a process was compressing when it died, also where others share the journal. What there was of it
 * goes in any case. */
void
_bubus_segments_take_over (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autoptr (GDir) folder = g_dir_open (directory, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *segment = bubus_temporary_get_segment (name, directory, base);

      if (segment != NULL)
        bubus_segment_take_over (segment);
    }
}
