/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "orders-error.h"

G_DEFINE_QUARK (orders-error-quark, orders_error)
