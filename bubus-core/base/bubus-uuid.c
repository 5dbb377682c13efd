/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "bubus-uuid-internal.h"

/* Ids of events, handlers, results and buses, as RFC 9562 describes them.
 *
 * An id of version 7 begins with the time: 48 bits of milliseconds, then (method 3 of section 6.2) 20 bits of the
 * fraction of the millisecond, which is enough to tell nanoseconds apart: 12 of them before the variant, 8 after
 * it. So ids sort exactly as their times do, whatever thread made them. The last 54 bits are random; they grow by
 * random steps while a thread makes ids of one and the same time, so that these sort in the order of making too.
 *
 * Ids name things. They are hard to hit by accident, not by intent: never use one as a secret. */

#define RANDOM_BITS 54
#define RANDOM_MASK ((G_GUINT64_CONSTANT (1) << RANDOM_BITS) - 1)
#define STEP_MASK   G_GUINT64_CONSTANT (0xffffff)
#define VERSION_7   G_GUINT64_CONSTANT (0x7000)
#define VARIANT     (G_GUINT64_CONSTANT (2) << 62)

#define NS_PER_MS 1000000

typedef struct
{
  guint64 words[4];   /* the state of xoshiro256++ */
  gint64  time_ns;    /* of the last id of this thread */
  guint64 tail;       /* the random bits of that id */
  int     generation; /* of the process that filled words; 0 in a new thread */
} BubusUuidSource;

static _Thread_local BubusUuidSource uuid_source;

/* Not inlined: in a shared library the address is the result of a call, which compilers repeat for every use. */
static G_NO_INLINE BubusUuidSource *
bubus_uuid_get_source (void)
{
  return &uuid_source;
}

/* Grows in every forked child, which makes it fill its copy of the parent's words anew. */
static int process_generation = 1;

static void
bubus_uuid_after_fork (void)
{
  g_atomic_int_inc (&process_generation);
}

static void
bubus_uuid_watch_forks (void)
{
  static gsize watched = 0;

  if (g_once_init_enter (&watched))
    {
      pthread_atfork (NULL, NULL, bubus_uuid_after_fork);
      g_once_init_leave (&watched, 1);
    }
}

/* For systems that cannot give entropy. The process and the thread differ at least. */
static void
bubus_uuid_source_fill_poorly (BubusUuidSource *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->words); i++)
    self->words[i] = (guint64) g_random_int () << 32 | g_random_int ();

  self->words[1] ^= (guint64) getpid ();
  self->words[2] ^= (guint64) GPOINTER_TO_SIZE (self);
  self->words[3] ^= (guint64) g_get_monotonic_time ();
}

static void
bubus_uuid_source_fill (BubusUuidSource *self)
{
  bubus_uuid_watch_forks ();
  self->generation = g_atomic_int_get (&process_generation);
  self->time_ns = G_MININT64;

  if (getentropy (self->words, sizeof self->words) != 0)
    bubus_uuid_source_fill_poorly (self);

  /* Words that are all zero would stay so. */
  self->words[0] |= 1;
}

static inline guint64
bubus_uuid_rotate (guint64 word,
                   guint   bits)
{
  return word << bits | word >> (64 - bits);
}

/* xoshiro256++ 1.0 by David Blackman and Sebastiano Vigna, in the public domain. */
static inline guint64
bubus_uuid_source_next (BubusUuidSource *self)
{
  guint64 *words = self->words;
  guint64 result = bubus_uuid_rotate (words[0] + words[3], 23) + words[0];
  guint64 shifted = words[1] << 17;

  words[2] ^= words[0];
  words[3] ^= words[1];
  words[1] ^= words[2];
  words[0] ^= words[3];
  words[2] ^= shifted;
  words[3] = bubus_uuid_rotate (words[3], 45);

  return result;
}

/* The random bits of the next id: greater than those before while the time stands still. The first of a time
 * leave the highest bit free; should it ever be used up, after some 2^29 ids of one time, they start anew. */
