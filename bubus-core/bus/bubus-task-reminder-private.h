/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"

G_BEGIN_DECLS

typedef void (*BubusTaskFunc) (GTask *task);

void _bubus_task_remind_after          (GTask         *task,
                                        BubusClock    *clock,
                                        double         seconds,
                                        GMainContext  *context,
                                        BubusTaskFunc  func);
void _bubus_task_remind_when_cancelled (GTask         *task,
                                        BubusTaskFunc  func);

G_END_DECLS
