/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#define BUBUS_INSIDE
#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "base/bubus-types.h"
#include "base/bubus-version.h"
#include "bus/bubus-event-bus.h"
#include "bus/bubus-event-wait.h"
#include "bus/bubus-handler.h"
#include "bus/bubus-invocation.h"
#include "bus/bubus-middleware.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-event-schema.h"
#include "codec/bubus-generic-event.h"
#include "codec/bubus-json-variant.h"
#include "event/bubus-event-field.h"
#include "event/bubus-event-result.h"
#include "event/bubus-event.h"
#include "event/bubus-json.h"
#include "journal/bubus-journal-reader.h"
#include "journal/bubus-journal.h"
#include "journal/bubus-replay.h"
#undef BUBUS_INSIDE