static inline guint64
bubus_uuid_source_next_tail (BubusUuidSource *self,
                             gint64           time_ns)
{
  guint64 random = bubus_uuid_source_next (self);
  guint64 tail = self->tail + 1 + (random & STEP_MASK);

  if (G_UNLIKELY (time_ns == self->time_ns && tail <= RANDOM_MASK))
    self->tail = tail;
  else
    self->tail = random >> (64 - RANDOM_BITS + 1);
  self->time_ns = time_ns;

  return self->tail;
}

static inline guint64
bubus_uuid_load (const guint8 *bytes)
{
  guint64 word;

  memcpy (&word, bytes, sizeof word);
  return GUINT64_FROM_BE (word);
}

static inline void
bubus_uuid_store (guint8  *bytes,
                  guint64  word)
{
  word = GUINT64_TO_BE (word);
  memcpy (bytes, &word, sizeof word);
}

/* Times before 1970 count as 1970. */
static inline void
bubus_uuid_store_v7 (BubusUuid *self,
                     gint64     time_ns,
                     guint64    tail)
{
  guint64 time = (guint64) MAX (time_ns, 0);
  guint64 milliseconds = time / NS_PER_MS;
  guint64 fraction = (time % NS_PER_MS << 20) / NS_PER_MS;

  bubus_uuid_store (self->bytes, milliseconds << 16 | VERSION_7 | fraction >> 8);
  bubus_uuid_store (self->bytes + 8, VARIANT | (fraction & 0xff) << RANDOM_BITS | tail);
}

/* A new id of version 7 and of the time @time_ns, which is in nanoseconds since 1970.
 * Unique also among threads and forked processes. From any thread. */
void
_bubus_uuid_init_v7 (BubusUuid *self,
                     gint64     time_ns)
{
  BubusUuidSource *source = bubus_uuid_get_source ();

  if (G_UNLIKELY (source->generation != g_atomic_int_get (&process_generation)))
    bubus_uuid_source_fill (source);

  bubus_uuid_store_v7 (self, time_ns, bubus_uuid_source_next_tail (source, time_ns));
}

/* The id of version 5 that belongs to @name in @name_space: always the same one. From any thread. */
void
_bubus_uuid_init_v5 (BubusUuid       *self,
                     const BubusUuid *name_space,
                     const char      *name)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize length = sizeof digest;

  g_checksum_update (checksum, name_space->bytes, sizeof name_space->bytes);
  g_checksum_update (checksum, (const guchar *) name, (gssize) strlen (name));
  g_checksum_get_digest (checksum, digest, &length);

  memcpy (self->bytes, digest, sizeof self->bytes);
  self->bytes[6] = (self->bytes[6] & 0x0f) | 0x50;
  self->bytes[8] = (self->bytes[8] & 0x3f) | 0x80;
}

