/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exec-error.h"

G_DEFINE_QUARK (exec-error, exec_error)
