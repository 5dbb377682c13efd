/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-event-bus.h"
#include "bus/bubus-event-wait.h"
#include "event/bubus-event-internal.h"

/* ---- a program: plain data, made from a seed, which the shrinker can take apart ---- */

#define MODEL_MAX_BUSES    4
#define MODEL_MAX_HANDLERS 12
#define MODEL_MAX_STEPS    5
#define MODEL_MAX_ROOTS    6
#define MODEL_MAX_EVENTS   60   /* what a run dispatches at most: scripts that cause each other must end */
#define MODEL_MAX_CALLS    400

typedef enum
{
  STEP_NONE,          /* taken out by the shrinker */
  STEP_DISPATCH,      /* a child, with the bus's function */
  STEP_INVOCATION,    /* a child, with the invocation's */
  STEP_BACKGROUND,
  STEP_DETACHED,
  STEP_DISPATCH_WAIT, /* a child, with dispatch_async */
  STEP_AGAIN,         /* the own event on a bus */
  STEP_AGAIN_OLD,     /* any earlier event on a bus */
  STEP_RUN,           /* awaits one of the own children in place */
  STEP_RUN_OLD,       /* the same, for any earlier event */
  STEP_RUN_ASYNC,     /* awaits one of the own children, and answers when it is complete */
  STEP_OFF_SELF,
  STEP_OFF,
  STEP_ON,
  STEP_PRIORITY,
  STEP_STOP,
  N_STEPS,
} StepKind;

typedef enum
{
  MODE_NOW,
  MODE_DEFER_IDLE,    /* the second half of the steps, and the answer, come from an idle source */
  MODE_DEFER_AT_ONCE, /* answers before the handler returns */
  MODE_DEFER_THREAD,  /* the answer comes from another thread */
  MODE_DEFER_FALSE,   /* defers, and then fails */
  MODE_DEFER_LATE,    /* as the first, and dispatches a child after the answer */
  MODE_DEFER_NEVER,   /* never answers: its bus must be stopped at last */
  N_MODES,
} Mode;

typedef enum
{
  OUTCOME_NOTHING,
  OUTCOME_VALUE,
  OUTCOME_WRONG,
  OUTCOME_FAIL,
  OUTCOME_FAIL_SILENTLY,
  N_OUTCOMES,
} Outcome;

typedef struct
{
  StepKind kind;
  guint    bus;
  guint    type;
  guint    number;
} Step;

typedef struct
{
  Mode    mode;
  Outcome outcome;
  Step    steps[MODEL_MAX_STEPS];
} Script;

typedef struct
{
  gboolean used;
  gboolean late;      /* not registered at first: for STEP_ON */
  guint    bus;
  guint    pattern;
  int      priority;
  int      target;    /* a bus to forward to, or -1 */
  Script   scripts[2];
} HandlerSpec;

typedef struct
{
  int   max_history_size;
  guint max_pending;
  guint time_budget;
  guint max_depth;
  guint max_recursion;
} BusSpec;

typedef struct
{
  gboolean used;
  guint    bus;
  guint    type;
  gboolean with_room;  /* by dispatch_async */
  gboolean later;      /* from an idle source */
  int      again;      /* also on this bus, or -1 */
  guint    n_waits;    /* from outside */
  gboolean cancel;     /* the first of them */
} RootSpec;

typedef struct
{
  guint32     seed;
  gboolean    keep;    /* events are kept until the end, so that they can be looked at */
  gboolean    fixed;   /* no step changes the handlers: the results of every event are known in advance */
  guint       n_buses;
  BusSpec     buses[MODEL_MAX_BUSES];
  guint       n_handlers;
  HandlerSpec handlers[MODEL_MAX_HANDLERS];
  guint       n_roots;
  RootSpec    roots[MODEL_MAX_ROOTS];
} Program;

extern const char *const model_patterns[];
extern const guint model_n_patterns;

void     program_generate (Program       *program,
                           guint32        seed);
char    *program_dump     (const Program *program);

/* ---- a run ---- */

