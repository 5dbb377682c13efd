/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "bus/bubus-event-bus-settings.h"
#include "bus/bubus-event-bus.h"
#include "bus/bubus-event-wait.h"
#include "bus/bubus-hold.h"
#include "bus/bubus-interception.h"
#include "event/bubus-event-internal.h"

/* ---- a program: plain data, made from a seed, which the shrinker can take apart ---- */

#define MODEL_MAX_BUSES    4
#define MODEL_MAX_HANDLERS 12
#define MODEL_MAX_STEPS    5
#define MODEL_MAX_ROOTS    6
#define MODEL_MAX_ACTIONS  8
#define MODEL_MAX_EVENTS   60   /* what a run dispatches at most: scripts that cause each other must end */
#define MODEL_MAX_CALLS    400
#define MODEL_N_TYPES      4
#define MODEL_SECOND       G_GINT64_CONSTANT (1000000000)

/* What a program may contain beside the usual. */
typedef enum
{
  FEATURE_MODES       = 1 << 0,  /* parallel and global-serial events, parallel handlers, the first value */
  FEATURE_TIMES       = 1 << 1,  /* time limits of handlers and events */
  FEATURE_MIDDLEWARE  = 1 << 2,  /* observers, interceptors, holds */
  FEATURE_SEEKERS     = 1 << 3,  /* those who look for events, and wait for a limited time */
  FEATURE_STOPPING    = 1 << 4,  /* draining stops, and clear */
  FEATURE_THREADS     = 1 << 6,  /* buses in several main contexts, and nothing of the other features but modes */
  FEATURE_PREDICTABLE = 1 << 5,  /* the reference says what happens, call by call */
} Features;

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
  STEP_ADVANCE,       /* the clock */
  STEP_RUN_CANCELLED, /* as STEP_RUN_ASYNC, until another thread cancels the wait; like the next only in threads */
  STEP_HOLD,          /* the own event is not complete before another thread says so */
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
  gboolean threaded;
  gboolean once;
  gboolean tied;      /* to an object that goes when an action says so */
  double   timeout;   /* negative: unset */
  Script   scripts[2];
} HandlerSpec;

typedef struct
{
  int   max_history_size;
  guint max_pending;
  guint time_budget;
  guint max_depth;
  guint max_recursion;
  BubusEventConcurrency   concurrency;
  BubusHandlerConcurrency handlers;
  BubusHandlerCompletion  completion;
  double   timeout;
  double   deadline;
  gboolean observed;     /* has a middleware that checks what it is told */
  guint    interceptor;  /* chooses what a middleware does with each event; 0: there is none */
} BusSpec;

/* What the events of one class say of themselves. */
typedef struct
{
  BubusEventConcurrency   concurrency;
  BubusHandlerConcurrency handlers;
  BubusHandlerCompletion  completion;
  double timeout;
  double deadline;
} TypeSpec;

/* What is done from outside, one after the other. */
typedef enum
{
  ACTION_NONE,
  ACTION_ADVANCE,   /* the clock */
  ACTION_RESUME,    /* an event that a middleware keeps back */
  ACTION_RELEASE,   /* a hold */
  ACTION_EXPECT,
  ACTION_FIND,
  ACTION_FILTER,
  ACTION_WAIT_FOR,
  ACTION_RESULTS,
  ACTION_IDLE_FOR,
  ACTION_DRAIN,     /* stops a bus when it is done */
  ACTION_CLEAR,
  ACTION_UNTIE,     /* the object goes to which handlers are tied */
  ACTION_OFF,       /* all handlers of a pattern */
  N_ACTIONS,
} ActionKind;

typedef struct
{
  ActionKind kind;
  guint      bus;
  guint      type;
  guint      number;
  gboolean   early;  /* does not wait until everything is at rest */
} Action;

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
  Features    features;
  gboolean    keep;    /* events are kept until the end, so that they can be looked at */
  gboolean    fixed;   /* no step changes the handlers: the results of every event are known in advance */
  guint       n_threads;
  guint       n_buses;
  BusSpec     buses[MODEL_MAX_BUSES];
  guint       n_handlers;
  HandlerSpec handlers[MODEL_MAX_HANDLERS];
  guint       n_roots;
  RootSpec    roots[MODEL_MAX_ROOTS];
  TypeSpec    types[MODEL_N_TYPES];
  guint       n_actions;
  Action      actions[MODEL_MAX_ACTIONS];
} Program;

