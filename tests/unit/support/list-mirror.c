/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "list-mirror.h"

#include "event/bubus-event.h"

static void
assert_mirrors (Mirror *mirror)
{
  g_assert_cmpuint (g_list_model_get_n_items (mirror->model), ==, mirror->items->len);
  for (guint i = 0; i < mirror->items->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (mirror->model, i);

      g_assert_true (item == mirror->items->pdata[i]);
    }
  g_assert_null (g_list_model_get_item (mirror->model, mirror->items->len));
}

static void
mirror_take_items (Mirror *mirror,
                   guint   position,
                   guint   added)
{
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (mirror->items, (int) (position + i), g_list_model_get_item (mirror->model, position + i));
}

static void
mirror_changed_cb (GListModel *model,
                   guint       position,
                   guint       removed,
                   guint       added,
                   Mirror     *mirror)
{
  if (removed > 0)
    g_ptr_array_remove_range (mirror->items, position, removed);
  mirror_take_items (mirror, position, added);
  g_string_append_printf (mirror->changes, "%s%u-%u+%u", mirror->changes->len > 0 ? " " : "", position, removed, added);
  assert_mirrors (mirror);
}

Mirror *
mirror_new (GListModel *model)
{
  Mirror *mirror = g_new0 (Mirror, 1);

  g_assert_true (g_list_model_get_item_type (model) == BUBUS_TYPE_EVENT);
  mirror->model = g_object_ref (model);
  mirror->items = g_ptr_array_new_with_free_func (g_object_unref);
  mirror->changes = g_string_new (NULL);
  mirror_take_items (mirror, 0, g_list_model_get_n_items (model));
  g_signal_connect (model, "items-changed", G_CALLBACK (mirror_changed_cb), mirror);
  return mirror;
}

void
mirror_free (Mirror *mirror)
{
  assert_mirrors (mirror);
  g_signal_handlers_disconnect_by_data (mirror->model, mirror);
  g_object_unref (mirror->model);
  g_ptr_array_unref (mirror->items);
  g_string_free (mirror->changes, TRUE);
  g_free (mirror);
}
