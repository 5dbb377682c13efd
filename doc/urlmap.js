// SPDX-License-Identifier: LGPL-2.1-or-later
baseURLs = [
  ['Bubus', '../bubus-1/'],
  ['BubusHost', '../bubus-host-1/'],
  ['GLib', 'https://docs.gtk.org/glib/'],
  ['GObject', 'https://docs.gtk.org/gobject/'],
  ['Gio', 'https://docs.gtk.org/gio/'],
]
