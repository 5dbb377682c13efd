/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What somebody knows of a model who looks at nothing but its changes. */
typedef struct
{
  GListModel *model;
  GPtrArray  *items;
  GString    *changes;  /* position, removed, added */
} Mirror;

Mirror *mirror_new  (GListModel *model);
void    mirror_free (Mirror     *mirror);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mirror, mirror_free)
