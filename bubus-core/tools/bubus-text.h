/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* How text for people is written. */
typedef struct
{
  gboolean utf8;     /* otherwise in ASCII only */
  gboolean colours;
} BubusTextStyle;

typedef enum
{
  BUBUS_TEXT_PLAIN,
  BUBUS_TEXT_STRONG,
  BUBUS_TEXT_FAINT,
  BUBUS_TEXT_BAD,
} BubusTextColour;

void bubus_text_append_safe   (GString              *out,
                               const char           *string);
void bubus_text_append_quoted (GString              *out,
                               const char           *string);
void bubus_text_append_value  (GString              *out,
                               const GValue         *value);
void bubus_text_begin         (GString              *out,
                               const BubusTextStyle *style,
                               BubusTextColour       colour);
void bubus_text_end           (GString              *out,
                               const BubusTextStyle *style);
void bubus_text_append_event  (GString              *out,
                               const BubusTextStyle *style,
                               BubusEvent           *event);
void bubus_text_append_result (GString              *out,
                               const BubusTextStyle *style,
                               BubusEventResult     *result);
void bubus_text_append_line   (GString              *out,
                               const BubusTextStyle *style,
                               BubusEvent           *event);

G_END_DECLS
