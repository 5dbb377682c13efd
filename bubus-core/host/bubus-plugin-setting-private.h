/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-setting.h"

G_BEGIN_DECLS

struct _BubusPluginSetting
{
  GObject parent_instance;

  char       *name;
  char       *summary;        /* nullable */
  const char *type_name;
  GVariant   *value;          /* nullable */
  GVariant   *default_value;  /* nullable */
  GVariant   *minimum;        /* nullable */
  GVariant   *maximum;        /* nullable */
  char      **choices;        /* nullable */
  gboolean    given;
  GError     *error;          /* nullable: why there is no value */
};

G_END_DECLS
