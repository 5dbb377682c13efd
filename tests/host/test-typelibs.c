/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <girepository.h>

#include "host/bubus-plugin-loader-private.h"

/* Where interpreters look for typelibs. This has the part of the host that knows in itself. */

static void
test_typelibs_elsewhere (void)
{
  const guint n_before = g_slist_length (g_irepository_get_search_path ());

  g_test_summary ("Typelibs are found where Bubus is installed, unless the environment says where they are");

  g_setenv ("GI_TYPELIB_PATH", "/nowhere", TRUE);
  _bubus_plugin_loader_find_typelibs ();
  g_assert_cmpuint (g_slist_length (g_irepository_get_search_path ()), ==, n_before);
  g_unsetenv ("GI_TYPELIB_PATH");
  _bubus_plugin_loader_find_typelibs ();
  g_assert_cmpuint (g_slist_length (g_irepository_get_search_path ()), ==, n_before + 1);
  g_assert_cmpstr (g_irepository_get_search_path ()->data, ==, TYPELIB_DIR);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_irepository_get_default (); /* the first one decides where to look */

  g_test_add_func ("/host/typelibs/elsewhere", test_typelibs_elsewhere);

  return g_test_run ();
}
