/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "base/bubus-version.h"

static void
test_version_text (void)
{
  g_autofree char *text = NULL;

  g_test_summary ("The numbers and the text of the version are those of the project");

  text = g_strdup_printf ("%d.%d.%d", BUBUS_MAJOR_VERSION, BUBUS_MINOR_VERSION, BUBUS_MICRO_VERSION);
  g_assert_cmpstr (text, ==, BUBUS_VERSION_S);
  g_assert_cmpstr (text, ==, PACKAGE_VERSION);
}

static void
test_version_compare (void)
{
  g_test_summary ("Versions compare by major, then minor, then micro number");

  g_assert_cmpint (BUBUS_ENCODE_VERSION (1, 0, 0), <, BUBUS_ENCODE_VERSION (1, 0, 1));
  g_assert_cmpint (BUBUS_ENCODE_VERSION (1, 0, 255), <, BUBUS_ENCODE_VERSION (1, 1, 0));
  g_assert_cmpint (BUBUS_ENCODE_VERSION (1, 255, 255), <, BUBUS_ENCODE_VERSION (2, 0, 0));

  g_assert_true (BUBUS_CHECK_VERSION (BUBUS_MAJOR_VERSION, BUBUS_MINOR_VERSION, BUBUS_MICRO_VERSION));
  g_assert_true (BUBUS_CHECK_VERSION (1, 0, 0));
  g_assert_false (BUBUS_CHECK_VERSION (BUBUS_MAJOR_VERSION, BUBUS_MINOR_VERSION, BUBUS_MICRO_VERSION + 1));
  g_assert_false (BUBUS_CHECK_VERSION (BUBUS_MAJOR_VERSION, BUBUS_MINOR_VERSION + 1, 0));
  g_assert_false (BUBUS_CHECK_VERSION (BUBUS_MAJOR_VERSION + 1, 0, 0));
}

static void
test_version_bounds (void)
{
  g_test_summary ("Unless it says otherwise, a program needs and may use the current version");

  g_assert_cmpint (BUBUS_VERSION_CUR_STABLE, ==,
                   BUBUS_ENCODE_VERSION (BUBUS_MAJOR_VERSION, BUBUS_MINOR_VERSION, 0));
  g_assert_cmpint (BUBUS_VERSION_MIN_REQUIRED, ==, BUBUS_VERSION_CUR_STABLE);
  g_assert_cmpint (BUBUS_VERSION_MAX_ALLOWED, ==, BUBUS_VERSION_CUR_STABLE);
  g_assert_cmpint (BUBUS_VERSION_1_0, ==, BUBUS_ENCODE_VERSION (1, 0, 0));
}

static void
test_version_error_domain (void)
{
  g_test_summary ("The error domain has the name that bindings look for");

  g_assert_cmpstr (g_quark_to_string (BUBUS_ERROR), ==, "bubus-error-quark");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/version/text", test_version_text);
  g_test_add_func ("/base/version/compare", test_version_compare);
  g_test_add_func ("/base/version/bounds", test_version_bounds);
  g_test_add_func ("/base/version/error-domain", test_version_error_domain);

  return g_test_run ();
}
