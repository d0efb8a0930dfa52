#!/bin/sh
# debs.sh FOLDER PACKAGE...: downloads Debian packages, and what they need beyond what is installed
# here, to FOLDER (an absolute path), once. Installs nothing, changes nothing outside of FOLDER, and
# needs no rights.
set -eu
folder=$1
shift
[ ! -e "$folder/.done" ] || exit 0
new=$folder.$$
trap 'rm -rf "$new"' EXIT
mkdir -p "$new"
cd "$new"
work=$PWD/apt
mkdir -p "$work/cache" "$work/lists/partial"

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

echo "Downloading for private machines, not to be installed here: $*"
if ! fetch '' "$@" >"$work/log" 2>&1; then
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
rm -rf "$folder"
# Another process may have done the same meanwhile.
mv -T "$new" "$folder" 2>/dev/null || [ -e "$folder/.done" ]