#define MODEL_N_TYPES 3

GType       model_type_get      (guint  type);
const char *model_type_get_name (guint  type);

typedef struct _Run Run;

/* What the run knows of an event, apart from the event. */
typedef struct
{
  Run        *run;
  BubusEvent *event;        /* a reference when the program keeps events; else only to compare */
  guint       index;
  guint       type;
  int         parent;       /* whose handler dispatched it, or -1 */
  gboolean    blocking;     /* the parent waits for it */
  gboolean    awaited;
  gboolean    accepted;
  gboolean    complete;
  gboolean    waits_for_room;  /* dispatched by dispatch_async: its parent is not known at once */
  gboolean    after;        /* was given to a bus after it was complete */
  guint       n_completed;
  BubusWaiter waiter;
} Record;

/* One registration. */
typedef struct
{
  Run          *run;
  guint         spec;
  guint         n_calls;
  BubusHandler *handler;    /* a reference */
} Use;

/* One call of a handler. */
typedef struct
{
  Run             *run;
  Use             *use;
  const Script    *script;
  guint            record;
  guint            bus;
  BubusInvocation *invocation;  /* a reference, when deferred */
  GArray          *children;    /* indexes of records */
  guint            n_waits;     /* not finished */
  gboolean         in_handler;
  gboolean         stepped;     /* all steps are done */
  int              ended;       /* atomic */
  gboolean         given_up;    /* its bus was stopped while it was running */
} Call;

struct _Run
{
  const Program *program;
  GMainContext  *context;
  BubusEventBus *buses[MODEL_MAX_BUSES];
  gboolean       stopped[MODEL_MAX_BUSES];
  GPtrArray     *records;
  GHashTable    *by_event;
  GPtrArray     *uses;
  GPtrArray     *calls;
  GHashTable    *seen;        /* event and registration */
  GArray        *awaiting;    /* records that are run in place now, innermost last */
  GPtrArray     *threads;
  guint64        last_sequence[MODEL_MAX_BUSES];  /* of what has started in its turn, and 1 */
  GHashTable    *invocations; /* those that are watched */
  int            n_in_threads;
  guint          n_waiting;   /* waits from outside, and for room */
  int            n_alive;     /* objects that are watched */
  int            n_handler_data;
  GString       *log;
  char          *failure;
};

/* FALSE, and a text that says what is wrong, when an invariant is broken. */
char    *run_program      (const Program *program,
                           char         **log);
void     run_fail         (Run           *run,
                           const char    *format,
                           ...) G_GNUC_PRINTF (2, 3);
void     run_log          (Run           *run,
                           const char    *format,
                           ...) G_GNUC_PRINTF (2, 3);
#define  run_check(run, condition, ...) \
  G_STMT_START { if (!(condition)) run_fail (run, __VA_ARGS__); } G_STMT_END
void     run_watch        (Run           *run,
                           gpointer       object);
guint    run_find_bus     (Run           *run,
                           BubusEventBus *bus);
Record  *run_get_record   (Run           *run,
                           guint          index);
BubusEvent *run_new_event (Run           *run,
                           guint          type,
                           Record       **record);
void     run_register     (Run           *run,
                           guint          spec);
gboolean run_dispatch     (Run           *run,
                           guint          bus,
                           Record        *record,
                           BubusEvent    *event,
                           Call          *call,
                           StepKind       kind);
void     run_await        (Run           *run,
                           Record        *record);
void     run_stop_bus     (Run           *run,
                           guint          bus);
gboolean model_handle     (BubusEvent       *event,
                           BubusInvocation  *invocation,
                           gpointer          user_data,
                           GError          **error);
void     call_free        (Call          *call);

/* ---- checks ---- */

gboolean record_is_exempt (Run           *run,
                           const Record  *record);
gboolean record_descends  (Run           *run,
                           guint          record,
                           guint          ancestor);
void     check_start      (Run           *run,
                           const Call    *call);
void     check_completed  (Run           *run,
                           Record        *record,
                           BubusEvent    *event);
void     check_end        (Run           *run);
