#!/bin/sh
# debs.sh FOLDER PACKAGE...: downloads Debian packages, and what they need beyond what is installed
# here, to FOLDER, once. Installs nothing, changes nothing outside of FOLDER, and needs no rights.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
[ ! -e "$folder/.done" ] || exit 0
work=$folder/apt
mkdir -p "$work/cache" "$work/lists/partial"
cd "$folder"

# apt OPTION...: with a cache of its own and without the lock that only root may take.
apt() {
  apt-get -q -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Dir::Cache="$work/cache" "$@"
}

# fetch "OPTION...": the packages, and those that an installation of them would add.
fetch() {
  options=$1
  shift
  # shellcheck disable=SC2086 # A list of options.
  plan=$(apt $options --simulate --no-install-recommends install "$@") || return 1
  # "Inst NAME (VERSION …": new. With a version in brackets before it: an upgrade, not needed.
  added=$(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) (.*/\1/p')
  # shellcheck disable=SC2086
  apt $options -qq download "$@" $added
}

echo "Downloading $* to $folder (nothing is installed)" >&2
if ! fetch '' "$@" 2>"$work/log"; then
  # This machine's lists of packages are missing or out of date: fetch a copy of our own.
  lists="-o Dir::State::lists=$work/lists"
  # shellcheck disable=SC2086
  if ! { apt $lists -qq update && fetch "$lists" "$@"; } >>"$work/log" 2>&1; then
    cat "$work/log" >&2
    exit 1
  fi
fi
rm -rf "$work"
touch .done
