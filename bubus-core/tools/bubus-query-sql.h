/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "support/history-database.h"

G_BEGIN_DECLS

/* Which events of a history are wanted. What is NULL or 0 does not matter. */
typedef struct
{
  const char *type;     /* with * and ? */
  const char *id;
  const char *parent;
  const char *status;
  gint64      since;
  gint64      until;
  gboolean    failed;   /* with a handler that has failed */
  int         limit;    /* the last ones; negative: all */
} BubusQueryFilter;

/* The columns of results. */
typedef enum
{
  BUBUS_QUERY_JSON,
  BUBUS_QUERY_TIME,
  BUBUS_QUERY_EVENT_TYPE,
  BUBUS_QUERY_EVENT_ID,
  BUBUS_QUERY_HANDLER,
  BUBUS_QUERY_STATUS,
  BUBUS_QUERY_VALUE,
  BUBUS_QUERY_ERROR,
} BubusQueryColumn;

sqlite3_stmt *bubus_query_prepare (HistoryDatabase         *database,
                                   const BubusQueryFilter  *filter,
                                   gboolean                 results,
                                   GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
