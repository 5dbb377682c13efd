/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-invocation-private.h"
#include "event/bubus-json.h"

/* The ways in which a handler says what it returns. */

/**
 * bubus_invocation_return_nothing:
 * @self: an invocation
 *
 * Answers that the handler has succeeded and returns nothing.
 *
 * A handler that answers at once need not call it.
 *
 * Since: 1.0
 */
void
bubus_invocation_return_nothing (BubusInvocation *self)
{
  GValue nothing = G_VALUE_INIT;

  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));

  _bubus_invocation_answer (self, &nothing, BUBUS_RESULT_STATUS_COMPLETED);
}

/**
 * bubus_invocation_return_value:
 * @self: an invocation
 * @value: what the handler returns
 *
 * Answers with a value.
 *
 * When the event's class declares a result type, the value must be exactly of that type, or hold %NULL; anything else
 * makes the result an error, %BUBUS_ERROR_RESULT_TYPE. So does a value that only one language can read.
 *
 * Since: 1.0
 */
void
bubus_invocation_return_value (BubusInvocation *self,
                               const GValue    *value)
{
  GValue copy = G_VALUE_INIT;

  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));
  g_return_if_fail (G_IS_VALUE (value));

  g_value_init (&copy, G_VALUE_TYPE (value));
  g_value_copy (value, &copy);
  _bubus_invocation_answer_value (self, &copy);
}

#define DEFINE_RETURN(name, ctype, gtype, setter)                                           \
  void                                                                                      \
  bubus_invocation_return_##name (BubusInvocation *self,                                    \
                                  ctype            value)                                   \
  {                                                                                         \
    GValue holder = G_VALUE_INIT;                                                           \
                                                                                            \
    g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));     \
                                                                                            \
    g_value_init (&holder, gtype);                                                          \
    setter (&holder, value);                                                                \
    _bubus_invocation_answer_value (self, &holder);                                          \
  }

/**
 * bubus_invocation_return_boolean:
 * @self: an invocation
 * @value: what the handler returns
 *
 * Answers with a truth value. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (boolean, gboolean, G_TYPE_BOOLEAN, g_value_set_boolean)

/**
 * bubus_invocation_return_int:
 * @self: an invocation
 * @value: what the handler returns
 *
 * Answers with a 32-bit integer. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (int, int, G_TYPE_INT, g_value_set_int)

/**
 * bubus_invocation_return_int64:
 * @self: an invocation
 * @value: what the handler returns
 *
 * Answers with a 64-bit integer. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (int64, gint64, G_TYPE_INT64, g_value_set_int64)

/**
 * bubus_invocation_return_double:
 * @self: an invocation
 * @value: what the handler returns
 *
 * Answers with a number. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (double, double, G_TYPE_DOUBLE, g_value_set_double)

/* Up to here every whole number is a double. */
#define MAX_SAFE_INTEGER 9007199254740991.0

static gboolean
bubus_number_is_int64 (double value)
{
  return value >= -MAX_SAFE_INTEGER && value <= MAX_SAFE_INTEGER && value == (double) (gint64) value;
}

/**
 * bubus_invocation_return_number:
 * @self: an invocation
 * @value: what the handler returns
 *
 * Answers with a number of a language that has only one kind of numbers. See [method@Invocation.return_value].
 *
 * It becomes what the event's class declares, a 32-bit integer or a floating-point number. Otherwise it becomes a
 * 64-bit integer when it is whole and between −(2⁵³ − 1) and 2⁵³ − 1, and a floating-point number when not.
 *
 * Since: 1.0
 */
void
bubus_invocation_return_number (BubusInvocation *self,
                                double           value)
{
  GType type;

  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));

  type = bubus_event_get_event_result_type (self->event);
  if (type == G_TYPE_DOUBLE || !bubus_number_is_int64 (value))
    bubus_invocation_return_double (self, value);
  else if (type == G_TYPE_INT && value >= G_MININT && value <= G_MAXINT)
    bubus_invocation_return_int (self, (int) value);
  else
    bubus_invocation_return_int64 (self, (gint64) value);
}

/**
 * bubus_invocation_return_string:
 * @self: an invocation
 * @value: (nullable): what the handler returns
 *
 * Answers with a text, or with nothing. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (string, const char *, G_TYPE_STRING, g_value_set_string)

/**
 * bubus_invocation_return_variant:
 * @self: an invocation
 * @value: (nullable): what the handler returns; a floating reference is taken over
 *
 * Answers with a structured value, or with nothing. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (variant, GVariant *, G_TYPE_VARIANT, g_value_set_variant)

/**
 * bubus_invocation_return_json:
 * @self: an invocation
 * @value: (nullable): what the handler returns
 *
 * Answers with a JSON value, or with nothing. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (json, BubusJson *, BUBUS_TYPE_JSON, g_value_set_boxed)

/**
 * bubus_invocation_return_object:
 * @self: an invocation
 * @value: (nullable): what the handler returns
 *
 * Answers with an object, or with nothing. See [method@Invocation.return_value].
 *
 * Since: 1.0
 */
DEFINE_RETURN (object, GObject *, G_TYPE_OBJECT, g_value_set_object)

/**
 * bubus_invocation_return_error:
 * @self: an invocation
 * @error: why the handler failed
 *
 * Answers that the handler has failed.
 *
 * A handler that fails at once can return %FALSE with an error instead.
 *
 * Since: 1.0
 */
void
bubus_invocation_return_error (BubusInvocation *self,
                               const GError    *error)
{
  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));
  g_return_if_fail (error != NULL);

  _bubus_invocation_answer_error (self, error);
}

/**
 * bubus_invocation_return_error_literal:
 * @self: an invocation
 * @domain: an error domain
 * @code: a code of that domain, or −1 when the name of the domain says it all; see [method@EventResult.dup_error_type]
 * @message: why the handler failed
 *
 * Answers that the handler has failed.
 *
 * Since: 1.0
 */
void
bubus_invocation_return_error_literal (BubusInvocation *self,
                                       GQuark           domain,
                                       int              code,
                                       const char      *message)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));
  g_return_if_fail (domain != 0 && message != NULL);

  error = g_error_new_literal (domain, code, message);
  _bubus_invocation_answer_error (self, error);
}
