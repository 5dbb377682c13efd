/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#define BUBUS_INSIDE
#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "base/bubus-types.h"
#include "base/bubus-version.h"
#undef BUBUS_INSIDE
