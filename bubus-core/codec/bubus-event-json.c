/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-json.h"

#include <string.h>

#include "base/bubus-error.h"
#include "bubus-event-reader-internal.h"
#include "bubus-event-writer-internal.h"
#include "bubus-result-json-internal.h"
#include "event/bubus-event-internal.h"

/* An event with a few results. */
#define USUAL_SIZE 1024

G_DEFINE_FLAGS_TYPE (BubusJsonFlags, bubus_json_flags,
                     G_DEFINE_ENUM_VALUE (BUBUS_JSON_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (BUBUS_JSON_RESET, "reset"))

/**
 * bubus_event_append_json: (skip)
 * @self: an event
 * @out: where to append to
 *
 * Appends what [method@Event.to_json] gives, without a line end.
 *
 * Since: 1.0
 */
void
bubus_event_append_json (BubusEvent *self,
                         GString    *out)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));
  g_return_if_fail (out != NULL);

  _bubus_event_write (self, bubus_event_get_event_status (self), out);
}

/**
 * bubus_event_to_json:
 * @self: an event
 *
 * Writes the event as one line of JSON (RFC 8259) that the other runtimes read too.
 *
 * What every event has comes first: every member named `event_…`, null when it is unset. Then comes the payload in
 * the order of the class, then members that the class does not know, as they were read. The results come last, if
 * there are any, as an object whose members are named by handler id. Times are texts of 30 characters in UTC with nine
 * decimals of a second. Errors are objects with a type and a message. A value that has no JSON form, such as an
 * object, is null; a result that is an event is that event's id.
 *
 * An event that is still being handled is written as it is at that moment; that must happen in the thread in which it
 * is handled. Events that are complete, or not yet dispatched, may be written in any thread.
 *
 * Returns: (transfer full): the text, without a line end
 *
 * Since: 1.0
 */
char *
bubus_event_to_json (BubusEvent *self)
{
  GString *out;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  out = g_string_sized_new (USUAL_SIZE);
  _bubus_event_write (self, bubus_event_get_event_status (self), out);
  return g_string_free (out, FALSE);
}

/**
 * bubus_event_new_from_json: (constructor)
 * @text: a JSON object in UTF-8
 * @length: the length of @text in bytes, or -1 when it ends with a NUL
 * @flags: what to take over
 * @error: (nullable): where to put what is wrong
 *
 * Reads an event as this library writes it, as abxbus writes it in any of its languages, or as the original bubus
 * writes it to its log.
 *
 * The event is of the class that is registered for its event type ([func@Event.register_type]); when there is none,
 * it is a [class@GenericEvent]. Members that the class declares are checked: a value of another type, one out of
 * range, and a required one that is missing are errors. Members that it does not know are kept, and written again
 * unchanged. Everything that is not payload may be missing, but for the type.
 *
 * An event that was started or completed when it was written is sealed: it is a record of what happened. Its results
 * are there, with the values that JSON can hold; its children are known by their ids only. With %BUBUS_JSON_RESET the
 * event is as it was before it was dispatched, and can be dispatched again.
 *
 * Members of the original that no longer exist become what took their place: the version in `event_schema` is the
 * event's version, unless it has one, and `event_processed_at` the time of its completion. `event_schema` is kept as
 * a member that is not known.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON when the text is longer than %BUBUS_EVENT_JSON_MAX_SIZE, is not JSON, or is no
 * event, and with %BUBUS_ERROR_INVALID_EVENT, or the error of the class, when its class does not accept it. Messages
 * begin with the line and the column. Nothing is created then.
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): the event, or %NULL
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_new_from_json (const char      *text,
                           gssize           length,
                           BubusJsonFlags   flags,
                           GError         **error)
{
  gsize size;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  size = length < 0 ? strlen (text) : (gsize) length;
  if (size <= BUBUS_EVENT_JSON_MAX_SIZE)
    return _bubus_event_read (text, size, (flags & BUBUS_JSON_RESET) != 0, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON,
               "the text is longer than %d bytes", BUBUS_EVENT_JSON_MAX_SIZE);
  return NULL;
}

/**
 * bubus_event_result_to_json:
 * @self: a result
 *
 * Writes the result as one line of JSON: the object that it is among the `event_results` of its event.
 *
 * See [method@Event.to_json] for the form, and for the threads in which this may be called.
 *
 * Returns: (transfer full): the text, without a line end
 *
 * Since: 1.0
 */
char *
bubus_event_result_to_json (BubusEventResult *self)
{
  GString *out;

  g_return_val_if_fail (self != NULL, NULL);

  out = g_string_new (NULL);
  _bubus_event_result_append (self, _bubus_event_get_private (_bubus_result_get_event (self)), out);
  return g_string_free (out, FALSE);
}
