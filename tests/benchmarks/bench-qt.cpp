/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"  /* before Qt, whose keywords are names in GIO */

#include <QCoreApplication>
#include <QEvent>
#include <QString>

/* What a programmer does who posts events in Qt: a class with the same two fields, and an object that takes them. */

namespace
{

const QEvent::Type bench_type = QEvent::User;

class BenchQtEvent : public QEvent
{
public:
  BenchQtEvent () : QEvent (bench_type), label (QStringLiteral ("a label")), number (7) { }

  QString label;
  int     number;
};

class BenchQtReceiver : public QObject
{
public:
  bool event (QEvent *event) override
  {
    if (event->type () != bench_type)
      return QObject::event (event);
    n_calls++;
    return true;
  }

  guint n_calls = 0;
};

QCoreApplication &
application ()
{
  static int argc = 1;
  static char name[] = "bubus-bench";
  static char *argv[] = { name, nullptr };
  static QCoreApplication instance (argc, argv);

  return instance;
}

}

double
bench_qt_post_event (guint n)
{
  QCoreApplication &qt = application ();
  BenchQtReceiver receiver;
  gint64 start = bench_now ();

  for (guint i = 0; i < n; i += BENCH_BATCH)
    {
      guint end = MIN (i + BENCH_BATCH, n);

      for (guint k = i; k < end; k++)
        qt.postEvent (&receiver, new BenchQtEvent ());
      while (receiver.n_calls < end)
        qt.processEvents ();
    }
  return bench_since (start, n);
}
