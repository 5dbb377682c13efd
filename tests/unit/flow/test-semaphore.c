/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "flow-fixture.h"

typedef struct
{
  Fixture     *fixture;
  const char  *name;
  BubusPermit *permit;
  GError      *error;
  gboolean     done;
} Wish;

static void
acquired_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Wish *wish = user_data;

  g_assert_false (wish->done);
  wish->permit = bubus_semaphore_acquire_finish (BUBUS_SEMAPHORE (source), result, &wish->error);
  wish->done = TRUE;
  if (wish->name != NULL)
    trace (wish->fixture, "%s", wish->name);
}

static void
wish_for (Wish           *wish,
          BubusSemaphore *semaphore,
          GCancellable   *cancellable)
{
  bubus_semaphore_acquire_async (semaphore, NULL, NULL, cancellable, acquired_cb, wish);
}

static void
wish_clear (Wish *wish)
{
  g_clear_object (&wish->permit);
  g_clear_error (&wish->error);
}

static BubusPermit *
try_take (BubusSemaphore *semaphore,
          gpointer        owner)
{
  return bubus_semaphore_try_acquire (semaphore, owner, NULL, NULL);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  BubusSemaphore *semaphore = bubus_semaphore_new ("order", 2, BUBUS_SCOPE_GLOBAL);
  Wish wishes[5];

  for (guint i = 0; i < 5; i++)
    {
      static const char *const names[] = { "a", "b", "c", "d", "e" };

      wishes[i] = (Wish) { fixture, names[i], NULL, NULL, FALSE };
      wish_for (&wishes[i], semaphore, NULL);
    }
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b");

  /* Nobody comes before those who wait. */
  g_assert_null (try_take (semaphore, NULL));
  bubus_permit_release (wishes[1].permit);
  g_assert_null (try_take (semaphore, NULL));
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");
  bubus_permit_release (wishes[1].permit);
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");
  bubus_permit_release (wishes[0].permit);
  g_clear_object (&wishes[2].permit);
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b c d e");

  for (guint i = 0; i < 5; i++)
    wish_clear (&wishes[i]);
  g_assert_finalize_object (semaphore);
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  BubusSemaphore *strict = g_object_new (BUBUS_TYPE_SEMAPHORE, "name", "time", "timeout", 2.0, "lax", FALSE, NULL);
  BubusSemaphore *lax = g_object_new (BUBUS_TYPE_SEMAPHORE, "name", "time", "timeout", 3.0, NULL);
  g_autoptr (BubusPermit) held = try_take (strict, NULL);
  Wish first = { NULL, NULL, NULL, NULL, FALSE }, second = first, third = first;

  wish_for (&first, strict, NULL);
  wish_for (&second, lax, NULL);
  wish_for (&third, strict, NULL);
  advance (fixture, 1.9);
  g_assert_false (first.done);
  advance (fixture, 0.1);
  g_assert_true (first.done);
  g_assert_error (first.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpstr (first.error->message, ==, "Nothing of the semaphore “time” (limit 1) within 2 s");

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*“time”*going on without");
  advance (fixture, 1);
  g_test_assert_expected_messages ();
  g_assert_true (second.done);
  g_assert_no_error (second.error);
  g_assert_false (bubus_permit_is_held (second.permit));
  g_assert_true (bubus_permit_is_held (held));

  /* What was given without a place frees none. */
  bubus_permit_release (second.permit);
  g_assert_null (try_take (strict, NULL));

  wish_clear (&first);
  wish_clear (&second);
  wish_clear (&third);
  g_clear_object (&held);
  g_assert_finalize_object (strict);
  g_assert_finalize_object (lax);
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  BubusSemaphore *semaphore = bubus_semaphore_new ("cancel", 1, BUBUS_SCOPE_GLOBAL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) late = g_cancellable_new ();
  BubusPermit *held = try_take (semaphore, NULL);
  Wish first = { NULL, NULL, NULL, NULL, FALSE }, second = first;

  wish_for (&first, semaphore, cancellable);
  wish_for (&second, semaphore, late);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* Who is cancelled after it has got its place gives it back. */
  g_clear_object (&held);
  g_cancellable_cancel (late);
  settle ();
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  held = try_take (semaphore, NULL);
  g_assert_nonnull (held);

  g_clear_object (&held);
  wish_clear (&first);
  wish_clear (&second);
  g_assert_finalize_object (semaphore);
}

static void
test_scopes (Fixture       *fixture,
             gconstpointer  data)
{
  BubusSemaphore *global = bubus_semaphore_new ("scopes", 1, BUBUS_SCOPE_GLOBAL);
  BubusSemaphore *same = bubus_semaphore_new ("scopes", 7, BUBUS_SCOPE_GLOBAL);
  BubusSemaphore *by_class = bubus_semaphore_new ("scopes", 1, BUBUS_SCOPE_CLASS);
  BubusSemaphore *by_self = bubus_semaphore_new ("scopes", 1, BUBUS_SCOPE_SELF);
  GObject *first = g_object_new (G_TYPE_OBJECT, NULL), *second = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GCancellable) other_class = g_cancellable_new ();
  BubusPermit *permit, *another;

  /* Global: by name, with the limit of the first. */
  permit = try_take (global, first);
  g_assert_nonnull (permit);
  g_assert_null (try_take (same, second));

  /* Class: apart from it, and one place for all objects of the class. */
  another = try_take (by_class, first);
  g_assert_nonnull (another);
  g_assert_null (try_take (by_class, second));
  g_clear_object (&permit);
  permit = try_take (by_class, other_class);
  g_assert_nonnull (permit);
  g_clear_object (&another);
  g_clear_object (&permit);

  /* Self: every object has its own place, also after it was freed and another lies where it was. */
  permit = try_take (by_self, first);
  another = try_take (by_self, second);
  g_assert_nonnull (permit);
  g_assert_nonnull (another);
  g_assert_null (try_take (by_self, first));
  g_assert_finalize_object (first);
  for (int i = 0; i < 50; i++)
    {
      GObject *newer = g_object_new (G_TYPE_OBJECT, NULL);
      g_autoptr (BubusPermit) own = try_take (by_self, newer);

      g_assert_nonnull (own);
      g_object_unref (newer);
    }
  g_clear_object (&permit);
  g_clear_object (&another);

  /* Without an owner, as global. */
  permit = try_take (by_self, NULL);
  g_assert_nonnull (permit);
  g_assert_null (try_take (global, NULL));
  g_clear_object (&permit);

  g_object_unref (second);
  g_assert_finalize_object (global);
  g_assert_finalize_object (same);
  g_assert_finalize_object (by_class);
  g_assert_finalize_object (by_self);
}

