/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-json-place-internal.h"

G_BEGIN_DECLS

/* Errors on the wire are {"type","message"}. An error of a domain that this process knows is read as what
 * it was; any other is of this domain, and remembers its type and whatever else was said about it. */
#define BUBUS_RECORDED_ERROR (_bubus_recorded_error_quark ())

GQuark    _bubus_recorded_error_quark  (void);
void      _bubus_recorded_error_append (const GError           *error,
                                        GString                *out);
GError   *_bubus_recorded_error_read   (const BubusJsonPlace   *place,
                                        const BubusJsonSpan    *span,
                                        GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
