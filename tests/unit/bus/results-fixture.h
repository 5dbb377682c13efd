/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-results-wait.h"

#define assert_raises(results, function, code)                       \
  G_STMT_START                                                       \
  {                                                                  \
    g_autoptr (GError) raised = NULL;                                \
    g_assert_null (bubus_results_##function (results, &raised));     \
    g_assert_error (raised, BUBUS_ERROR, code);                      \
  }                                                                  \
  G_STMT_END

GValue       *on_value       (BubusEventBus *bus,
                              const char    *name,
                              GType          type);
void          on_string      (BubusEventBus *bus,
                              const char    *name,
                              const char    *string);
void          on_variant     (BubusEventBus *bus,
                              const char    *name,
                              const char    *text);
BubusResults *ask            (BubusEventBus *bus);
void          assert_value   (const GValue  *value,
                              const char    *expected);
void          assert_list    (BubusResults  *results,
                              const char    *expected);
void          assert_variant (GVariant      *variant,
                              const char    *expected);
void          assert_json    (BubusJson     *json,
                              const char    *expected);
