/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-history-view-private.h"

#include "event/bubus-event-internal.h"

/* The events of a bus that are in certain stages, in the order of their dispatch on that bus. Used in one thread at a
 * time: that of the bus's main context. */
struct _BubusHistoryView
{
  GObject            parent_instance;

  GSequence         *visits;  /* by sequence; the view holds a reference to each one's event */
  BubusHistoryStage  stages;
};

/* Neighbours that came or went, about which the listeners have not been told. */
typedef struct
{
  guint position;
  guint length;
} BubusHistoryRun;

static GType
bubus_history_view_get_item_type (GListModel *model)
{
  return BUBUS_TYPE_EVENT;
}

static guint
bubus_history_view_get_n_items (GListModel *model)
{
  return g_sequence_get_length (BUBUS_HISTORY_VIEW (model)->visits);
}

static gpointer
bubus_history_view_get_item (GListModel *model,
                             guint       position)
{
  BubusHistoryView *self = BUBUS_HISTORY_VIEW (model);

  if (position >= (guint) g_sequence_get_length (self->visits))
    return NULL;
  return g_object_ref (_bubus_visit_get_event (g_sequence_get (g_sequence_get_iter_at_pos (self->visits, position))));
}

static void
bubus_history_view_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = bubus_history_view_get_item_type;
  iface->get_n_items = bubus_history_view_get_n_items;
  iface->get_item = bubus_history_view_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusHistoryView, _bubus_history_view, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, bubus_history_view_list_model_init))

static int
bubus_history_view_compare (gconstpointer left,
                            gconstpointer right,
                            gpointer      data)
{
  const BubusVisit *a = left;
  const BubusVisit *b = right;

  return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static void
bubus_history_view_unref_event (gpointer visit)
{
  g_object_unref (_bubus_visit_get_event (visit));
}

static void
bubus_history_view_finalize (GObject *object)
{
  g_sequence_free (BUBUS_HISTORY_VIEW (object)->visits);
  G_OBJECT_CLASS (_bubus_history_view_parent_class)->finalize (object);
}

static void
_bubus_history_view_class_init (BubusHistoryViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_history_view_finalize;
}

static void
_bubus_history_view_init (BubusHistoryView *self)
{
  self->visits = g_sequence_new (bubus_history_view_unref_event);
}

GListModel *
_bubus_history_view_new (BubusHistoryStage stages)
{
  BubusHistoryView *self = g_object_new (BUBUS_TYPE_HISTORY_VIEW, NULL);

  self->stages = stages;
  return G_LIST_MODEL (self);
}

BubusHistoryStage
_bubus_history_view_get_stages (BubusHistoryView *self)
{
  return self->stages;
}

/* ---- changes ---- */

static void
bubus_history_view_tell_removed (BubusHistoryView *self,
                                 BubusHistoryRun  *run)
{
  if (run->length > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), run->position, run->length, 0);
  run->length = 0;
}

static void
bubus_history_view_tell_added (BubusHistoryView *self,
                               BubusHistoryRun  *run)
{
  if (run->length > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), run->position, 0, run->length);
  run->length = 0;
}

/* How far a visit is, and where it stands on its bus. */
static BubusHistoryStage
bubus_visit_get_stage_locked (const BubusVisit *visit)
{
  switch ((BubusVisitState) visit->state)
    {
    case BUBUS_VISIT_DELAYED:
    case BUBUS_VISIT_QUEUED:
    case BUBUS_VISIT_URGENT:
      return BUBUS_HISTORY_PENDING;
    case BUBUS_VISIT_RUNNING:
    case BUBUS_VISIT_HANDLED:
      return BUBUS_HISTORY_STARTED;
    case BUBUS_VISIT_DONE:
      return _bubus_link_is_linked (&visit->link) ? BUBUS_HISTORY_COMPLETED : BUBUS_HISTORY_GONE;
    case BUBUS_VISIT_UNUSED:
    default:
      return BUBUS_HISTORY_GONE;
    }
}

