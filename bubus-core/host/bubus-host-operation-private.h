/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host-private.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_HOST_ACTIVATE,
  BUBUS_HOST_DEACTIVATE,
  BUBUS_HOST_DEACTIVATE_ALL,
} BubusHostGoal;

gboolean _bubus_host_do_now   (BubusHost      *self,
                               BubusHostGoal   goal,
                               const char     *name,
                               GError        **error);
void     _bubus_host_do_later (BubusHost      *self,
                               BubusHostGoal   goal,
                               const char     *name,
                               GTask          *task);

G_END_DECLS
