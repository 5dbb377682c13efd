/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdint.h>

#include <glib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

/* For compilers without libFuzzer: the inputs that are there, and everything that they begin with. */
static void
run_file (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &error))
    g_error ("%s", error->message);
  LLVMFuzzerTestOneInput ((const uint8_t *) text, length);
  for (gsize size = 0; size < length; size += 1 + length / 50)
    {
      g_autofree uint8_t *piece = g_memdup2 (text, size);

      LLVMFuzzerTestOneInput (piece, size);
    }
}

static void
run_folder (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      run_file (file);
      n++;
    }
  g_assert_cmpuint (n, >, 0);
}

int
main (int    argc,
      char **argv)
{
  for (int i = 1; i < argc; i++)
    run_folder (argv[i]);
  return 0;
}
