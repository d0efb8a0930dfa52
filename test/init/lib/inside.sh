#!/bin/sh
# Becomes PID 1 of a private machine: builds the root, says "ready PID" on stdout, waits for a line
# on descriptor 3 (meanwhile the harness puts files in place through /proc/PID/root), and executes
# its arguments, which end in an init.
#
# Environment: MACHINE_STAGE, an empty folder to mount on; MACHINE_CONSOLE, the path of the terminal;
# MACHINE_USER_NAMESPACE and MACHINE_CGROUP, yes or no; MACHINE_OVERLAYS, folders besides /usr whose
# content on the host shows through; MACHINE_LAYERS and MACHINE_BINDS, one per line, in order; a bind
# is FROM, a tab and TO, and read-only.
set -eu
umask 022
# The host's /proc is still mounted, so this is the pid by which the host knows us.
read -r host_pid _ </proc/self/stat
# shellcheck source=/dev/null
. "${0%/*}/rootfs.sh"
tab=$(printf '\t')

# lines TEXT: the lines of it that are not empty.
lines() {
  printf '%s\n' "$1" | sed '/^$/d'
}

# shellcheck disable=SC2086 # The folders are words of one list.
open_root $MACHINE_OVERLAYS
fill_etc_and_var
lines "$MACHINE_LAYERS" | while read -r layer; do
  unpack "$layer"
done
mount_overlays
fill_run
fill_dev
fill_proc
lines "$MACHINE_BINDS" | while IFS=$tab read -r from to; do
  bind "$from" "$MACHINE_STAGE/root$to"
  mount -o remount,bind,ro "$MACHINE_STAGE/root$to"
done
if [ "$MACHINE_CGROUP" = yes ]; then
  mount -t cgroup2 cgroup2 sys/fs/cgroup
fi
ip link set lo up 2>/dev/null || busybox ip link set lo up || echo "no loopback network" >&2
enter_root

echo "ready $host_pid"
read -r _ <&3
exec "$@" <>/dev/console >&0 2>&1 3>&-
