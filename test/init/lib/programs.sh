#!/bin/sh
# Installs the programs that the suites need and this machine lacks, with apt-get, and says so.
set -eu

# program:package, and nothing of what Debian always has.
wanted='busybox:busybox-static shellcheck:shellcheck mandoc:mandoc faketime:faketime
  unshare:util-linux script:bsdutils curl:curl zsh:zsh fish:fish cc:gcc'

missing=
for pair in $wanted; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
# A compiler without the C library's own headers is of no use.
[ -e /usr/include/stdio.h ] || missing="$missing libc6-dev"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing on this machine, by their names on Debian:$missing" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing on this machine:$missing; as root: apt-get install$missing" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # A list of names.
install() {
  apt-get install -qq -y --no-install-recommends $missing >/dev/null
}

echo "Installing with apt-get:$missing"
install 2>/dev/null || { apt-get update -qq && install; }
