/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "bus/bubus-middleware.h"

/* A middleware that checks the order of what it is told (B-8.6), sometimes puts off that an event is complete, and does
 * something with each event before it is queued. */

struct _Middleware
{
  GObject     parent_instance;
  Run        *run;
  guint       bus;
  guint       interceptor;
  guint       n_intercepted;
  GHashTable *events;   /* BubusEvent → 1 and the last status */
  GHashTable *results;  /* BubusEventResult → 1 and the last status */
};

typedef struct
{
  GObjectClass parent_class;
} MiddlewareClass;

static GType middleware_get_type (void);
static void middleware_iface_init (gpointer iface,
                                   gpointer data);

G_DEFINE_TYPE_WITH_CODE (Middleware, middleware, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, (GInterfaceInitFunc) middleware_iface_init))

/* ---- observing ---- */

/* 0: nothing was told. */
static guint
middleware_step (GHashTable *steps,
                 gpointer    object,
                 guint       step)
{
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (steps, object));

  g_hash_table_insert (steps, object, GUINT_TO_POINTER (step));
  return before;
}

static void
middleware_check_results_final (Middleware *self,
                                BubusEvent *event,
                                guint       index)
{
  GHashTableIter iter;
  gpointer result, step;

  g_hash_table_iter_init (&iter, self->results);
  while (g_hash_table_iter_next (&iter, &result, &step))
    run_check (self->run, bubus_event_result_get_event (result) != event
               || GPOINTER_TO_UINT (step) >= BUBUS_RESULT_STATUS_COMPLETED + 1,
               "the middleware of b%u hears that e%u is complete before one of its results is (B-8.6)", self->bus,
               index);
}

static void
middleware_maybe_hold (Middleware *self,
                       BubusEvent *event,
                       guint       index)
{
  if (self->interceptor % 5 != 1 || index % 3 != 0)
    return;

  run_log (self->run, "e%u is held on b%u", index, self->bus);
  g_ptr_array_add (self->run->holds, bubus_event_bus_hold_event (self->run->buses[self->bus], event));
}

static void
middleware_event_changed (BubusMiddleware  *middleware,
                          BubusEventBus    *bus,
                          BubusEvent       *event,
                          BubusEventStatus  status)
{
  Middleware *self = (Middleware *) middleware;
  Run *run = self->run;
  const Record *record = g_hash_table_lookup (run->by_event, event);
  guint before;

  if (record == NULL)
    return;

  before = middleware_step (self->events, event, status + 1);
  run_check (run, bus == run->buses[self->bus], "the middleware of b%u is told of another bus", self->bus);
  run_check (run, before < (guint) status + 1, "the middleware of b%u is told that e%u is %d after %d (B-17.2)",
             self->bus, record->index, status, (int) before - 1);
  run_check (run, status == BUBUS_EVENT_STATUS_PENDING || before > 0,
             "the middleware of b%u hears first that e%u is %d (B-8.6)", self->bus, record->index, status);
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    {
      run_check (run, record->n_completed == 0, "the middleware of b%u hears too late that e%u is complete", self->bus,
                 record->index);
      middleware_check_results_final (self, event, record->index);
    }
  else if (status == BUBUS_EVENT_STATUS_PENDING && !record->complete)
    middleware_maybe_hold (self, event, record->index);
}

static void
middleware_result_changed (BubusMiddleware   *middleware,
                           BubusEventBus     *bus,
                           BubusEvent        *event,
                           BubusEventResult  *result,
                           BubusResultStatus  status)
{
  Middleware *self = (Middleware *) middleware;
  Run *run = self->run;
  const Record *record = g_hash_table_lookup (run->by_event, event);
  guint told;
  guint before;

  if (record == NULL)
    return;

  told = GPOINTER_TO_UINT (g_hash_table_lookup (self->events, event));
  before = middleware_step (self->results, result, status + 1);
  run_check (run, told > 0, "the middleware of b%u hears of a result of e%u before it hears of the event (B-8.6)",
             self->bus, record->index);
  run_check (run, told <= BUBUS_EVENT_STATUS_COMPLETED || record->after,
             "the middleware of b%u hears of a result of e%u, which is complete (B-8.6)", self->bus, record->index);
  run_check (run, status == BUBUS_RESULT_STATUS_PENDING ? before == 0
             : before > 0 && before < BUBUS_RESULT_STATUS_COMPLETED + 1 && before < (guint) status + 1,
             "the middleware of b%u is told that %s of e%u is %d after %d (B-8.6)", self->bus,
             bubus_event_result_get_handler_name (result), record->index, status, (int) before - 1);
}

/* ---- intercepting ---- */

typedef enum
{
  INTERCEPT_REFUSE,
  INTERCEPT_DROP,
  INTERCEPT_REPLACE,
  INTERCEPT_DEFER,
  INTERCEPT_DEFER_AND_RESUME,
  N_INTERCEPTS,
} Intercept;

