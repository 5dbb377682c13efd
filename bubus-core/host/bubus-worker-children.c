/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-proxy-private.h"

#include "base/bubus-error.h"
#include "bubus-worker-value-private.h"
#include "bus/bubus-event-wait.h"
#include "codec/bubus-event-json.h"

struct _BubusWorkerChildren
{
  BubusHost       *host;      /* not owned */
  BubusWorkerLink *link;      /* not owned */
  GHashTable      *by_id;     /* id → BubusWorkerChild */
  GHashTable      *by_event;  /* event → BubusWorkerChild; borrowed from by_id */
};

typedef struct
{
  BubusWorkerChildren *children;    /* NULL: nobody wants to know any more */
  guint                id;
  BubusEvent          *event;
  BubusInvocation     *invocation;  /* nullable: of the handler that has dispatched it */
  GCancellable        *cancellable;
} BubusWorkerChild;

static void
bubus_worker_child_clear (gpointer data)
{
  BubusWorkerChild *self = data;

  g_object_unref (self->event);
  g_clear_object (&self->invocation);
  g_object_unref (self->cancellable);
}

static void
bubus_worker_child_unref (BubusWorkerChild *self)
{
  g_rc_box_release_full (self, bubus_worker_child_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusWorkerChild, bubus_worker_child_unref)

static void
bubus_worker_child_forget (gpointer data)
{
  BubusWorkerChild *self = data;

  g_hash_table_remove (self->children->by_event, self->event);
  self->children = NULL;
  g_cancellable_cancel (self->cancellable);
  bubus_worker_child_unref (self);
}

BubusWorkerChildren *
_bubus_worker_children_new (BubusHost       *host,
                            BubusWorkerLink *link)
{
  BubusWorkerChildren *self = g_new0 (BubusWorkerChildren, 1);

  self->host = host;
  self->link = link;
  self->by_id = g_hash_table_new_full (NULL, NULL, NULL, bubus_worker_child_forget);
  self->by_event = g_hash_table_new (NULL, NULL);
  return self;
}

/* What has been dispatched goes on. */
void
_bubus_worker_children_free (BubusWorkerChildren *self)
{
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_event);
  g_free (self);
}

/* ---- the answer ---- */

static void
bubus_worker_children_send_error (BubusWorkerChildren *self,
                                  guint                id,
                                  const GError        *error)
{
  GString *out = _bubus_worker_link_begin (self->link, BUBUS_WORKER_OP_COMPLETED);

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CHILD, id);
  _bubus_worker_message_add_error (out, error);
  _bubus_worker_link_end (self->link, NULL);
}

/* Of several results the first that is a value, or else the first that is not. */
static BubusEventResult *
bubus_worker_child_choose_result (GPtrArray *results)
{
  BubusEventResult *chosen = NULL;

  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = g_ptr_array_index (results, i);

      if (bubus_event_result_get_error (result) == NULL && bubus_event_result_get_value (result) != NULL)
        return result;
      if (chosen == NULL && bubus_event_result_get_error (result) != NULL)
        chosen = result;
    }
  return chosen;
}

static void
bubus_worker_children_send_result (BubusWorkerChildren *self,
                                   BubusWorkerChild    *child)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (child->event);
  BubusEventResult *result = bubus_worker_child_choose_result (results);
  GString *out = _bubus_worker_link_begin (self->link, BUBUS_WORKER_OP_COMPLETED);
  g_autoptr (GError) error = NULL;

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CHILD, child->id);
  if (result != NULL)
    _bubus_worker_add_result (out, result);
  if (!_bubus_worker_link_end (self->link, &error))
    bubus_worker_children_send_error (self, child->id, error);
}

/* Tells the worker, once. */
static void
bubus_worker_child_complete (BubusWorkerChild *self,
                             const GError     *error)
{
  BubusWorkerChildren *children = self->children;

  if (children == NULL)
    return;

  if (error != NULL)
    bubus_worker_children_send_error (children, self->id, error);
  else
    bubus_worker_children_send_result (children, self);
  g_hash_table_remove (children->by_id, GUINT_TO_POINTER (self->id));
}

static void
bubus_worker_child_completed_cb (GObject      *source,
                                 GAsyncResult *result,
                                 gpointer      user_data)
{
  g_autoptr (BubusWorkerChild) self = user_data;
  g_autoptr (GError) error = NULL;

  bubus_event_wait_finish (BUBUS_EVENT (source), result, &error);
  bubus_worker_child_complete (self, error);
}

