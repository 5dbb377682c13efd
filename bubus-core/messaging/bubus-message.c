/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-message-private.h"

#include "codec/bubus-json-variant.h"
#include "event/bubus-event-internal.h"

/**
 * BubusMessage:
 *
 * An event that is addressed: its event type is its address, its payload a body and headers.
 *
 * Messages are made by a [class@Messenger], or by hand when they are to have headers.
 *
 * Since: 1.0
 */

G_DEFINE_ENUM_TYPE (BubusDelivery, bubus_delivery,
                    G_DEFINE_ENUM_VALUE (BUBUS_DELIVERY_PUBLISH, "publish"),
                    G_DEFINE_ENUM_VALUE (BUBUS_DELIVERY_SEND, "send"),
                    G_DEFINE_ENUM_VALUE (BUBUS_DELIVERY_REQUEST, "request"),
                    G_DEFINE_ENUM_VALUE (BUBUS_DELIVERY_STREAM, "stream"))

/**
 * BubusMessage:delivery:
 *
 * To whom the message goes. The messenger says it.
 *
 * Since: 1.0
 */

/**
 * BubusMessage:body:
 *
 * What is said, or %NULL.
 *
 * Since: 1.0
 */

/**
 * BubusMessage:headers:
 *
 * What is said about the message: a dictionary of texts, or %NULL.
 *
 * Since: 1.0
 */
static const BubusField message_fields[] = {
  BUBUS_FIELD_ENUM (BubusMessage, delivery, bubus_delivery_get_type, .optional = TRUE),
  BUBUS_FIELD_JSON (BubusMessage, body, .optional = TRUE),
  BUBUS_FIELD_VARIANT (BubusMessage, headers, .optional = TRUE, .variant_type = "a{ss}"),
};

BUBUS_DEFINE_EVENT_TYPE (BubusMessage, bubus_message, BUBUS_TYPE_EVENT, message_fields)

/**
 * bubus_message_new:
 * @address: the address
 * @body: (nullable): what to say
 *
 * Makes a message.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
BubusMessage *
bubus_message_new (const char *address,
                   BubusJson  *body)
{
  BubusMessage *self;

  g_return_val_if_fail (address != NULL && *address != '\0', NULL);

  self = g_object_new (BUBUS_TYPE_MESSAGE, NULL);
  _bubus_event_set_type_name (BUBUS_EVENT (self), address);
  if (body != NULL)
    self->body = bubus_json_ref (body);
  return self;
}

/**
 * bubus_message_new_from_variant: (constructor)
 * @address: the address
 * @body: (nullable): what to say; when it is floating, it is consumed
 *
 * Makes a message. The body becomes JSON as with [ctor@Json.new_from_variant].
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
BubusMessage *
bubus_message_new_from_variant (const char *address,
                                GVariant   *body)
{
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (BubusJson) json = NULL;

  g_return_val_if_fail (address != NULL && *address != '\0', NULL);

  if (body != NULL)
    {
      owned = g_variant_ref_sink (body);
      json = bubus_json_new_from_variant (owned);
    }
  return bubus_message_new (address, json);
}

/**
 * bubus_message_get_address:
 * @self: a message
 *
 * Gives the address, which is the event type as well.
 *
 * Returns: the address
 *
 * Since: 1.0
 */
const char *
bubus_message_get_address (BubusMessage *self)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), NULL);

  return bubus_event_get_event_type (BUBUS_EVENT (self));
}

/**
 * bubus_message_get_delivery: (get-property delivery)
 * @self: a message
 *
 * Says to whom the message goes.
 *
 * Returns: the form of delivery
 *
 * Since: 1.0
 */
BubusDelivery
bubus_message_get_delivery (BubusMessage *self)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), BUBUS_DELIVERY_PUBLISH);

  return self->delivery;
}

/**
 * bubus_message_get_body: (get-property body)
 * @self: a message
 *
 * Gives what is said.
 *
 * Returns: (transfer none) (nullable): the body
 *
 * Since: 1.0
 */
BubusJson *
bubus_message_get_body (BubusMessage *self)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), NULL);

  return self->body;
}

/**
 * bubus_message_set_body: (set-property body)
 * @self: a message that is not on its way yet
 * @body: (nullable): what to say
 *
 * Changes what is said.
 *
 * Since: 1.0
 */
void
bubus_message_set_body (BubusMessage *self,
                        BubusJson    *body)
{
  g_return_if_fail (BUBUS_IS_MESSAGE (self));

  g_object_set (self, "body", body, NULL);
}

