/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <string.h>

#include "host-fixture.h"

G_BEGIN_DECLS

/* For plugins that take their time, in a time that stands still unless a test moves it. */

#define SECOND (G_GINT64_CONSTANT (1000000000))

/* One that somebody waits for. */
typedef struct
{
  gboolean  done;
  GError   *error;
} Outcome;

void                outcome_clear                 (Outcome *self);
void                life_cycle_activated_cb       (GObject      *source,
                                                   GAsyncResult *result,
                                                   gpointer      user_data);
void                life_cycle_deactivated_cb     (GObject      *source,
                                                   GAsyncResult *result,
                                                   gpointer      user_data);
void                life_cycle_all_deactivated_cb (GObject      *source,
                                                   GAsyncResult *result,
                                                   gpointer      user_data);
void                life_cycle_settle             (void);
void                life_cycle_pass               (gint64 duration);
void                life_cycle_set                (HostFixture *fixture,
                                                   const char  *key,
                                                   gboolean     value);
BubusPluginContext *life_cycle_get_context        (HostFixture *fixture);
void                life_cycle_start              (HostFixture *fixture,
                                                   const char  *name,
                                                   Outcome     *outcome);
void                life_cycle_stop               (HostFixture *fixture,
                                                   const char  *name,
                                                   Outcome     *outcome);
void                life_cycle_add_slow           (HostFixture *fixture);
BubusEvent         *life_cycle_begin_call         (HostFixture *fixture);
BubusInvocation    *life_cycle_steal_call         (HostFixture *fixture);
int                 life_cycle_run                (void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

G_END_DECLS
