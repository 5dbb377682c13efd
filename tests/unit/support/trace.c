/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trace.h"

void
trace_valist (GString    *trace,
              const char *format,
              va_list     args)
{
  if (trace->len > 0)
    g_string_append_c (trace, ' ');
  g_string_append_vprintf (trace, format, args);
}

void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
