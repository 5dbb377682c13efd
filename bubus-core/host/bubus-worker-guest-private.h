/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gmodule.h>

#include "bubus-host.h"
#include "bubus-worker-frame-private.h"
#include "bubus-worker-message-private.h"

G_BEGIN_DECLS

/* The worker's side: it lets the plugin's handlers work on local buses, and passes on what they do. */
#define BUBUS_TYPE_WORKER_GUEST (_bubus_worker_guest_get_type ())

G_DECLARE_FINAL_TYPE (BubusWorkerGuest, _bubus_worker_guest, BUBUS, WORKER_GUEST, GObject)

/* What a handler is registered with in a worker. */
typedef struct
{
  BubusWorkerGuest *guest;
  guint             id;
  BubusHandlerFunc  func;        /* nullable: it does nothing */
  gpointer          user_data;
  GDestroyNotify    notify;      /* nullable */
  BubusEventBus    *bus;         /* owned, once it is registered */
  BubusHandler     *handler;     /* owned, likewise */
  char             *handler_id;
} BubusWorkerHandler;

BubusWorkerGuest   *_bubus_worker_guest_new          (BubusHost                 *host,
                                                      BubusWorkerPipe           *pipe);
gboolean            _bubus_worker_guest_take         (BubusWorkerGuest          *self,
                                                      const BubusWorkerMessage  *message);
void                _bubus_worker_guest_send         (BubusWorkerGuest          *self,
                                                      BubusWorkerOp              op,
                                                      const GError              *error);

BubusWorkerHandler *_bubus_worker_handler_new        (BubusWorkerGuest          *guest,
                                                      BubusHandlerFunc           func,
                                                      gpointer                   user_data,
                                                      GDestroyNotify             notify);
void                _bubus_worker_handler_free       (gpointer                   self);
gboolean            _bubus_worker_handler_call       (BubusEvent                *event,
                                                      BubusInvocation           *invocation,
                                                      gpointer                   self,
                                                      GError                   **error);
void                _bubus_worker_handler_enter      (BubusWorkerHandler        *self,
                                                      BubusEventBus             *bus,
                                                      BubusHandler              *handler,
                                                      gboolean                   typed,
                                                      BubusEventBus             *target);

/* For bubus-worker-handler.c and bubus-worker-block.c. */
struct _BubusWorkerGuest
{
  GObject parent_instance;

  BubusHost       *host;       /* not owned */
  BubusWorkerPipe *pipe;       /* not owned */
  GString         *out;        /* of the pipe: what is being made */
  GHashTable      *handlers;   /* id → BubusWorkerHandler */
  GHashTable      *calls;      /* id → BubusWorkerGuestCall, which belongs to its event */
  GHashTable      *children;   /* id → BubusWorkerGuestChild */
  guint            last_handler;
  guint            last_child;
};

/* An event that the host has sent. */
typedef struct
{
  guint               id;
  guint               handler_id;  /* of the BubusWorkerHandler that is called */
  guint               within;      /* the event of the plugin that is this one, or waits for it; 0: none */
  BubusEvent         *event;
  BubusInvocation    *invocation;  /* nullable, atomic: once the handler is called */
  gboolean            over;        /* it is answered, or nobody wants an answer */
  gboolean            cancelled;
} BubusWorkerGuestCall;

/* An event that the plugin has dispatched. */
typedef struct
{
  guint            id;
  guint            within;      /* the event of the plugin that waits for this one; 0: none */
  BubusEvent      *event;
  BubusInvocation *invocation;  /* nullable: of the uplink, which is to answer */
  gboolean         done;
  GValue           value;       /* unset: none */
  GError          *error;       /* nullable */
} BubusWorkerGuestChild;

BubusWorkerGuestChild *_bubus_worker_guest_get_child    (BubusWorkerGuest   *self,
                                                         BubusEvent         *event);
BubusWorkerGuestCall *_bubus_worker_guest_get_call      (BubusEvent         *event);
GString              *_bubus_worker_guest_begin         (BubusWorkerGuest   *self,
                                                         BubusWorkerOp       op);
gboolean              _bubus_worker_guest_end           (BubusWorkerGuest   *self,
                                                         GError            **error);
void                  _bubus_worker_guest_add_bus       (BubusWorkerGuest   *self,
                                                         GString            *out,
                                                         BubusEventBus      *bus);
void                  _bubus_worker_guest_add_handler   (BubusWorkerGuest   *self,
                                                         BubusWorkerHandler *handler);
void                  _bubus_worker_guest_remove_handler (BubusWorkerGuest  *self,
                                                         BubusWorkerHandler *handler);

gboolean              _bubus_worker_guest_block         (BubusInvocation           *invocation,
                                                         BubusEvent                *event,
                                                         gpointer                   guest,
                                                         GError                   **error);

/* The program. */
G_MODULE_EXPORT int _bubus_worker_serve (int   fd,
                                         gsize max_frame_size);

G_END_DECLS