void
_bubus_history_describe_locked (BubusVisit *visit,
                                GArray     *changes)
{
  BubusHistoryChange change = { visit, bubus_visit_get_stage_locked (visit) };

  g_array_append_val (changes, change);
}

/* From the end to the start, so that what has been told holds for what is still to be removed. */
static void
bubus_history_view_remove (BubusHistoryView         *self,
                           const BubusHistoryChange *changes,
                           guint                     n_changes,
                           GPtrArray                *dropped)
{
  BubusHistoryRun run = { 0, 0 };

  for (guint i = n_changes; i-- > 0;)
    {
      BubusVisit *visit = changes[i].visit;
      GSequenceIter *iter;
      guint position;

      if ((changes[i].stage & self->stages) != 0)
        continue;
      iter = g_sequence_lookup (self->visits, visit, bubus_history_view_compare, NULL);
      if (iter == NULL)
        continue;
      position = g_sequence_iter_get_position (iter);
      if (run.length > 0 && position + 1 != run.position)
        bubus_history_view_tell_removed (self, &run);
      g_ptr_array_add (dropped, g_object_ref (_bubus_visit_get_event (visit)));
      g_sequence_remove (iter);
      run.position = position;
      run.length++;
    }
  bubus_history_view_tell_removed (self, &run);
}

/* Where the visit belongs; NULL when it is there already. */
static GSequenceIter *
bubus_history_view_find_place (BubusHistoryView *self,
                               BubusVisit       *visit)
{
  GSequenceIter *place = g_sequence_search (self->visits, visit, bubus_history_view_compare, NULL);

  if (!g_sequence_iter_is_begin (place) && g_sequence_get (g_sequence_iter_prev (place)) == visit)
    return NULL;
  return place;
}

static void
bubus_history_view_add (BubusHistoryView         *self,
                        const BubusHistoryChange *changes,
                        guint                     n_changes)
{
  BubusHistoryRun run = { 0, 0 };

  for (guint i = 0; i < n_changes; i++)
    {
      GSequenceIter *place;
      guint position;

      if ((changes[i].stage & self->stages) == 0)
        continue;
      place = bubus_history_view_find_place (self, changes[i].visit);
      if (place == NULL)
        continue;
      position = g_sequence_iter_get_position (place);
      if (run.length > 0 && position != run.position + run.length)
        bubus_history_view_tell_added (self, &run);
      if (run.length == 0)
        run.position = position;
      g_object_ref (_bubus_visit_get_event (changes[i].visit));
      g_sequence_insert_before (place, changes[i].visit);
      run.length++;
    }
  bubus_history_view_tell_added (self, &run);
}

static int
bubus_history_change_compare (gconstpointer left,
                              gconstpointer right)
{
  const BubusHistoryChange *a = left;
  const BubusHistoryChange *b = right;

  return bubus_history_view_compare (a->visit, b->visit, NULL);
}

/* Sorts the changes. */
void
_bubus_history_view_update (BubusHistoryView *self,
                            GArray           *changes)
{
  /* Listeners may look at the model whenever they are told; an event that goes for good goes after that. */
  g_autoptr (GPtrArray) dropped = g_ptr_array_new_with_free_func (g_object_unref);
  const BubusHistoryChange *first = (const BubusHistoryChange *) (gpointer) changes->data;

  g_array_sort (changes, bubus_history_change_compare);
  g_object_ref (self);
  bubus_history_view_remove (self, first, changes->len, dropped);
  bubus_history_view_add (self, first, changes->len);
  g_object_unref (self);
}

/* What a new view is filled with; once that has been found, no event may be evicted but through a feed. */
GArray *
_bubus_history_view_describe_locked (GPtrArray *visits)
{
  GArray *changes = g_array_sized_new (FALSE, FALSE, sizeof (BubusHistoryChange), visits->len);

  for (guint i = 0; i < visits->len; i++)
    _bubus_history_describe_locked (visits->pdata[i], changes);
  return changes;
}

void
_bubus_history_view_fill (GListModel *view,
                          GArray     *changes)
{
  _bubus_history_view_update (BUBUS_HISTORY_VIEW (view), changes);
}
