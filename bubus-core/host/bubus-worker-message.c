/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-message-private.h"

#include <string.h>

#include "base/bubus-error.h"
#include "base/bubus-json-writer-internal.h"

/* Of error domains. */
#define MAX_DOMAIN_LENGTH 100
#define MAX_NEW_DOMAINS 256

static const char *const key_names[BUBUS_N_WORKER_KEYS] = {
  [BUBUS_WORKER_KEY_OP] = "op",
  [BUBUS_WORKER_KEY_CALL] = "call",
  [BUBUS_WORKER_KEY_CHILD] = "child",
  [BUBUS_WORKER_KEY_HANDLER] = "handler",
  [BUBUS_WORKER_KEY_BUS] = "bus",
  [BUBUS_WORKER_KEY_TARGET] = "target",
  [BUBUS_WORKER_KEY_EVENT] = "event",
  [BUBUS_WORKER_KEY_PATTERN] = "pattern",
  [BUBUS_WORKER_KEY_TYPED] = "typed",
  [BUBUS_WORKER_KEY_NAME] = "name",
  [BUBUS_WORKER_KEY_PRIORITY] = "priority",
  [BUBUS_WORKER_KEY_TIMEOUT] = "timeout",
  [BUBUS_WORKER_KEY_SLOW_TIMEOUT] = "slow_timeout",
  [BUBUS_WORKER_KEY_ONCE] = "once",
  [BUBUS_WORKER_KEY_BACKGROUND] = "background",
  [BUBUS_WORKER_KEY_TYPE] = "type",
  [BUBUS_WORKER_KEY_VALUE] = "value",
  [BUBUS_WORKER_KEY_DOMAIN] = "domain",
  [BUBUS_WORKER_KEY_CODE] = "code",
  [BUBUS_WORKER_KEY_MESSAGE] = "message",
  [BUBUS_WORKER_KEY_DIRECTORY] = "directory",
  [BUBUS_WORKER_KEY_FILE] = "file",
  [BUBUS_WORKER_KEY_SETTINGS] = "settings",
  [BUBUS_WORKER_KEY_WITHIN] = "within",
};

static const char *const op_names[] = {
  [BUBUS_WORKER_OP_START] = "start",
  [BUBUS_WORKER_OP_EVENT] = "event",
  [BUBUS_WORKER_OP_CANCEL] = "cancel",
  [BUBUS_WORKER_OP_COMPLETED] = "completed",
  [BUBUS_WORKER_OP_PING] = "ping",
  [BUBUS_WORKER_OP_STOP] = "stop",
  [BUBUS_WORKER_OP_ON] = "on",
  [BUBUS_WORKER_OP_CHANGE] = "change",
  [BUBUS_WORKER_OP_OFF] = "off",
  [BUBUS_WORKER_OP_ACTIVE] = "active",
  [BUBUS_WORKER_OP_RESULT] = "result",
  [BUBUS_WORKER_OP_DISPATCH] = "dispatch",
  [BUBUS_WORKER_OP_AWAIT] = "await",
  [BUBUS_WORKER_OP_PONG] = "pong",
  [BUBUS_WORKER_OP_LEAVE] = "leave",
  [BUBUS_WORKER_OP_STOPPED] = "stopped",
};

/* ---- reading ---- */

static gboolean
bubus_worker_message_find_op (BubusWorkerMessage  *self,
                              GError             **error)
{
  const BubusJsonSpan *op = &self->members[BUBUS_WORKER_KEY_OP];

  for (guint i = 0; op->start != NULL && i < G_N_ELEMENTS (op_names); i++)
    if (op->kind == BUBUS_JSON_KIND_STRING && _bubus_json_span_equals (op, op_names[i]))
      {
        self->op = (BubusWorkerOp) i;
        return TRUE;
      }

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, "A message has no “op” that is known");
  return FALSE;
}

/* Members that are not known are passed over. */
gboolean
_bubus_worker_message_parse (BubusWorkerMessage  *self,
                             const char          *text,
                             gsize                length,
                             GError             **error)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  GError *reason = NULL;

  *self = (BubusWorkerMessage) { .text = text };
  _bubus_json_scanner_init (&scanner, text, length);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, error))
    return FALSE;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, &reason))
    for (guint i = 0; i < BUBUS_N_WORKER_KEYS; i++)
      if (_bubus_json_span_equals (&name, key_names[i]))
        {
          self->members[i] = value;
          break;
        }
  if (reason == NULL && _bubus_json_scanner_finish (&scanner, &reason))
    return bubus_worker_message_find_op (self, error);

  g_propagate_error (error, reason);
  return FALSE;
}

/* Whether a member is there, and is not null. */
gboolean
_bubus_worker_message_has (const BubusWorkerMessage *self,
                           BubusWorkerKey            key)
{
  return self->members[key].start != NULL && self->members[key].kind != BUBUS_JSON_KIND_NULL;
}

