/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define EXEC_ERROR (exec_error_quark ())

typedef enum
{
  EXEC_ERROR_NOT_STARTED,
  EXEC_ERROR_STATUS,      /* it ended with a status other than 0, or was killed by somebody */
  EXEC_ERROR_OUTPUT,      /* it wrote what is no JSON */
  EXEC_ERROR_LIMIT,       /* it took too long or wrote too much, or too many events were waiting */
  EXEC_ERROR_CANCELLED,
} ExecError;

GQuark exec_error_quark (void);

G_END_DECLS
