/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-checksum-private.h"

#if defined (__x86_64__) && defined (__GNUC__)
# include <immintrin.h>
#endif

#define POLYNOMIAL 0x82f63b78

/* CRC-32C (Castagnoli), eight bytes at a time: table n holds what a byte contributes that n more bytes follow. */
static guint32 tables[8][256];

static void
bubus_checksum_make_tables (void)
{
  static gsize made = 0;

  if (!g_once_init_enter (&made))
    return;

  for (guint32 byte = 0; byte < 256; byte++)
    {
      guint32 crc = byte;

      for (guint bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
      tables[0][byte] = crc;
    }
  for (guint n = 1; n < 8; n++)
    for (guint byte = 0; byte < 256; byte++)
      tables[n][byte] = (tables[n - 1][byte] >> 8) ^ tables[0][tables[n - 1][byte] & 0xff];
  g_once_init_leave (&made, 1);
}

guint32
_bubus_checksum_compute_by_tables (const char *text,
                                   gsize       length)
{
  const guint8 *at = (const guint8 *) text;
  guint32 crc = 0xffffffff;

  bubus_checksum_make_tables ();
  for (; length >= 8; length -= 8, at += 8)
    {
      guint64 word;

      memcpy (&word, at, 8);
      word = GUINT64_FROM_LE (word) ^ crc;
      crc = 0;
      for (guint n = 0; n < 8; n++)
        crc ^= tables[7 - n][(word >> (8 * n)) & 0xff];
    }
  while (length-- > 0)
    crc = (crc >> 8) ^ tables[0][(crc ^ *at++) & 0xff];
  return ~crc;
}

#if defined (__x86_64__) && defined (__GNUC__)

/* Processors have an instruction for it, whose result is there after three cycles, and which can begin anew with each:
 * three parts of a text are computed at once. What a part contributes that others follow is multiplied by a power of x,
 * for which there is an instruction, too. */
#define MAX_WORDS 128

/* At n: x^(64 * n - 33), which the instructions make x^(64 * n): that many words follow. */
static guint32 powers[MAX_WORDS + 1];

static void
bubus_checksum_make_powers (void)
{
  static gsize made = 0;
  guint32 power = 1; /* x^31: the bits stand the wrong way round */

  if (!g_once_init_enter (&made))
    return;

  for (guint n = 1; n <= MAX_WORDS; n++)
    {
      powers[n] = power;
      for (guint bit = 0; bit < 64; bit++)
        power = (power >> 1) ^ ((power & 1) ? POLYNOMIAL : 0);
    }
  g_once_init_leave (&made, 1);
}

__attribute__ ((target ("sse4.2,pclmul"))) static inline guint64
bubus_checksum_move (guint64 crc,
                     guint   n_words)
{
  __m128i product = _mm_clmulepi64_si128 (_mm_cvtsi64_si128 ((gint64) crc), _mm_cvtsi64_si128 (powers[n_words]), 0);

  return _mm_crc32_u64 (0, (guint64) _mm_cvtsi128_si64 (product));
}

static inline guint64
bubus_checksum_load (const char *text,
                     guint       index)
{
  guint64 word;

  memcpy (&word, text + 8 * index, 8);
  return word;
}

__attribute__ ((target ("sse4.2,pclmul"))) static guint32
bubus_checksum_compute_by_processor (const char *text,
                                     gsize       length)
{
  guint64 crc = 0xffffffff;

  while (length >= 24)
    {
      guint n_words = MIN (length / 24, MAX_WORDS);
      guint64 second = 0, third = 0;

      for (guint i = 0; i < n_words; i++)
        {
          crc = _mm_crc32_u64 (crc, bubus_checksum_load (text, i));
          second = _mm_crc32_u64 (second, bubus_checksum_load (text, n_words + i));
          third = _mm_crc32_u64 (third, bubus_checksum_load (text, 2 * n_words + i));
        }
      crc = bubus_checksum_move (bubus_checksum_move (crc, n_words) ^ second, n_words) ^ third;
      text += 24 * n_words;
      length -= 24 * n_words;
    }
  for (; length >= 8; length -= 8, text += 8)
    crc = _mm_crc32_u64 (crc, bubus_checksum_load (text, 0));
  while (length-- > 0)
    crc = _mm_crc32_u8 ((guint32) crc, (guint8) *text++);
  return ~(guint32) crc;
}

guint32
_bubus_checksum_compute (const char *text,
                         gsize       length)
{
  if (!__builtin_cpu_supports ("sse4.2") || !__builtin_cpu_supports ("pclmul"))
    return _bubus_checksum_compute_by_tables (text, length);

  bubus_checksum_make_powers ();
  return bubus_checksum_compute_by_processor (text, length);
}

#else

guint32
_bubus_checksum_compute (const char *text,
                         gsize       length)
{
  return _bubus_checksum_compute_by_tables (text, length);
}

#endif

static void
bubus_checksum_format (guint32 crc,
                       char    digits[BUBUS_CHECKSUM_DIGITS])
{
  for (guint i = 0; i < BUBUS_CHECKSUM_DIGITS; i++)
    digits[i] = "0123456789abcdef"[(crc >> (4 * (BUBUS_CHECKSUM_DIGITS - 1 - i))) & 0xf];
}

static void
bubus_checksum_fill_line (char *line,
                          gsize length)
{
  gsize body = length - BUBUS_CHECKSUM_SIZE;

  bubus_checksum_format (_bubus_checksum_compute (line, body), line + body + strlen (BUBUS_CHECKSUM_HEAD));
}

/* Fills the places that were reserved in lines, each of which ends with a newline. */
void
_bubus_checksum_fill (char *lines,
                      gsize length)
{
  char *end = lines + length;

  while (lines < end)
    {
      char *newline = memchr (lines, '\n', end - lines);

      bubus_checksum_fill_line (lines, newline - lines);
      lines = newline + 1;
    }
}

static gboolean
bubus_checksum_is_there (const char *line,
                         gsize       length)
{
  const char *tail = line + length - strlen (BUBUS_CHECKSUM_TAIL);

  return length > BUBUS_CHECKSUM_SIZE
         && memcmp (line + length - BUBUS_CHECKSUM_SIZE, BUBUS_CHECKSUM_HEAD, strlen (BUBUS_CHECKSUM_HEAD)) == 0
         && memcmp (tail, BUBUS_CHECKSUM_TAIL, strlen (BUBUS_CHECKSUM_TAIL)) == 0;
}

/* Checks the checksum of a line without its newline, and takes it out of the line. */
BubusChecksum
_bubus_checksum_take (char  *line,
                      gsize *length)
{
  char digits[BUBUS_CHECKSUM_DIGITS];
  gsize body;

  if (!bubus_checksum_is_there (line, *length))
    return BUBUS_CHECKSUM_NONE;

  body = *length - BUBUS_CHECKSUM_SIZE;
  bubus_checksum_format (_bubus_checksum_compute (line, body), digits);
  if (memcmp (digits, line + body + strlen (BUBUS_CHECKSUM_HEAD), sizeof digits) != 0)
    return BUBUS_CHECKSUM_BAD;

  line[body] = '}';
  *length = body + 1;
  return BUBUS_CHECKSUM_GOOD;
}
