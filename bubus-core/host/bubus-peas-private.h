/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The one place that knows that there are two generations of libpeas. */

#if BUBUS_PEAS_API >= 2
# include <libpeas.h>
# define BUBUS_PEAS_PYTHON_LOADER "python"
# define BUBUS_PEAS_OTHER_PYTHON_LOADER "python3"
#else
# include <libpeas/peas.h>
# define BUBUS_PEAS_PYTHON_LOADER "python3"
# define BUBUS_PEAS_OTHER_PYTHON_LOADER "python"
#endif
