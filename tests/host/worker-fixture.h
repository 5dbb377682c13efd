/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "host-fixture.h"

G_BEGIN_DECLS

/* For plugins that work in a process of their own. */

#define SECOND (G_GINT64_CONSTANT (1000000000))
#define ISOLATED "X-Bubus-Isolation=process\n"

typedef gboolean (*WorkerFinish) (BubusHost     *host,
                                  GAsyncResult  *result,
                                  GError       **error);

/* A host whose clock stands still unless a test moves it. */
typedef struct
{
  HostFixture  host;
  BubusClock  *clock;
} TimedHost;

void          worker_cb             (GObject      *source,
                                     GAsyncResult *result,
                                     gpointer      user_data);
gboolean      worker_finish         (HostFixture   *fixture,
                                     GAsyncResult **result,
                                     WorkerFinish   finish,
                                     GError       **error);
gboolean      worker_try            (HostFixture  *fixture,
                                     const char   *name,
                                     GError      **error);
void          worker_activate       (HostFixture *fixture,
                                     const char  *name);
void          worker_deactivate     (HostFixture *fixture,
                                     const char  *name);
guint         worker_get_pid        (HostFixture *fixture,
                                     const char  *name);
void          worker_assert_gone    (guint pid);
void          worker_start          (HostFixture *fixture,
                                     const char  *name,
                                     const char  *source);
BubusEvent   *worker_send           (HostFixture *fixture,
                                     const char  *type);
void          worker_await          (BubusEvent *event);
const GError *worker_get_error      (BubusEvent *event);
const GValue *worker_get_value      (BubusEvent *event);
void          worker_assert_answer  (HostFixture *fixture,
                                     const char  *type,
                                     const char  *expected);
void          worker_assert_crash   (HostFixture *fixture,
                                     const char  *type,
                                     const char  *reason);
void          worker_expect_restart (void);
void          worker_add_host_answer (HostFixture *fixture);
void          timed_host_set_up     (TimedHost     *self,
                                     gconstpointer  user_data);
void          timed_host_tear_down  (TimedHost     *self,
                                     gconstpointer  user_data);

#define timed_host_add_test(path, func)                                                             \
  g_test_add (path, TimedHost, NULL, timed_host_set_up, func, timed_host_tear_down)

G_END_DECLS
