/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "bus/bubus-event-bus.h"
#include "codec/bubus-event-json.h"
#include "journal/bubus-journal.h"

/* A bus with a journal in a folder of its own, with a clock that stands still. */
typedef struct
{
  char          *folder;
  char          *path;
  BubusClock    *clock;
  BubusEventBus *bus;
  BubusJournal  *journal;
  GString       *trace;      /* what failed or was damaged */
} Fixture;

void          fixture_set_up         (Fixture       *fixture,
                                      gconstpointer  data);
void          fixture_tear_down      (Fixture       *fixture,
                                      gconstpointer  data);
void          fixture_use            (Fixture       *fixture,
                                      const char    *first_property,
                                      ...);
void          fixture_forget_journal (Fixture       *fixture);
void          fixture_flush          (Fixture       *fixture);
BubusEvent   *make_event             (const char    *event_type);
void          dispatch_event         (Fixture       *fixture,
                                      const char    *event_type);
void          run_until_idle         (BubusEventBus *bus);
gboolean      never_answer           (BubusEvent       *event,
                                      BubusInvocation  *invocation,
                                      gpointer          data,
                                      GError          **error);
char         *read_text              (const char    *path);
char        **read_lines             (const char    *path);
guint         count_lines            (const char    *path);
BubusEvent   *parse_line             (const char    *line);
void          store_result           (GObject       *object,
                                      GAsyncResult  *result,
                                      gpointer       data);
GAsyncResult *wait_for_result        (GAsyncResult **result);

#define test(path, function, summary) \
  g_test_add ("/journal/" path, Fixture, summary, fixture_set_up, function, fixture_tear_down)
