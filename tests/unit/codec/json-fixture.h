/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "codec/bubus-event-json.h"
#include "event/bubus-event-field.h"

#define DIALECT   "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\""
#define EVENT_ID  "01a1fd50-2dc3-772d-88f9-e628fe4e14fb"
#define PARENT_ID "01a1fd50-2db4-746f-a4d6-f36d60be52e7"
#define HANDLER_A "5a3dd1d3-49f2-5d2e-906b-d83b2d8ee6a5"
#define HANDLER_B "2429516e-af7d-542d-a0f5-dcca6777140a"
#define HANDLER_C "f8ba19d7-d754-5e39-b007-09d2b328f7ef"
#define BUS_A     "01a1fd50-2d9c-7770-a24f-fda1acaa6d82"
#define BUS_B     "01a1fd50-2d9d-734b-aff2-4bf0416c2350"
#define HANDLER_TIME G_GINT64_CONSTANT (1000000000123456789)
#define TIME_1    "2026-11-21T08:54:12.674922739Z"
#define TIME_2    "2026-11-21T08:54:12.677259970Z"

/* What every event says; the payload and what came before it are put in between. */
#define HEAD(type) "{\"event_type\":\"" type "\",\"event_version\":\"0.0.1\",\"event_timeout\":null,"        \
                   "\"event_slow_timeout\":null,\"event_concurrency\":null,\"event_handler_timeout\":null,"  \
                   "\"event_handler_slow_timeout\":null,\"event_handler_concurrency\":null,"                 \
                   "\"event_handler_completion\":null,\"event_blocks_parent_completion\":false,"
#define BARE       "\"event_result_type\":null,\"event_id\":\"" EVENT_ID "\",\"event_path\":[],"             \
                   "\"event_parent_id\":null,\"event_emitted_by_handler_id\":null,"                          \
                   "\"event_pending_bus_count\":0,\"event_created_at\":\"" TIME_1 "\","                      \
                   "\"event_status\":\"pending\",\"event_started_at\":null,\"event_completed_at\":null"

/* An event with every kind of field. */
typedef struct
{
  BubusEvent        parent_instance;
  gboolean          truth;
  int               quantity;
  guint             weight;
  gint64            big;
  guint64           bigger;
  double            price;
  char             *text;
  char             *comment;
  char            **tags;
  GVariant         *items;
  GVariant         *anything;
  BubusJson        *raw;
  BubusEventStatus  status;
  BubusJsonFlags    flags;
  GDate            *date;
  GObject          *object;
} TestEvent;

#define TYPED(payload) "{\"event_type\":\"TestEvent\"," payload "}"

#define TYPED_PAYLOAD "\"truth\":true,\"quantity\":6,\"weight\":4294967295,\"big\":-9223372036854775808,"              \
                      "\"bigger\":18446744073709551615,\"price\":83.43,\"text\":\"a\\\"é\",\"comment\":null,"      \
                      "\"tags\":[\"x\",\"y\"],\"items\":[{\"sku\":\"a\",\"n\":1}],\"anything\":[1,{\"a\":null}]," \
                      "\"raw\":{\"a\":1.50},\"status\":\"started\",\"flags\":[\"reset\"],\"date\":null,"           \
                      "\"object\":null,\"more\":1e5"

#define ACCOUNTS "conformance/samples/accounts.jsonl"
#define EXPECTED "conformance/samples/orders.expected.jsonl"
#define ORDERS   "../data/samples/orders.jsonl"

GType test_event_get_type (void);

BubusEvent *read_event     (const char *text);
void        assert_written (BubusEvent *event,
                            const char *expected);
void        assert_becomes (const char *text,
                            const char *expected);
char       *load_sample    (const char *path);
