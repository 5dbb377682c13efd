/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Keeps the warnings of libpeas and its loaders, which say there why something failed and nowhere else. */
typedef struct _BubusLogCapture BubusLogCapture;

BubusLogCapture *_bubus_log_capture_begin    (void);
void             _bubus_log_capture_forget   (BubusLogCapture *self);
void             _bubus_log_capture_end      (BubusLogCapture *self);
void             _bubus_log_capture_free     (BubusLogCapture *self);
char            *_bubus_log_capture_dup_text (BubusLogCapture *self);
void             _bubus_log_capture_replay   (BubusLogCapture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusLogCapture, _bubus_log_capture_free)

G_END_DECLS
