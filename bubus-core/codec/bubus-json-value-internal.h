/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-json-place-internal.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

/* The one place where values become JSON and JSON becomes values, for properties and for results. */
gboolean  _bubus_json_value_has_form   (GType                  type);
void      _bubus_json_value_append     (const GValue          *value,
                                        GString               *out);
gboolean  _bubus_json_value_read       (const BubusJsonPlace  *place,
                                        const BubusJsonSpan   *span,
                                        const GVariantType    *variant_type,
                                        GValue                *value,
                                        GError               **error);
void      _bubus_json_value_read_plain (const BubusJsonSpan   *span,
                                        GValue                *value);

gboolean  _bubus_variant_is_text       (const GVariantType    *type);
gboolean  _bubus_variant_is_object     (const GVariantType    *type);
void      _bubus_json_append_variant   (GString               *out,
                                        GVariant              *variant);
GVariant *_bubus_json_read_variant     (const BubusJsonPlace  *place,
                                        const BubusJsonSpan   *span,
                                        const GVariantType    *type,
                                        GError               **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
