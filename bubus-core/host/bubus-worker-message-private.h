/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-json-scanner-internal.h"

G_BEGIN_DECLS

/* The members of a message, in the order of their names in bubus-worker-message.c. */
typedef enum
{
  BUBUS_WORKER_KEY_OP,
  BUBUS_WORKER_KEY_CALL,
  BUBUS_WORKER_KEY_CHILD,
  BUBUS_WORKER_KEY_HANDLER,
  BUBUS_WORKER_KEY_BUS,
  BUBUS_WORKER_KEY_TARGET,
  BUBUS_WORKER_KEY_EVENT,
  BUBUS_WORKER_KEY_PATTERN,
  BUBUS_WORKER_KEY_TYPED,
  BUBUS_WORKER_KEY_NAME,
  BUBUS_WORKER_KEY_PRIORITY,
  BUBUS_WORKER_KEY_TIMEOUT,
  BUBUS_WORKER_KEY_SLOW_TIMEOUT,
  BUBUS_WORKER_KEY_ONCE,
  BUBUS_WORKER_KEY_BACKGROUND,
  BUBUS_WORKER_KEY_TYPE,
  BUBUS_WORKER_KEY_VALUE,
  BUBUS_WORKER_KEY_DOMAIN,
  BUBUS_WORKER_KEY_CODE,
  BUBUS_WORKER_KEY_MESSAGE,
  BUBUS_WORKER_KEY_DIRECTORY,
  BUBUS_WORKER_KEY_FILE,
  BUBUS_WORKER_KEY_SETTINGS,
  BUBUS_WORKER_KEY_WITHIN,
} BubusWorkerKey;

/* In the key file that is the value of “settings”. */
#define BUBUS_WORKER_SETTINGS_GROUP "Settings"

#define BUBUS_N_WORKER_KEYS (BUBUS_WORKER_KEY_WITHIN + 1)

/* What one message wants, in the order of their names in bubus-worker-message.c. */
typedef enum
{
  /* From the host. */
  BUBUS_WORKER_OP_START,
  BUBUS_WORKER_OP_EVENT,
  BUBUS_WORKER_OP_CANCEL,
  BUBUS_WORKER_OP_COMPLETED,
  BUBUS_WORKER_OP_PING,
  BUBUS_WORKER_OP_STOP,

  /* From the worker. */
  BUBUS_WORKER_OP_ON,
  BUBUS_WORKER_OP_CHANGE,
  BUBUS_WORKER_OP_OFF,
  BUBUS_WORKER_OP_ACTIVE,
  BUBUS_WORKER_OP_RESULT,
  BUBUS_WORKER_OP_DISPATCH,
  BUBUS_WORKER_OP_AWAIT,
  BUBUS_WORKER_OP_PONG,
  BUBUS_WORKER_OP_LEAVE,
  BUBUS_WORKER_OP_STOPPED,
} BubusWorkerOp;

/* A message that has come. Its text belongs to the pipe. */
typedef struct
{
  const char    *text;
  BubusWorkerOp  op;
  BubusJsonSpan  members[BUBUS_N_WORKER_KEYS];  /* without a start: missing */
} BubusWorkerMessage;

gboolean  _bubus_worker_message_parse     (BubusWorkerMessage        *self,
                                           const char                *text,
                                           gsize                      length,
                                           GError                   **error);
gboolean  _bubus_worker_message_has       (const BubusWorkerMessage  *self,
                                           BubusWorkerKey             key);
char     *_bubus_worker_message_dup       (const BubusWorkerMessage  *self,
                                           BubusWorkerKey             key) G_GNUC_WARN_UNUSED_RESULT;
gboolean  _bubus_worker_message_get_flag  (const BubusWorkerMessage  *self,
                                           BubusWorkerKey             key);
guint     _bubus_worker_message_get_id    (const BubusWorkerMessage  *self,
                                           BubusWorkerKey             key);
int       _bubus_worker_message_get_int   (const BubusWorkerMessage  *self,
                                           BubusWorkerKey             key);
double    _bubus_worker_message_get_double
                                          (const BubusWorkerMessage  *self,
                                           BubusWorkerKey             key,
                                           double                     otherwise);

void      _bubus_worker_message_begin     (GString                   *out,
                                           BubusWorkerOp              op);
void      _bubus_worker_message_add_key   (GString                   *out,
                                           BubusWorkerKey             key);
void      _bubus_worker_message_add_text  (GString                   *out,
                                           BubusWorkerKey             key,
                                           const char                *text);
void      _bubus_worker_message_add_flag  (GString                   *out,
                                           BubusWorkerKey             key,
                                           gboolean                   flag);
void      _bubus_worker_message_add_int   (GString                   *out,
                                           BubusWorkerKey             key,
                                           int                        number);
void      _bubus_worker_message_add_double
                                          (GString                   *out,
                                           BubusWorkerKey             key,
                                           double                     number);
void      _bubus_worker_message_add_id    (GString                   *out,
                                           BubusWorkerKey             key,
                                           guint                      id);
void      _bubus_worker_message_add_error (GString                   *out,
                                           const GError              *error);
GError   *_bubus_worker_message_dup_error (const BubusWorkerMessage  *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
