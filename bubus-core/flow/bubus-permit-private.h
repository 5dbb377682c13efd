/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-permit-pool-private.h"
#include "flow/bubus-permit.h"

G_BEGIN_DECLS

BubusPermit *_bubus_permit_new        (BubusGrant      *grant,
                                       BubusPermit     *outer) G_GNUC_WARN_UNUSED_RESULT;
BubusGrant  *_bubus_permit_find_grant (BubusPermit     *self,
                                       BubusPermitPool *pool);

G_END_DECLS