/* Returns: (transfer full) (nullable): a text, if that is what the member is */
char *
_bubus_worker_message_dup (const BubusWorkerMessage *self,
                           BubusWorkerKey            key)
{
  const BubusJsonSpan *span = &self->members[key];

  if (span->start == NULL || span->kind != BUBUS_JSON_KIND_STRING || (span->flags & BUBUS_JSON_SPAN_NUL) != 0)
    return NULL;
  return _bubus_json_span_dup_string (span, NULL);
}

gboolean
_bubus_worker_message_get_flag (const BubusWorkerMessage *self,
                                BubusWorkerKey            key)
{
  return self->members[key].start != NULL && self->members[key].kind == BUBUS_JSON_KIND_TRUE;
}

/* Returns: a number that is not 0; 0 if there is none */
guint
_bubus_worker_message_get_id (const BubusWorkerMessage *self,
                              BubusWorkerKey            key)
{
  guint64 id;

  if (self->members[key].start == NULL || !_bubus_json_span_get_uint64 (&self->members[key], &id) || id > G_MAXUINT)
    return 0;
  return (guint) id;
}

int
_bubus_worker_message_get_int (const BubusWorkerMessage *self,
                               BubusWorkerKey            key)
{
  gint64 number;

  if (self->members[key].start == NULL || !_bubus_json_span_get_int64 (&self->members[key], &number))
    return 0;
  return (int) CLAMP (number, G_MININT, G_MAXINT);
}

double
_bubus_worker_message_get_double (const BubusWorkerMessage *self,
                                  BubusWorkerKey            key,
                                  double                    otherwise)
{
  double number;

  if (self->members[key].start == NULL || !_bubus_json_span_get_double (&self->members[key], &number))
    return otherwise;
  return number;
}

/* A domain that nobody here has asked for yet may be asked for later. As what is known once stays known, a process that
 * makes up domains is stopped at some point. */
static GQuark
bubus_worker_message_find_domain (const char *name)
{
  static int n_new;
  GQuark domain = g_str_equal (name, g_quark_to_string (BUBUS_ERROR)) ? BUBUS_ERROR : g_quark_try_string (name);

  if (domain != 0 || strlen (name) > MAX_DOMAIN_LENGTH || g_atomic_int_add (&n_new, 1) >= MAX_NEW_DOMAINS)
    return domain;
  return g_quark_from_string (name);
}

/* Returns: (transfer full) (nullable): the error that the message brings */
GError *
_bubus_worker_message_dup_error (const BubusWorkerMessage *self)
{
  g_autofree char *domain = _bubus_worker_message_dup (self, BUBUS_WORKER_KEY_DOMAIN);
  g_autofree char *message = _bubus_worker_message_dup (self, BUBUS_WORKER_KEY_MESSAGE);
  GQuark quark;

  if (domain == NULL)
    return NULL;

  quark = bubus_worker_message_find_domain (domain);
  if (quark == 0)
    return g_error_new (BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED, "%s: %s", domain, message != NULL ? message : "");
  return g_error_new_literal (quark, _bubus_worker_message_get_int (self, BUBUS_WORKER_KEY_CODE),
                              message != NULL ? message : "");
}

/* ---- writing ---- */

/* Whoever makes a message puts the brace at its end. */
void
_bubus_worker_message_begin (GString       *out,
                             BubusWorkerOp  op)
{
  _bubus_json_append_literal (out, "{\"op\":\"");
  g_string_append (out, op_names[op]);
  g_string_append_c (out, '"');
}

void
_bubus_worker_message_add_key (GString        *out,
                               BubusWorkerKey  key)
{
  _bubus_json_append_literal (out, ",\"");
  g_string_append (out, key_names[key]);
  _bubus_json_append_literal (out, "\":");
}

/* Nothing for %NULL. */
void
_bubus_worker_message_add_text (GString        *out,
                                BubusWorkerKey  key,
                                const char     *text)
{
  if (text == NULL)
    return;

  _bubus_worker_message_add_key (out, key);
  _bubus_json_append_string (out, text);
}

/* Nothing for %FALSE. */
void
_bubus_worker_message_add_flag (GString        *out,
                                BubusWorkerKey  key,
                                gboolean        flag)
{
  if (!flag)
    return;

  _bubus_worker_message_add_key (out, key);
  _bubus_json_append_literal (out, "true");
}

void
_bubus_worker_message_add_int (GString        *out,
                               BubusWorkerKey  key,
                               int             number)
{
  _bubus_worker_message_add_key (out, key);
  _bubus_json_append_int64 (out, number);
}

void
_bubus_worker_message_add_double (GString        *out,
                                  BubusWorkerKey  key,
                                  double          number)
{
  _bubus_worker_message_add_key (out, key);
  _bubus_json_append_double (out, number);
}

/* Nothing for 0. */
void
_bubus_worker_message_add_id (GString        *out,
                              BubusWorkerKey  key,
                              guint           id)
{
  if (id == 0)
    return;

  _bubus_worker_message_add_key (out, key);
  _bubus_json_append_uint64 (out, id);
}

void
_bubus_worker_message_add_error (GString      *out,
                                 const GError *error)
{
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_DOMAIN, g_quark_to_string (error->domain));
  _bubus_worker_message_add_int (out, BUBUS_WORKER_KEY_CODE, error->code);
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_MESSAGE, error->message);
}