/**
 * bubus_message_dup_body_variant:
 * @self: a message
 * @type: (nullable): the type it shall have, or %NULL to find one that fits
 * @error: (nullable): where to put why the body is not of that type
 *
 * Gives what is said as a variant. See [method@Json.to_variant]; no body is read as `null`.
 *
 * Returns: (transfer full) (nullable): the body, or %NULL on error
 *
 * Since: 1.0
 */
GVariant *
bubus_message_dup_body_variant (BubusMessage        *self,
                                const GVariantType  *type,
                                GError             **error)
{
  g_autoptr (BubusJson) body = NULL;

  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  body = self->body != NULL ? bubus_json_ref (self->body) : bubus_json_new ("null", -1, NULL);
  return bubus_json_to_variant (body, type, error);
}

/* ---- headers ---- */

/* @headers is nullable; so is what it gives. */
static const char *
bubus_headers_lookup (GVariant   *headers,
                      const char *name)
{
  GVariantIter iter;
  const char *key, *value;

  if (headers == NULL)
    return NULL;

  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    if (g_ascii_strcasecmp (key, name) == 0)
      return value;
  return NULL;
}

/* @headers and @value are nullable. Gives a floating reference. */
static GVariant *
bubus_headers_with (GVariant   *headers,
                    const char *name,
                    const char *value)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  GVariantIter iter;
  const char *key, *old;

  if (headers != NULL)
    {
      g_variant_iter_init (&iter, headers);
      while (g_variant_iter_next (&iter, "{&s&s}", &key, &old))
        if (g_ascii_strcasecmp (key, name) != 0)
          g_variant_builder_add (&builder, "{ss}", key, old);
    }
  if (value != NULL)
    g_variant_builder_add (&builder, "{ss}", name, value);
  return g_variant_builder_end (&builder);
}

/**
 * bubus_message_get_header:
 * @self: a message
 * @name: what it is called, in upper or lower case
 *
 * Gives a header.
 *
 * Returns: (nullable): its value, or %NULL
 *
 * Since: 1.0
 */
const char *
bubus_message_get_header (BubusMessage *self,
                          const char   *name)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return bubus_headers_lookup (self->headers, name);
}

/**
 * bubus_message_set_header:
 * @self: a message that is not on its way yet
 * @name: what it is called
 * @value: (nullable): its value, or %NULL to have none
 *
 * Sets a header, in place of one whose name differs in upper and lower case only.
 *
 * Since: 1.0
 */
void
bubus_message_set_header (BubusMessage *self,
                          const char   *name,
                          const char   *value)
{
  g_return_if_fail (BUBUS_IS_MESSAGE (self));
  g_return_if_fail (name != NULL);

  g_object_set (self, "headers", bubus_headers_with (self->headers, name, value), NULL);
}

static G_DEFINE_QUARK (bubus-message-reply-headers, bubus_message_reply_headers)

/**
 * bubus_message_get_reply_header:
 * @self: a message that has been answered
 * @name: the name of a header; upper and lower case are the same
 *
 * Gives a header of the answer. The message of an answer is [method@EventResult.get_event] of it.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL when the answer does not have it
 *
 * Since: 1.0
 */
const char *
bubus_message_get_reply_header (BubusMessage *self,
                                const char   *name)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return bubus_headers_lookup (g_object_get_qdata (G_OBJECT (self), bubus_message_reply_headers_quark ()), name);
}

/**
 * bubus_message_set_reply_header:
 * @self: a message that is being handled
 * @name: the name of a header
 * @value: (nullable): its value, or %NULL to remove it
 *
 * Sets a header of the answer, in place of one whose name differs in upper and lower case only.
 *
 * Consumers do that before they answer, in the bus's main context. The headers of an answer are for who has asked; they
 * are not part of the event's JSON.
 *
 * Since: 1.0
 */
void
bubus_message_set_reply_header (BubusMessage *self,
                                const char   *name,
                                const char   *value)
{
  GQuark quark = bubus_message_reply_headers_quark ();
  GVariant *headers;

  g_return_if_fail (BUBUS_IS_MESSAGE (self));
  g_return_if_fail (name != NULL);

  headers = g_variant_ref_sink (bubus_headers_with (g_object_get_qdata (G_OBJECT (self), quark), name, value));
  g_object_set_qdata_full (G_OBJECT (self), quark, headers, (GDestroyNotify) g_variant_unref);
}