static void
interception_drop (Run               *run,
                   BubusInterception *interception,
                   Record            *record)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "dropped by the middleware");

  run_log (run, "e%u is dropped", record->index);
  record->intercepted = record->dropped = TRUE;
  bubus_interception_drop (interception, reason);
}

static void
interception_replace (Run               *run,
                      BubusInterception *interception,
                      Record            *record,
                      guint              type)
{
  g_autoptr (BubusEvent) event = NULL;
  Record *other;

  if (run->records->len >= MODEL_MAX_EVENTS)
    return;

  event = run_new_event (run, type, &other);
  run_log (run, "e%u is replaced by e%u", record->index, other->index);
  record->intercepted = record->dropped = TRUE; /* when it cannot be replaced any more, it is dropped */
  other->intercepted = other->replaces = TRUE;
  other->parent = (int) record->index;
  other->blocking = !record->complete;
  _bubus_event_add_waiter (event, &other->waiter);
  bubus_interception_replace (interception, event);
}

static gboolean
middleware_intercept (BubusMiddleware    *middleware,
                      BubusEventBus      *bus,
                      BubusEvent         *event,
                      BubusInterception  *interception,
                      GError            **error)
{
  Middleware *self = (Middleware *) middleware;
  Run *run = self->run;
  Record *record = g_hash_table_lookup (run->by_event, event);
  guint number = self->interceptor == 0 ? N_INTERCEPTS : (self->interceptor + 7 * self->n_intercepted++) % 13;

  switch (number)
    {
    case INTERCEPT_REFUSE:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "refused by the middleware");
      return FALSE;
    case INTERCEPT_DROP:
      interception_drop (run, interception, record);
      return TRUE;
    case INTERCEPT_REPLACE:
      interception_replace (run, interception, record, self->interceptor % MODEL_N_TYPES);
      return TRUE;
    case INTERCEPT_DEFER:
      run_log (run, "e%u is kept back on b%u", record->index, self->bus);
      record->intercepted = TRUE;
      g_ptr_array_add (run->interceptions, g_object_ref (interception));
      bubus_interception_defer (interception);
      return TRUE;
    case INTERCEPT_DEFER_AND_RESUME:
      bubus_interception_defer (interception);
      bubus_interception_resume (interception);
      return TRUE;
    default:
      return TRUE;
    }
}

/* What is kept back goes on, in one way or another. */
void
run_go_on (Run   *run,
           guint  number)
{
  g_autoptr (BubusInterception) interception = NULL;
  Record *record;

  if (run->interceptions->len == 0)
    return;

  interception = g_object_ref (run->interceptions->pdata[number % run->interceptions->len]);
  g_ptr_array_remove (run->interceptions, interception);
  record = g_hash_table_lookup (run->by_event, bubus_interception_get_event (interception));
  run_log (run, "e%u goes on", record->index);
  if (number % 4 == 1)
    interception_drop (run, interception, record);
  else if (number % 4 == 2)
    interception_replace (run, interception, record, number % MODEL_N_TYPES);
  if (number % 4 != 1)
    bubus_interception_resume (interception);
}

void
run_release (Run   *run,
             guint  number)
{
  if (run->holds->len == 0)
    return;

  run_log (run, "a hold is released");
  bubus_hold_release (run->holds->pdata[number % run->holds->len]);
  g_ptr_array_remove_index (run->holds, number % run->holds->len);
}

/* ---- the object ---- */

static void
middleware_finalize (GObject *object)
{
  Middleware *self = (Middleware *) object;

  g_hash_table_unref (self->events);
  g_hash_table_unref (self->results);

  G_OBJECT_CLASS (middleware_parent_class)->finalize (object);
}

static void
middleware_iface_init (gpointer data,
                       gpointer unused G_GNUC_UNUSED)
{
  BubusMiddlewareInterface *iface = data;

  iface->event_changed = middleware_event_changed;
  iface->result_changed = middleware_result_changed;
  iface->intercept = middleware_intercept;
}

static void
middleware_class_init (MiddlewareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = middleware_finalize;
}

static void
middleware_init (Middleware *self)
{
  self->events = g_hash_table_new (NULL, NULL);
  self->results = g_hash_table_new (NULL, NULL);
}

void
run_add_middleware (Run   *run,
                    guint  bus)
{
  const BusSpec *spec = &run->program->buses[bus];
  g_autoptr (GObject) object = NULL;
  Middleware *self;

  if (!spec->observed && spec->interceptor == 0)
    return;

  object = g_object_new (middleware_get_type (), NULL);
  self = (Middleware *) object;
  self->run = run;
  self->bus = bus;
  self->interceptor = spec->interceptor;
  bubus_event_bus_add_middleware (run->buses[bus], BUBUS_MIDDLEWARE (object));
}
