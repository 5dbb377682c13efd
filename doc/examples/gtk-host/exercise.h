/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "host-window.h"

G_BEGIN_DECLS

/* Does what a user does, one step after the other, and closes the window: the test of this example. */
void exercise_start (HostWindow  *window,
                     char       **arguments);

G_END_DECLS
