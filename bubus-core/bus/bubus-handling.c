/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handling-internal.h"

#include "bubus-invocation-private.h"

/* Whether a handler is being called in this thread: then what it waits for is handled in place. */
gboolean
_bubus_is_handling (void)
{
  return _bubus_invocation_get_current () != NULL;
}
