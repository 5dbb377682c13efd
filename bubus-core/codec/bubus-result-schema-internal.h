/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-json-scanner-internal.h"
#include "event/bubus-event-type-internal.h"

G_BEGIN_DECLS

#define BUBUS_SCHEMA_DIALECT "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\""

void        _bubus_schema_append_variant_type (GString              *out,
                                               const GVariantType   *type);
void        _bubus_schema_append_nicks        (GString              *out,
                                               GType                 type);
void        _bubus_result_schema_append       (GString              *out,
                                               const BubusEventType *type);
GType       _bubus_result_schema_parse        (const BubusJsonSpan  *span);
const char *_bubus_result_schema_from_python  (const char           *text);

G_END_DECLS