static void
bubus_worker_child_awaited_cb (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  g_autoptr (BubusWorkerChild) self = user_data;
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  bubus_worker_child_complete (self, error);
}

/* ---- the question ---- */

static gboolean
bubus_worker_children_dispatch_event (BubusWorkerChildren       *self,
                                      BubusInvocation           *invocation,
                                      const BubusWorkerMessage  *message,
                                      BubusEvent                *event,
                                      GError                   **error)
{
  g_autofree char *name = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_BUS);
  BubusEventBus *bus = name != NULL ? bubus_host_get_bus (self->host, name) : bubus_host_get_main_bus (self->host);
  gboolean background = _bubus_worker_message_get_flag (message, BUBUS_WORKER_KEY_BACKGROUND);

  if (invocation != NULL)
    {
      /* What has a parent already is not adopted by the handler. */
      g_object_set (event, "event-parent-id", NULL, NULL);
      return bubus_invocation_dispatch_with_flags (invocation, bus, event,
                                                   background ? BUBUS_DISPATCH_BACKGROUND : BUBUS_DISPATCH_NONE, error);
    }
  if (!_bubus_worker_message_has (message, BUBUS_WORKER_KEY_CALL))
    return bubus_event_bus_dispatch (bus, event, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED, "The handler that dispatches “%s” is over",
               bubus_event_get_event_type (event));
  return FALSE;
}

static BubusWorkerChild *
bubus_worker_children_add (BubusWorkerChildren *self,
                           guint                id,
                           BubusInvocation     *invocation,
                           BubusEvent          *event)
{
  BubusWorkerChild *child = g_rc_box_new0 (BubusWorkerChild);

  child->children = self;
  child->id = id;
  child->event = g_object_ref (event);
  child->invocation = invocation != NULL ? g_object_ref (invocation) : NULL;
  child->cancellable = g_cancellable_new ();
  g_hash_table_insert (self->by_id, GUINT_TO_POINTER (id), child);
  g_hash_table_insert (self->by_event, event, child);
  return child;
}

/* The event is dispatched by the handler that is called by @invocation, or by none. */
void
_bubus_worker_children_dispatch (BubusWorkerChildren      *self,
                                 BubusInvocation          *invocation,
                                 const BubusWorkerMessage *message)
{
  const BubusJsonSpan *span = &message->members[BUBUS_WORKER_KEY_EVENT];
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CHILD);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GError) error = NULL;
  BubusWorkerChild *child;

  event = bubus_event_new_from_json (span->start, (gssize) span->length, BUBUS_JSON_RESET, &error);
  if (event == NULL || !bubus_worker_children_dispatch_event (self, invocation, message, event, &error))
    {
      bubus_worker_children_send_error (self, id, error);
      return;
    }

  child = bubus_worker_children_add (self, id, invocation, event);
  bubus_event_wait_async (event, child->cancellable, bubus_worker_child_completed_cb, g_rc_box_acquire (child));
}

/* A handler waits for what the plugin has dispatched, which is handled in place. It is the one that is called by
 * @invocation, or else the one that has dispatched it. */
void
_bubus_worker_children_await (BubusWorkerChildren *self,
                              BubusInvocation     *invocation,
                              guint                id)
{
  BubusWorkerChild *child = g_hash_table_lookup (self->by_id, GUINT_TO_POINTER (id));

  if (invocation == NULL && child != NULL)
    invocation = child->invocation;
  if (child == NULL || invocation == NULL || !bubus_invocation_is_deferred (invocation))
    return;

  bubus_invocation_run_async (invocation, child->event, child->cancellable, bubus_worker_child_awaited_cb,
                              g_rc_box_acquire (child));
}

/* Returns: which event of the plugin waits for @event to be complete, or is that; 0 if none does */
guint
_bubus_worker_children_find (BubusWorkerChildren *self,
                             BubusEvent          *event)
{
  g_autoptr (BubusEvent) current = g_hash_table_size (self->by_event) > 0 ? g_object_ref (event) : NULL;

  while (current != NULL)
    {
      const BubusWorkerChild *child = g_hash_table_lookup (self->by_event, current);
      BubusEvent *parent = NULL;

      if (child != NULL)
        return child->id;
      if (bubus_event_get_event_blocks_parent_completion (current))
        parent = bubus_event_ref_parent (current);
      g_object_unref (current);
      current = parent;
    }
  return 0;
}
