/* SPDX-License-Identifier: LGPL-2.1-or-later */

public class HelloEvent : Bubus.Event {
  public string name { get; set; }
}

int main () {
  var loop = new MainLoop ();
  var bus = new Bubus.EventBus ("Main");
  var event = new HelloEvent ();

  event.name = "world";
  bus.on (typeof (HelloEvent), "greet", (event, invocation) => {
    invocation.return_string ("Hello, %s!".printf (((HelloEvent) event).name));
    return true;
  });
  try {
    bus.dispatch (event);
  } catch (Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
  event.wait_async.begin (null, () => {
    event.list_results ().foreach ((result) => {
      print ("%s says %s\n", result.get_handler_name (), (string) result.get_value ());
    });
    loop.quit ();
  });
  loop.run ();
  return 0;
}