static void
test_reentrant (Fixture       *fixture,
                gconstpointer  data)
{
  BubusSemaphore *one = bubus_semaphore_new ("one", 1, BUBUS_SCOPE_GLOBAL);
  BubusSemaphore *two = bubus_semaphore_new ("two", 1, BUBUS_SCOPE_GLOBAL);
  BubusPermit *outer = try_take (one, NULL);
  BubusPermit *middle = bubus_semaphore_try_acquire (two, NULL, outer, NULL);
  BubusPermit *inner = bubus_semaphore_try_acquire (one, NULL, middle, NULL);

  g_assert_nonnull (inner);
  g_assert_true (bubus_permit_is_held (inner));

  /* The place is free when all of the chain have given it back. */
  bubus_permit_release (outer);
  g_assert_null (try_take (one, NULL));
  bubus_permit_release (inner);
  g_clear_object (&outer);
  outer = try_take (one, NULL);
  g_assert_nonnull (outer);

  g_clear_object (&inner);
  g_clear_object (&middle);
  g_clear_object (&outer);
  g_assert_finalize_object (one);
  g_assert_finalize_object (two);
}

static void
test_bulkhead (Fixture       *fixture,
               gconstpointer  data)
{
  BubusSemaphore *semaphore = g_object_new (BUBUS_TYPE_SEMAPHORE, "name", "bulkhead", "limit", 2, "max-waiting", 1,
                                            NULL);

  fixture->keep = TRUE;
  for (guint i = 0; i < 3; i++)
    run (fixture, semaphore, NULL);
  g_assert_cmpuint (fixture->attempts->len, ==, 2);
  g_assert_false (fixture->done);

  run (fixture, semaphore, NULL);
  g_assert_true (fixture->done);
  g_assert_error (fixture->error, BUBUS_ERROR, BUBUS_ERROR_FULL);

  /* Each answer makes room for one more. */
  for (guint i = 0; i < 3; i++)
    {
      fixture->done = FALSE;
      g_clear_error (&fixture->error);
      if (G_IS_VALUE (&fixture->value))
        g_value_unset (&fixture->value);
      answer (fixture, i, "done");
      settle ();
      g_assert_true (fixture->done);
      g_assert_cmpuint (fixture->attempts->len, ==, 3);
    }
  g_assert_finalize_object (semaphore);
}

