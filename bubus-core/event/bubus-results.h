/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

/**
 * BubusResultFilter:
 * @result: what one handler did; to keep it, take a reference
 * @user_data: (closure): what was given with the function
 * @error: where to put why it cannot be said
 *
 * Says whether a result is to be included.
 *
 * Returns: whether @result is included; %FALSE with an error ends the search for results with that error
 *
 * Since: 1.0
 */
typedef gboolean (*BubusResultFilter) (BubusEventResult  *result,
                                       gpointer           user_data,
                                       GError           **error);

#define BUBUS_TYPE_RESULTS (bubus_results_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusResults, bubus_results, BUBUS, RESULTS, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusResults *bubus_results_new                     (BubusEvent         *event) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEvent   *bubus_results_get_event               (BubusResults       *self);
BUBUS_AVAILABLE_IN_ALL
double        bubus_results_get_timeout             (BubusResults       *self);
BUBUS_AVAILABLE_IN_ALL
void          bubus_results_set_timeout             (BubusResults       *self,
                                                     double              seconds);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_results_get_raise_if_any        (BubusResults       *self);
BUBUS_AVAILABLE_IN_ALL
void          bubus_results_set_raise_if_any        (BubusResults       *self,
                                                     gboolean            raise_if_any);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_results_get_raise_if_none       (BubusResults       *self);
BUBUS_AVAILABLE_IN_ALL
void          bubus_results_set_raise_if_none       (BubusResults       *self,
                                                     gboolean            raise_if_none);
BUBUS_AVAILABLE_IN_ALL
gboolean      bubus_results_get_raise_if_conflicts  (BubusResults       *self);
BUBUS_AVAILABLE_IN_ALL
void          bubus_results_set_raise_if_conflicts  (BubusResults       *self,
                                                     gboolean            raise_if_conflicts);
BUBUS_AVAILABLE_IN_ALL
void          bubus_results_set_include             (BubusResults       *self,
                                                     BubusResultFilter   include,
                                                     gpointer            user_data,
                                                     GDestroyNotify      notify);

BUBUS_AVAILABLE_IN_ALL
const GValue *bubus_results_get_first               (BubusResults       *self,
                                                     GError            **error);
BUBUS_AVAILABLE_IN_ALL
GList        *bubus_results_list                    (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GPtrArray    *bubus_results_filter                  (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GHashTable   *bubus_results_by_handler_id           (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GHashTable   *bubus_results_by_handler_name         (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GVariant     *bubus_results_flat_dict               (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GVariant     *bubus_results_flat_list               (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJson    *bubus_results_flat_json_dict          (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJson    *bubus_results_flat_json_list          (BubusResults       *self,
                                                     GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
