/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "model.h"

typedef struct _RefVisit RefVisit;
typedef struct _RefCall RefCall;

typedef struct
{
  guint      index;
  guint      type;
  int        parent;
  gboolean   blocking;   /* the parent waits for it */
  gboolean   accepted;
  gboolean   jumped;     /* a handler awaits it, or what it blocks */
  gboolean   abandoned;  /* what it was for is over */
  gboolean   complete;
  int        pending;    /* visits that are not handled, and children that block it */
  gpointer   emitter;    /* RefResult */
  GPtrArray *visits;
} RefEvent;

typedef struct
{
  RefVisit  *visit;
  guint      spec;
  gboolean   final;
  gboolean   given_up;
  GPtrArray *children;   /* of RefEvent */
} RefResult;

typedef enum
{
  REF_WAITING,
  REF_RUNNING,
  REF_HANDLED,
} RefState;

struct _RefVisit
{
  guint      bus;
  RefEvent  *event;
  RefState   state;
  GPtrArray *results;
  guint      n_called;
  guint      n_running;
  gboolean   first_wins;
  gboolean   in_parallel;
  RefResult *winner;
  gboolean   over;
};

struct _RefCall
{
  RefResult    *result;
  const Script *script;
  RefCall      *caller;      /* in whose handler this one runs in place */
  GPtrArray    *children;
  gboolean      in_handler;
};

typedef struct
{
  GQueue   queue;
  GQueue   urgent;
  GQueue   paused;    /* RefVisit */
  GQueue   deferred;  /* RefCall */
  GQueue   answered;
  guint    n_busy;
  gboolean awake;
} RefBus;

typedef struct
{
  const Program *program;
  GString       *trace;
  RefBus         buses[MODEL_MAX_BUSES];
  GPtrArray     *events;
  GPtrArray     *pool;
  GPtrArray     *arrays;
  GQueue         halves;   /* calls whose second half is to come */
  GQueue         line;     /* buses that are awake */
  guint          n_calls_of[MODEL_MAX_HANDLERS];
  guint          n_calls;
  RefCall       *current;
} Ref;

typedef enum
{
  REF_NOTHING,
  REF_VALUE,
} RefAnswer;

gpointer   ref_alloc          (Ref            *ref,
                               gsize           size);
GPtrArray *ref_new_array      (Ref            *ref);
RefEvent  *ref_get_event      (Ref            *ref,
                               guint           index);
RefEvent  *ref_get_parent     (Ref            *ref,
                               const RefEvent *event);
RefEvent  *ref_new_event      (Ref            *ref,
                               guint           type);
RefVisit  *ref_find_visit     (RefEvent       *event,
                               guint           bus);
GPtrArray *ref_list_children  (RefEvent       *event);
void       ref_let_event_pass (Ref            *ref,
                               RefEvent       *event);
gboolean   ref_dispatch       (Ref            *ref,
                               guint           bus,
                               RefEvent       *event,
                               RefResult      *emitter,
                               StepKind        kind);
void       ref_finish         (Ref            *ref,
                               RefVisit       *visit);
gboolean   ref_answer         (RefResult      *result,
                               RefAnswer       answer);
RefAnswer  ref_get_answer     (const RefCall  *call);
void       ref_answer_later   (Ref            *ref,
                               RefCall        *call,
                               RefAnswer       answer);
void       ref_end_race       (Ref            *ref,
                               RefVisit       *visit);
void       ref_start_waiting  (Ref            *ref,
                               RefEvent       *event);
void       ref_jump           (Ref            *ref,
                               RefEvent       *event);
