/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [class] */
public class SumEvent : Bubus.Event {
  public int a { get; set; }
  public int b { get; set; }

  class construct {
    set_result_type (typeof (int));
  }

  public SumEvent (int a, int b) {
    Object (a: a, b: b);
  }
}
/* [/class] */

public class ReportEvent : Bubus.Event {
}

/* [results] */
async void run (Bubus.EventBus bus) throws Error {
  var event = new SumEvent (100, 120);

  bus.dispatch (event);
  yield event.wait_async (null);
  var results = new Bubus.Results (event);
  print ("%d\n", results.get_first ().get_int ());
  foreach (unowned var value in results.list ())
    print ("one of them: %d\n", value.get_int ());
}
/* [/results] */

/* [handler] */
async void report (Bubus.Invocation invocation) throws Error {
  var child = new SumEvent (1, 2);

  invocation.dispatch (null, child);
  yield invocation.run_async (child, null);
  invocation.return_string ("the child is %s".printf (child.event_status.to_string ()));
}
/* [/handler] */

async void run_all (MainLoop loop) {
  var bus = new Bubus.EventBus ("Main");

  bus.on (typeof (SumEvent), "add", (event, invocation) => {
    var sum = (SumEvent) event;
    invocation.return_int (sum.a + sum.b);
    return true;
  });
  bus.on (typeof (ReportEvent), "report", (event, invocation) => {
    invocation.defer ();
    report.begin (invocation, (source, result) => {
      try {
        report.end (result);
      } catch (Error error) {
        invocation.return_error (error);
      }
    });
    return true;
  });

  try {
    yield run (bus);
    var event = new ReportEvent ();
    bus.dispatch (event);
    yield event.wait_async (null);
    print ("%s\n", (string) new Bubus.Results (event).get_first ());
  } catch (Error error) {
    printerr ("%s\n", error.message);
  }
  loop.quit ();
}

int main () {
  var loop = new MainLoop ();

  run_all.begin (loop);
  loop.run ();
  return 0;
}
