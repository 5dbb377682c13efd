/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-pattern-internal.h"

#include <string.h>

/* Both levels, characters in a segment and segments in a type, are matched in the same way: on a mismatch, the last star
 * takes one more. Stars before it need not be tried again, because what stood between has matched as early as it can.
 * So the time is at most the product of both lengths, whatever the pattern. */

/* A part of a text between two dots; @start is NULL after the last. */
typedef struct
{
  const char *start;
  const char *end;
} BubusSegment;

static BubusSegment
bubus_segment_at (const char *start)
{
  return (BubusSegment) { start, start + strcspn (start, ".") };
}

static BubusSegment
bubus_segment_next (BubusSegment self)
{
  return *self.end == '.' ? bubus_segment_at (self.end + 1) : (BubusSegment) { NULL, NULL };
}

static gboolean
bubus_segment_is_stars (BubusSegment self)
{
  return self.start < self.end && self.start + strspn (self.start, "*") >= self.end;
}

static gboolean
bubus_segment_is_double_star (BubusSegment self)
{
  return self.end - self.start == 2 && bubus_segment_is_stars (self);
}

/* Event types come from outside, and need not be UTF-8. */
static const char *
bubus_segment_skip_character (BubusSegment  self,
                              const char   *at)
{
  do
    at++;
  while (at < self.end && (*at & 0xc0) == 0x80);
  return at;
}

static gboolean
bubus_segment_matches (BubusSegment pattern,
                       BubusSegment text)
{
  const char *p = pattern.start, *t = text.start;
  const char *after_star = NULL, *star_end = NULL;

  if (bubus_segment_is_stars (pattern))
    return text.start < text.end;

  while (t < text.end)
    {
      if (p < pattern.end && *p == '*')
        {
          after_star = ++p;
          star_end = t;
        }
      else if (p < pattern.end && *p == '?')
        {
          p++;
          t = bubus_segment_skip_character (text, t);
        }
      else if (p < pattern.end && *p == *t)
        {
          p++;
          t++;
        }
      else if (after_star != NULL)
        {
          p = after_star;
          t = ++star_end;
        }
      else
        return FALSE;
    }

  while (p < pattern.end && *p == '*')
    p++;
  return p == pattern.end;
}

static gboolean
bubus_pattern_matches_segments (const char *pattern,
                                const char *type)
{
  const BubusSegment none = { NULL, NULL };
  BubusSegment p = bubus_segment_at (pattern), t = bubus_segment_at (type);
  BubusSegment after_star = none, star_end = none;
  gboolean has_star = FALSE;

  while (t.start != NULL)
    {
      if (p.start != NULL && bubus_segment_is_double_star (p))
        {
          p = after_star = bubus_segment_next (p);
          t = star_end = bubus_segment_next (t);
          has_star = TRUE;
        }
      else if (p.start != NULL && bubus_segment_matches (p, t))
        {
          p = bubus_segment_next (p);
          t = bubus_segment_next (t);
        }
      else if (has_star && star_end.start != NULL)
        {
          p = after_star;
          t = star_end = bubus_segment_next (star_end);
        }
      else
        return FALSE;
    }
  return p.start == NULL;
}

/* "*" is none: it matches whatever there is. */
gboolean
_bubus_pattern_is_glob (const char *pattern)
{
  return strpbrk (pattern, "*?") != NULL && strcmp (pattern, "*") != 0;
}

gboolean
_bubus_pattern_matches (const char *pattern,
                        const char *type)
{
  return strcmp (pattern, "*") == 0 || bubus_pattern_matches_segments (pattern, type);
}
