# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Shared by build-aux/demo, build-aux/check and .ci/run: packages, logs and builds.
# Whoever sources this file sets `program` to the name it speaks under.

# The host refuses plugins that others, or a group, could have changed; ours in the build tree are no exception.
umask 022

source_dir=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
build_dir=$source_dir/_build

say () {
  printf '%s: %s\n' "${program:?}" "$*"
}

die () {
  say "$*" >&2
  exit 1
}

# quietly LOG COMMAND…: add all output to LOG, and show the end of it if COMMAND fails.
quietly () {
  local log=$1 status=0 before
  shift
  mkdir -p "$(dirname -- "$log")"
  before=$(touch -- "$log" && wc -l <"$log")
  "$@" </dev/null >>"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n "+$((before + 1))" -- "$log" | tail -n 60 >&2
    say "failed with status $status: $*" >&2
    say "all output is in $log" >&2
  fi
  return "$status"
}

# --- packages -------------------------------------------------------------------------------------

# wanted_packages USE…: one line per package, its alternatives separated by blanks.
wanted_packages () {
  local use
  for use in "$@"; do
    sed -n "s/#.*//; s/[|[:space:]]\{1,\}/ /g; s/^$use //p" "$source_dir/build-aux/packages"
  done
}

is_installed () {
  # shellcheck disable=SC2016 # the dollar is for dpkg-query
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

any_installed () {
  local package
  for package in "$@"; do
    if is_installed "$package"; then
      return 0
    fi
  done
  return 1
}

# first_available PACKAGE…: the first one that the release has.
first_available () {
  local package
  for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      printf '%s\n' "$package"
      return
    fi
  done
  printf '%s\n' "$1"
}

# missing_packages: of the lines on standard input, one package for each that is not installed.
missing_packages () {
  local -a alternatives
  while read -r -a alternatives; do
    if ! any_installed "${alternatives[@]}"; then
      first_available "${alternatives[@]}"
    fi
  done
}

as_root () {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo -- env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

can_become_root () {
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null
}

# apt LOG ARGUMENT…: apt-get as root and without questions.
apt () {
  local log=$1
  shift
  quietly "$log" as_root apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# give_up REASON PACKAGE…
give_up () {
  die "$1; as root, run: apt-get install --no-install-recommends ${*:2}"
}

# install_packages LOG: install what standard input names and the system lacks.
install_packages () {
  local log=$1 wanted
  local -a missing
  wanted=$(cat)
  mapfile -t missing < <(missing_packages <<<"$wanted")
  if [ "${#missing[@]}" -eq 0 ]; then
    return
  fi
  if ! can_become_root; then
    give_up "packages are missing, and there is neither root nor sudo" "${missing[@]}"
  fi
  say "reading the lists of packages"
  apt "$log" update || give_up "the lists of packages could not be read" "${missing[@]}"
  mapfile -t missing < <(missing_packages <<<"$wanted")
  say "installing ${missing[*]}"
  apt "$log" install -y --no-install-recommends "${missing[@]}" ||
    give_up "packages could not be installed" "${missing[@]}"
}

has_apt () {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null
}

# missing_libraries: what a build needs and this system does not show, one sentence each.
missing_libraries () {
  local name
  for name in cc meson ninja pkg-config msgfmt; do
    command -v "$name" >/dev/null || printf 'the program %s\n' "$name"
  done
  for name in 'gio-2.0 >= 2.74' 'gmodule-export-2.0 >= 2.74'; do
    pkg-config --exists "$name" 2>/dev/null || printf 'the development files of %s\n' "$name"
  done
  pkg-config --exists 'libpeas-2 >= 2.0' 2>/dev/null ||
    pkg-config --exists 'libpeas-1.0 >= 1.34' 2>/dev/null ||
    printf 'the development files of libpeas-2, or of libpeas-1.0 >= 1.34\n'
}

# ensure_packages LOG USE…: see that everything for these uses is there.
ensure_packages () {
  local log=$1 lacking
  shift
  if has_apt; then
    install_packages "$log" < <(wanted_packages "$@")
    return
  fi
  say "this system has no apt-get, so nothing is installed; looking for the libraries"
  lacking=$(missing_libraries)
  if [ -n "$lacking" ]; then
    printf '%s\n' "$lacking" | sed 's/^/  missing: /' >&2
    die "please install these with the tool of your system, and start again"
  fi
}

# --- builds ---------------------------------------------------------------------------------------

# configure NAME OPTION…: set up _build/NAME, anew if what is there does not fit.
configure () {
  local dir=$build_dir/$1 log=$build_dir/$1.log
  shift
  if [ -f "$dir/meson-private/coredata.dat" ]; then
    if meson setup --reconfigure "$@" "$dir" "$source_dir" </dev/null >>"$log" 2>&1; then
      return
    fi
    rm -rf -- "$dir"
  fi
  quietly "$log" meson setup "$@" "$dir" "$source_dir"
}

# compile NAME: build everything in _build/NAME.
compile () {
  quietly "$build_dir/$1.log" meson compile -C "$build_dir/$1"
}

# prepare NAME USE…: start a new log and see to the packages.
prepare () {
  local name=$1
  shift
  mkdir -p "$build_dir"
  : >"$build_dir/$name.log"
  ensure_packages "$build_dir/$name.log" "$@"
}
