/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-queue-internal.h"

typedef struct
{
  char      name;
  BubusLink link; /* not first, so that a wrong offset shows */
} Member;

typedef struct
{
  BubusQueue queue;
  Member     members[4];
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  _bubus_queue_init (&fixture->queue);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->members); i++)
    fixture->members[i] = (Member) { (char) ('a' + i), { NULL, NULL } };
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  while (_bubus_queue_pop_head (&fixture->queue) != NULL)
    continue;
}

static BubusLink *
get_link (Fixture *fixture,
          char     name)
{
  return &fixture->members[name - 'a'].link;
}

static void
assert_members (Fixture    *fixture,
                const char *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (BubusLink *link = _bubus_queue_peek_head (&fixture->queue);
       link != NULL;
       link = _bubus_queue_next (&fixture->queue, link))
    g_string_append_c (names, BUBUS_LINK_OWNER (link, Member, link)->name);

  g_assert_cmpstr (names->str, ==, expected);
  g_assert_cmpuint (fixture->queue.length, ==, names->len);
}

static void
push_tail (Fixture    *fixture,
           const char *names)
{
  for (; *names != '\0'; names++)
    _bubus_queue_push_tail (&fixture->queue, get_link (fixture, *names));
}

static void
test_queue_empty (Fixture       *fixture,
                  gconstpointer  data)
{
  g_test_summary ("A new queue has no members");

  assert_members (fixture, "");
  g_assert_null (_bubus_queue_peek_head (&fixture->queue));
  g_assert_null (_bubus_queue_pop_head (&fixture->queue));
  g_assert_false (_bubus_link_is_linked (get_link (fixture, 'a')));
}

static void
test_queue_push (Fixture       *fixture,
                 gconstpointer  data)
{
  g_test_summary ("Members stand where they were put: at the tail, at the head, before another");

  push_tail (fixture, "ab");
  _bubus_queue_push_head (&fixture->queue, get_link (fixture, 'c'));
  assert_members (fixture, "cab");
  _bubus_queue_insert_before (&fixture->queue, get_link (fixture, 'b'), get_link (fixture, 'd'));
  assert_members (fixture, "cadb");
}

static void
test_queue_pop (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary ("The head comes out first, and is in no queue then");

  push_tail (fixture, "abc");
  g_assert_true (_bubus_queue_peek_head (&fixture->queue) == get_link (fixture, 'a'));
  g_assert_true (_bubus_queue_pop_head (&fixture->queue) == get_link (fixture, 'a'));
  g_assert_false (_bubus_link_is_linked (get_link (fixture, 'a')));
  g_assert_true (_bubus_link_is_linked (get_link (fixture, 'b')));
  assert_members (fixture, "bc");
}

static void
test_queue_remove (Fixture       *fixture,
                   gconstpointer  data)
{
  g_test_summary ("Members can leave from everywhere and come back");

  push_tail (fixture, "abcd");
  _bubus_queue_remove (&fixture->queue, get_link (fixture, 'b'));
  assert_members (fixture, "acd");
  _bubus_queue_remove (&fixture->queue, get_link (fixture, 'd'));
  assert_members (fixture, "ac");
  _bubus_queue_remove (&fixture->queue, get_link (fixture, 'a'));
  assert_members (fixture, "c");
  g_assert_false (_bubus_link_is_linked (get_link (fixture, 'd')));

  push_tail (fixture, "bd");
  assert_members (fixture, "cbd");
}

static void
test_queue_move (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusQueue other;

  g_test_summary ("A member can go from one queue into another");

  _bubus_queue_init (&other);
  push_tail (fixture, "ab");
  _bubus_queue_remove (&fixture->queue, get_link (fixture, 'a'));
  _bubus_queue_push_tail (&other, get_link (fixture, 'a'));

  assert_members (fixture, "b");
  g_assert_cmpuint (other.length, ==, 1);
  g_assert_true (_bubus_queue_pop_head (&other) == get_link (fixture, 'a'));
}

static void
test_queue_misuse_subprocess (Fixture       *fixture,
                              gconstpointer  data)
{
  push_tail (fixture, "aa");
}

static void
test_queue_misuse (void)
{
  g_test_summary ("A member that is in a queue cannot enter another");

  g_test_trap_subprocess ("/base/queue/misuse/subprocess", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*!_bubus_link_is_linked*");
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/base/queue/empty", test_queue_empty);
  ADD ("/base/queue/push", test_queue_push);
  ADD ("/base/queue/pop", test_queue_pop);
  ADD ("/base/queue/remove", test_queue_remove);
  ADD ("/base/queue/move", test_queue_move);
  g_test_add_func ("/base/queue/misuse", test_queue_misuse);
  ADD ("/base/queue/misuse/subprocess", test_queue_misuse_subprocess);

  return g_test_run ();
}
