/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* A host with a directory of its own, in which a test puts the plugins it wants. */
typedef struct
{
  char          *directory;
  BubusEventBus *bus;
  BubusHost     *host;
  GString       *log; /* what the recorder plugins write */
} HostFixture;

typedef void (*HostFixtureFunc) (HostFixture   *fixture,
                                 gconstpointer  user_data);

void             host_fixture_set_up          (HostFixture      *self,
                                               gconstpointer     user_data);
void             host_fixture_tear_down       (HostFixture      *self,
                                               gconstpointer     user_data);
void             host_fixture_write           (HostFixture      *self,
                                               const char       *file,
                                               const char       *text,
                                               gssize            length);
void             host_fixture_add_module      (HostFixture      *self,
                                               const char       *module,
                                               const char       *source);
void             host_fixture_copy_module     (HostFixture      *self,
                                               const char       *module,
                                               const char       *source);
void             host_fixture_add_manifest    (HostFixture      *self,
                                               const char       *module,
                                               const char       *lines);
void             host_fixture_add_plugin      (HostFixture      *self,
                                               const char       *module,
                                               const char       *source,
                                               const char       *lines);
void             host_fixture_add_recorder    (HostFixture      *self,
                                               const char       *module,
                                               const char       *depends);
void             host_fixture_scan            (HostFixture      *self);
void             host_fixture_activate        (HostFixture      *self,
                                               const char       *name);
void             host_fixture_deactivate      (HostFixture      *self,
                                               const char       *name);
GError          *host_fixture_fail_activation (HostFixture      *self,
                                               const char       *name,
                                               GQuark            domain,
                                               int               code,
                                               BubusPluginState  state);
void             host_fixture_assert_state    (HostFixture      *self,
                                               const char       *name,
                                               BubusPluginState  state);
void             host_fixture_assert_log      (HostFixture      *self,
                                               const char       *expected);
BubusEvent      *host_fixture_dispatch        (HostFixture      *self,
                                               BubusEvent       *event);
char            *host_fixture_ping            (HostFixture      *self,
                                               const char       *event_type);
guint            host_fixture_count_handlers  (BubusEventBus    *bus);

#define host_fixture_assert_contains(text, part)                                \
  G_STMT_START                                                                  \
    {                                                                           \
      if (strstr ((text), (part)) == NULL)                                      \
        g_error ("%s: “%s” does not contain “%s”", G_STRLOC, (text), (part));   \
    }                                                                           \
  G_STMT_END

#define host_fixture_add_test(path, func)                                                       \
  g_test_add (path, HostFixture, NULL, host_fixture_set_up, func, host_fixture_tear_down)

G_END_DECLS