static gpointer
take_and_give_back (gpointer data)
{
  for (int i = 0; i < 2000; i++)
    {
      g_autoptr (BubusPermit) permit = try_take (data, NULL);
    }
  return NULL;
}

static void
test_threads (Fixture       *fixture,
              gconstpointer  data)
{
  BubusSemaphore *semaphore = bubus_semaphore_new ("threads", 1, BUBUS_SCOPE_GLOBAL);
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("take", take_and_give_back, semaphore);
  for (guint i = 0; i < 500; i++)
    {
      Wish wish = { NULL, NULL, NULL, NULL, FALSE };

      wish_for (&wish, semaphore, NULL);
      while (!wish.done)
        g_main_context_iteration (NULL, TRUE);
      g_assert_no_error (wish.error);
      wish_clear (&wish);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_finalize_object (semaphore);
}

/* ---- processes ---- */

static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("bubus-semaphores-XXXXXX", &error);

  g_assert_no_error (error);
  g_setenv ("BUBUS_SEMAPHORE_DIR", folder, TRUE);
  return folder;
}

static char *
lock_path (const char *folder,
           const char *name,
           guint       place)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  g_autofree char *file = g_strdup_printf ("%.40s.%02u.lock", digest, place);

  return g_build_filename (folder, file, NULL);
}

static void
remove_folder (char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
  g_unsetenv ("BUBUS_SEMAPHORE_DIR");
  g_free (folder);
}

/* A process that knows nothing of this library takes a lock, and holds it until it is killed. */
static pid_t
hold_in_child (const char *path)
{
  int ready[2];
  pid_t child;
  char byte;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      int fd = open (path, O_RDWR | O_CREAT, 0600);

      if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0 && write (ready[1], "x", 1) == 1)
        pause ();
      _exit (1);
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return child;
}

static void
kill_child (pid_t child)
{
  int status;

  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
}

