/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-error.h"

/**
 * bubus_error_quark:
 *
 * Gives the error domain of libbubus, which programs write as `BUBUS_ERROR`.
 *
 * May be called from any thread.
 *
 * Returns: the quark of the domain
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (bubus-error-quark, bubus_error)
