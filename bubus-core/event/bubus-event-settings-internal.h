/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event-settings.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_EVENT_TIME_HANDLER,       /* event-timeout */
  BUBUS_EVENT_TIME_EVENT,         /* event-deadline */
  BUBUS_EVENT_TIME_SLOW_HANDLER,  /* event-handler-slow-timeout */
  BUBUS_EVENT_TIME_SLOW_EVENT,    /* event-slow-timeout */
} BubusEventTime;

typedef enum
{
  BUBUS_EVENT_MODE_EVENTS,      /* event-concurrency */
  BUBUS_EVENT_MODE_HANDLERS,    /* event-handler-concurrency */
  BUBUS_EVENT_MODE_COMPLETION,  /* event-handler-completion */
} BubusEventMode;

#define BUBUS_N_EVENT_TIMES    (BUBUS_EVENT_TIME_SLOW_EVENT + 1)
#define BUBUS_N_EVENT_MODES    (BUBUS_EVENT_MODE_COMPLETION + 1)
#define BUBUS_N_EVENT_SETTINGS (BUBUS_N_EVENT_TIMES + BUBUS_N_EVENT_MODES)

/* How events are handled, as one event, a class or a bus says it. */
typedef struct
{
  double times[BUBUS_N_EVENT_TIMES];  /* seconds; negative: unset */
  guint8 modes[BUBUS_N_EVENT_MODES];  /* 0: unset */
} BubusEventSettings;

extern const char *const _bubus_event_time_names[BUBUS_N_EVENT_TIMES];
extern const char *const _bubus_event_mode_names[BUBUS_N_EVENT_MODES];

const char *
       _bubus_event_mode_get_nick            (BubusEventMode      mode,
                                              int                 value);
int    _bubus_event_mode_from_nick           (BubusEventMode      mode,
                                              const char         *nick);
void   _bubus_event_settings_init            (BubusEventSettings *self);
const BubusEventSettings *
       _bubus_event_resolve_settings         (BubusEvent               *event,
                                              const BubusEventSettings *bus,
                                              BubusEventSettings       *storage);
void   _bubus_event_settings_make_properties (GParamSpec              **properties,
                                              double                    minimum,
                                              const BubusEventSettings *defaults,
                                              GParamFlags               flags);
void   _bubus_event_get_setting              (BubusEvent         *event,
                                              guint               index,
                                              GValue             *value);
void   _bubus_event_set_setting              (BubusEvent         *event,
                                              guint               index,
                                              const GValue       *value);
double _bubus_event_get_time                 (BubusEvent         *event,
                                              BubusEventTime      time);
void   _bubus_event_set_time                 (BubusEvent         *event,
                                              BubusEventTime      time,
                                              double              seconds);
int    _bubus_event_get_mode                 (BubusEvent         *event,
                                              BubusEventMode      mode);
void   _bubus_event_set_mode                 (BubusEvent         *event,
                                              BubusEventMode      mode,
                                              int                 value);

G_END_DECLS