static void
test_process_dies (Fixture       *fixture,
                   gconstpointer  data)
{
  char *folder = make_folder ();
  BubusSemaphore *semaphore = bubus_semaphore_new ("process", 2, BUBUS_SCOPE_MULTIPROCESS);
  g_autofree char *path = lock_path (folder, "process", 1);
  pid_t child = hold_in_child (path);
  BubusPermit *permit = try_take (semaphore, NULL);
  Wish first = { fixture, "first", NULL, NULL, FALSE }, second = { fixture, "second", NULL, NULL, FALSE };

  g_assert_nonnull (permit);
  g_assert_null (try_take (semaphore, NULL));
  wish_for (&first, semaphore, NULL);
  wish_for (&second, semaphore, NULL);
  settle ();
  g_assert_false (first.done);

  kill_child (child);
  while (!first.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (first.error);
  settle ();
  g_assert_false (second.done);

  g_clear_object (&permit);
  while (!second.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (second.error);
  g_assert_cmpstr (fixture->trace->str, ==, "first second");

  wish_clear (&first);
  wish_clear (&second);
  g_assert_finalize_object (semaphore);
  remove_folder (folder);
}

static void
test_process_wait_ends (Fixture       *fixture,
                        gconstpointer  data)
{
  char *folder = make_folder ();
  BubusSemaphore *semaphore = g_object_new (BUBUS_TYPE_SEMAPHORE, "name", "ends", "scope", BUBUS_SCOPE_MULTIPROCESS,
                                            "lax", FALSE, "timeout", 5.0, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BubusPermit *permit = try_take (semaphore, NULL);
  Wish first = { NULL, NULL, NULL, NULL, FALSE }, second = first, third = first;

  wish_for (&first, semaphore, cancellable);
  wish_for (&second, semaphore, NULL);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (first.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (second.done);

  advance (fixture, 5);
  g_assert_error (second.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);

  wish_for (&third, semaphore, NULL);
  g_clear_object (&permit);
  while (!third.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (third.error);

  wish_clear (&first);
  wish_clear (&second);
  wish_clear (&third);
  g_assert_finalize_object (semaphore);
  remove_folder (folder);
}

static void
test_process_files (Fixture       *fixture,
                    gconstpointer  data)
{
  char *folder = make_folder ();
  BubusSemaphore *semaphore = bubus_semaphore_new ("files", 1, BUBUS_SCOPE_MULTIPROCESS);
  g_autofree char *path = lock_path (folder, "files", 0);
  BubusSemaphore *local;
  BubusPermit *permit, *another;
  struct stat info;

  g_assert_cmpint (g_rmdir (folder), ==, 0);
  permit = try_take (semaphore, NULL);
  g_assert_nonnull (permit);
  g_assert_cmpint (stat (folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  /* What is limited in this process only has nothing to do with it. */
  local = bubus_semaphore_new ("files", 1, BUBUS_SCOPE_GLOBAL);
  another = try_take (local, NULL);
  g_assert_nonnull (another);
  g_clear_object (&another);
  g_assert_finalize_object (local);

  /* The file stays, and so it is with one of another life (a lock is no file). */
  g_clear_object (&permit);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  permit = try_take (semaphore, NULL);
  g_assert_nonnull (permit);

  /* A file that disappears is made anew. */
  g_clear_object (&permit);
  g_assert_cmpint (g_remove (path), ==, 0);
  permit = try_take (semaphore, NULL);
  g_assert_nonnull (permit);
  g_clear_object (&permit);

  g_assert_finalize_object (semaphore);
  remove_folder (folder);
}

static void
test_process_hostile (Fixture       *fixture,
                      gconstpointer  data)
{
  char *folder = make_folder ();
  BubusSemaphore *semaphore = bubus_semaphore_new ("hostile", 1, BUBUS_SCOPE_MULTIPROCESS);
  g_autofree char *path = lock_path (folder, "hostile", 0);
  g_autofree char *victim = g_build_filename (folder, "victim", NULL);
  g_autofree char *link_path = g_strconcat (folder, "-link", NULL);
  g_autoptr (GError) error = NULL;

  /* A link in the place of a file is not followed. */
  g_assert_cmpint (symlink (victim, path), ==, 0);
  g_assert_null (bubus_semaphore_try_acquire (semaphore, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS);
  g_assert_false (g_file_test (victim, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  g_assert_cmpint (g_remove (path), ==, 0);

  /* A folder that others can write is refused. */
  g_assert_cmpint (g_chmod (folder, 0770), ==, 0);
  g_assert_null (bubus_semaphore_try_acquire (semaphore, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_clear_error (&error);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);

  /* So is a link in the place of the folder. */
  g_assert_cmpint (symlink (folder, link_path), ==, 0);
  g_setenv ("BUBUS_SEMAPHORE_DIR", link_path, TRUE);
  g_assert_null (bubus_semaphore_try_acquire (semaphore, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (g_remove (link_path), ==, 0);

  g_assert_finalize_object (semaphore);
  remove_folder (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/flow/semaphore/order", test_order, "R-22: places are given in the order in which they were asked for");
  test ("/flow/semaphore/timeout", test_timeout, "B-9.9: lax goes on without, strict fails");
  test ("/flow/semaphore/cancel", test_cancel, "B-17.10: a cancelled wait leaves nothing behind");
  test ("/flow/semaphore/scopes", test_scopes, "B-9.7: what the scopes count by");
  test ("/flow/semaphore/reentrant", test_reentrant, "B-9.10: a chain of calls needs one place only");
  test ("/flow/semaphore/bulkhead", test_bulkhead, "A limited number may wait");
  test ("/flow/semaphore/threads", test_threads, "B-9.11, B-13.10: a semaphore belongs to no main loop");
  test ("/flow/semaphore/process-dies", test_process_dies, "R-22, B-9.14: a place dies with its holder");
  test ("/flow/semaphore/process-wait-ends", test_process_wait_ends, "A wait for another process can be given up");
  test ("/flow/semaphore/process-files", test_process_files, "B-9.13: files of the user alone, that may disappear");
  test ("/flow/semaphore/process-hostile", test_process_hostile, "Links and folders of others are refused");

  return g_test_run ();
}
