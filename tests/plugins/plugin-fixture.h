/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* A host that finds the plugins that are shipped, whose clock stands still, and a directory for files. */
typedef struct
{
  char          *directory;
  BubusClock    *clock;
  BubusEventBus *bus;
  BubusHost     *host;
} PluginFixture;

void        plugin_fixture_set_up          (PluginFixture *self,
                                            gconstpointer  user_data);
void        plugin_fixture_tear_down       (PluginFixture *self,
                                            gconstpointer  user_data);
char       *plugin_fixture_get_path        (PluginFixture *self,
                                            const char    *name);
char       *plugin_fixture_read            (PluginFixture *self,
                                            const char    *name);
void        plugin_fixture_activate        (PluginFixture *self,
                                            const char    *name);
void        plugin_fixture_fail_activation (PluginFixture *self,
                                            const char    *name,
                                            const char    *part);
void        plugin_fixture_deactivate      (PluginFixture *self,
                                            const char    *name);
BubusEvent *plugin_fixture_dispatch        (PluginFixture *self,
                                            const char    *json);
BubusEvent *plugin_fixture_run             (PluginFixture *self,
                                            const char    *json);

#define plugin_fixture_wait_for(condition)          \
  G_STMT_START                                      \
    {                                               \
      while (!(condition))                          \
        g_main_context_iteration (NULL, TRUE);      \
    }                                               \
  G_STMT_END

#define plugin_fixture_assert_contains(text, part)                              \
  G_STMT_START                                                                  \
    {                                                                           \
      if (strstr ((text), (part)) == NULL)                                      \
        g_error ("%s: “%s” does not contain “%s”", G_STRLOC, (text), (part));   \
    }                                                                           \
  G_STMT_END

#define plugin_fixture_add_test(path, func)                                                           \
  g_test_add (path, PluginFixture, NULL, plugin_fixture_set_up, func, plugin_fixture_tear_down)

G_END_DECLS
