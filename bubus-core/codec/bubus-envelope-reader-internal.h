/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-members-internal.h"

G_BEGIN_DECLS

/* What every event has. */
gboolean _bubus_event_reader_read_identity (BubusEventReader  *self,
                                            GError           **error);
gboolean _bubus_event_reader_read_settings (BubusEventReader  *self,
                                            GError           **error);
gboolean _bubus_event_reader_read_life     (BubusEventReader  *self,
                                            GError           **error);

G_END_DECLS
