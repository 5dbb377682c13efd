/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus.h"

#define BUBUS_INSIDE
#include "host/bubus-host.h"
#include "host/bubus-plugin-context.h"
#include "host/bubus-plugin-info.h"
#include "host/bubus-plugin-module.h"
#include "host/bubus-plugin-setting.h"
#include "host/bubus-plugin.h"
#undef BUBUS_INSIDE
