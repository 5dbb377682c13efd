/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-types.h"

G_BEGIN_DECLS

/* Text of an id: 36 characters and the final NUL. */
#define BUBUS_UUID_TEXT_SIZE 37

/* An id is 16 bytes and becomes text only when asked. */
typedef struct
{
  guint8 bytes[16];
} BubusUuid;

void     _bubus_uuid_init_v7      (BubusUuid       *self,
                                   gint64           time_ns);
void     _bubus_uuid_init_v5      (BubusUuid       *self,
                                   const BubusUuid *name_space,
                                   const char      *name);
void     _bubus_uuid_init_derived (BubusUuid       *self,
                                   gint64           time_ns,
                                   const BubusUuid *first,
                                   const BubusUuid *second);
gboolean _bubus_uuid_parse        (BubusUuid       *self,
                                   const char      *text);
void     _bubus_uuid_format       (const BubusUuid *self,
                                   char             text[BUBUS_UUID_TEXT_SIZE]);
gboolean _bubus_uuid_is_nil       (const BubusUuid *self);
guint    _bubus_uuid_hash         (gconstpointer    key);
gboolean _bubus_uuid_equal        (gconstpointer    a,
                                   gconstpointer    b);

G_END_DECLS
