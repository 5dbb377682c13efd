/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-json-scanner-internal.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

/* For text that has been checked already. Compact: no white space outside of strings. */
BubusJson *_bubus_json_new_trusted   (const char          *text,
                                      gsize                length);
BubusJson *_bubus_json_new_from_span (const BubusJsonSpan *span);

G_END_DECLS