/* The finalizer of splitmix64, a bijection. */
static inline guint64
bubus_uuid_mix (guint64 word)
{
  word = (word ^ word >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  word = (word ^ word >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return word ^ word >> 31;
}

static inline guint64
bubus_uuid_digest (const BubusUuid *self,
                   guint64          digest)
{
  digest = bubus_uuid_mix (digest ^ bubus_uuid_load (self->bytes));
  return bubus_uuid_mix (digest + bubus_uuid_load (self->bytes + 8));
}

/* An id in the shape of version 7 whose random bits follow from two others, which are not interchangeable. The
 * same time and ids always give the same id, so what can be derived again need not be stored. From any thread. */
void
_bubus_uuid_init_derived (BubusUuid       *self,
                          gint64           time_ns,
                          const BubusUuid *first,
                          const BubusUuid *second)
{
  guint64 digest = bubus_uuid_digest (first, G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  digest = bubus_uuid_digest (second, digest);
  bubus_uuid_store_v7 (self, time_ns, digest >> (64 - RANDOM_BITS));
}

/* One more than the value of each hexadecimal digit, 0 for all other characters. */
static const guint8 digit_values[256] = {
  ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
  ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
  ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The text is five groups of digits, joined by hyphens. */
static const guint8 group_bytes[] = { 4, 2, 2, 2, 6 };

/* Returns what follows the group, or %NULL. Does not look beyond the end of @text. */
static inline const char *
bubus_uuid_parse_group (guint8     *bytes,
                        guint       n_bytes,
                        const char *text)
{
  for (guint i = 0; i < n_bytes; i++, text += 2)
    {
      guint high = digit_values[(guint8) text[0]];
      guint low = high != 0 ? digit_values[(guint8) text[1]] : 0;

      if (low == 0)
        return NULL;
      bytes[i] = (guint8) ((high - 1) << 4 | (low - 1));
    }
  return text;
}

/* Reads the 36 characters of an id of any version, in upper or lower case. Anything else, such as braces, a
 * missing hyphen or something that follows, is refused: returns %FALSE and leaves @self as it is. */
gboolean
_bubus_uuid_parse (BubusUuid  *self,
                   const char *text)
{
  BubusUuid parsed;
  guint8 *bytes = parsed.bytes;

  for (guint i = 0; i < G_N_ELEMENTS (group_bytes); i++)
    {
      if (i > 0 && *text++ != '-')
        return FALSE;
      text = bubus_uuid_parse_group (bytes, group_bytes[i], text);
      if (text == NULL)
        return FALSE;
      bytes += group_bytes[i];
    }
  if (*text != '\0')
    return FALSE;

  *self = parsed;
  return TRUE;
}

#define EACH_BYTE(value) (G_GUINT64_CONSTANT (0x0101010101010101) * (value))

/* The eight digits of four bytes, all at once: half a byte goes to each byte, and those that are ten or more are
 * moved on from the digits to the letters. */
static inline void
bubus_uuid_spell (const guint8 *bytes,
                  char          digits[8])
{
  guint32 word;
  guint64 halves, letters;

  memcpy (&word, bytes, sizeof word);
  halves = GUINT32_FROM_BE (word);
  halves = (halves | halves << 16) & G_GUINT64_CONSTANT (0x0000ffff0000ffff);
  halves = (halves | halves << 8) & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff);
  halves = (halves | halves << 4) & EACH_BYTE (0x0f);
  letters = (halves + EACH_BYTE (6)) >> 4 & EACH_BYTE (1);
  halves = GUINT64_TO_BE (halves + EACH_BYTE ('0') + letters * ('a' - '9' - 1));
  memcpy (digits, &halves, sizeof halves);
}

/* Writes the canonical text: 36 characters in lower case and the final NUL. */
void
_bubus_uuid_format (const BubusUuid *self,
                    char             text[BUBUS_UUID_TEXT_SIZE])
{
  char digits[32];

  for (guint i = 0; i < 4; i++)
    bubus_uuid_spell (self->bytes + 4 * i, digits + 8 * i);
  memcpy (text, "01234567-0123-0123-0123-0123456789ab", BUBUS_UUID_TEXT_SIZE);
  memcpy (text, digits, 8);
  memcpy (text + 9, digits + 8, 4);
  memcpy (text + 14, digits + 12, 4);
  memcpy (text + 19, digits + 16, 4);
  memcpy (text + 24, digits + 20, 12);
}

/* Whether all bits are zero, which stands for no id. */
gboolean
_bubus_uuid_is_nil (const BubusUuid *self)
{
  return (bubus_uuid_load (self->bytes) | bubus_uuid_load (self->bytes + 8)) == 0;
}

/* For #GHashTable. */
guint
_bubus_uuid_hash (gconstpointer key)
{
  const BubusUuid *self = key;
  guint64 word = bubus_uuid_load (self->bytes) ^ bubus_uuid_load (self->bytes + 8);

  return (guint) (word ^ word >> 32);
}

/* For #GHashTable. */
gboolean
_bubus_uuid_equal (gconstpointer a,
                   gconstpointer b)
{
  return memcmp (a, b, sizeof (BubusUuid)) == 0;
}
