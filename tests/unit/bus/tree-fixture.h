/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus-fixture.h"

#include "bus/bubus-event-bus-tree.h"

#define RULE "================================================================================\n"
#define AT "[22:13:20.000"
#define DONE AT " (0.000000s)]"

char     *without_ids       (char             *text);
void      assert_event_tree (BubusEvent       *event,
                             const char       *expected);
gboolean  answer            (BubusEvent       *event,
                             BubusInvocation  *invocation,
                             gpointer          data,
                             GError          **error);
gboolean  fail              (BubusEvent       *event,
                             BubusInvocation  *invocation,
                             gpointer          data,
                             GError          **error);
