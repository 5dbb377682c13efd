/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-members-internal.h"

G_BEGIN_DECLS

/* What the class of an event has. */
gboolean _bubus_event_reader_construct    (BubusEventReader  *self,
                                           GType              gtype,
                                           GError           **error);
gboolean _bubus_event_reader_read_payload (BubusEventReader  *self,
                                           GError           **error);

G_END_DECLS