extern const char *const model_patterns[];
extern const guint model_n_patterns;

void     program_generate (Program       *program,
                           guint32        seed);
void     program_generate_threaded (Program *program,
                           guint32        seed);
char    *program_dump     (const Program *program);
void     program_shrink   (Program       *program,
                           gboolean     (*fails) (const Program *candidate));
BubusEventConcurrency
         program_get_concurrency (const Program *program,
                           guint          bus,
                           guint          type);
gboolean program_may_race (const Program *program,
                           guint          bus,
                           guint          type);
gboolean program_has_deadline (const Program *program,
                           guint          bus,
                           guint          type);
double   program_get_timeout (const Program *program,
                           guint          handler,
                           guint          type);
guint    program_select   (const Program *program,
                           guint          bus,
                           guint          type,
                           guint         *selected);

/* How long threads may take until a program is said never to end, in milliseconds. */
extern guint model_patience;

/* What is wrong, or NULL. */
char    *program_run      (const Program *program,
                           char         **log);
char    *program_run_threaded (const Program *program,
                           char         **log);

/* ---- processes ---- */

typedef void (*ProgramGenerate) (Program *program,
                                 guint32  seed);

char    *program_run_alone (const Program *program,
                            guint          limit,
                            char         **log);
char    *programs_run      (guint32        first_seed,
                            guint          n_seeds,
                            guint          limit,
                            ProgramGenerate generate,
                            guint32       *seed,
                            char         **log);

/* ---- a run ---- */

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
  gboolean    intercepted;  /* a middleware has kept it back, replaced or dropped it somewhere */
  gboolean    dropped;
  gboolean    unwanted;     /* was dispatched by what nobody wanted any more, while that could not be interrupted */
  gboolean    replaces;     /* stands in for another: nobody was told whether it was accepted */
  gboolean    parallel;     /* its turn comes at once on every bus */
  gpointer    emitter;      /* nullable: the Call that dispatched it */
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
  BubusEventResult *result;     /* valid while the call has not ended */
  GArray          *children;    /* indexes of records */
  guint            n_waits;     /* not finished */
  gboolean         in_handler;
  gboolean         stepped;     /* all steps are done */
  int              ended;       /* atomic */
  gboolean         given_up;    /* nobody waited for its answer any more */
} Call;

typedef struct _Middleware Middleware;

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
  BubusClock    *clock;
  GObject       *tie;         /* nullable: what handlers are tied to */
  gboolean       stopping[MODEL_MAX_BUSES];
  Middleware    *middleware[MODEL_MAX_BUSES];
  GPtrArray     *interceptions;  /* those that wait; with references */
  GPtrArray     *holds;          /* with references */
  GString       *trace;       /* what the reference predicts */
  GQueue         deferred;    /* calls that go on one after the other, when it is to be predicted */
  int            n_alive;     /* objects that are watched */
  int            n_handler_data;
  GString       *log;
  char          *failure;
};

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
void     run_trace        (Run           *run,
                           const char    *format,
                           ...) G_GNUC_PRINTF (2, 3);
void     run_start_root   (Run            *run,
                           const RootSpec *root);
void     run_start_idle_wait (Run        *run,
                           guint          bus);
void     run_act          (Run           *run,
                           const Action  *action);
void     run_settle       (Run           *run);
void     run_add_middleware (Run         *run,
                           guint          bus);
void     run_go_on        (Run           *run,
                           guint          number);
void     run_release      (Run           *run,
                           guint          number);
void     run_advance      (Run           *run,
                           guint          number);
gboolean run_drain        (Run           *run,
                           guint          n_iterations);
gboolean call_is_given_up (Call          *call);
gboolean call_is_running  (Call          *call);
void     call_go_on       (Call          *call);
gboolean model_handle     (BubusEvent       *event,
                           BubusInvocation  *invocation,
                           gpointer          user_data,
                           GError          **error);
void     call_free        (Call          *call);

/* ---- checks ---- */

gboolean record_is_exempt (Run           *run,
                           Record        *record);
gboolean record_is_unwanted (Run         *run,
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

/* ---- the reference ---- */

char    *reference_run    (const Program *program);
