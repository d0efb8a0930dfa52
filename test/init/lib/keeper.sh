#!/bin/sh
# Keeps one private machine: makes its cgroup folders, runs it in namespaces of its own, and takes
# away what is left when it ends. Its stdin is the life line: when the other end is closed, by
# whatever death of the test, the machine is killed. Arguments: those of unshare(1).
#
# Environment: MACHINE_CGROUPS, the folders to make, one per line (none: an empty string).
set -u
exec 5<&0

made=
for folder in $MACHINE_CGROUPS; do
  mkdir "$folder" || exit 1
  made="$made $folder"
done

(
  # cgroups(7): writing 0 moves the writer.
  for folder in $made; do
    echo 0 >"$folder/cgroup.procs" || exit 1
  done
  exec setpriv --pdeathsig KILL unshare "$@"
) 5<&- &
machine=$!

(
  while read -r _; do :; done
  kill -KILL "$machine"
) <&5 >/dev/null 2>&1 3>&- &
watcher=$!
# The test may be gone: its pipe must not be kept open, nor a word to it end the keeper.
exec 3>&- >/dev/null 2>&1

wait "$machine"
code=$?
kill "$watcher"

# A cgroup folder stays busy until the last process of the machine, or visitor to it, is gone. One
# that does not go by itself within a second is killed (cgroup.kill: Linux 5.14).
tries=0
for folder in $made; do
  while [ -d "$folder" ] && [ "$tries" -lt 200 ]; do
    find "$folder" -depth -type d -exec rmdir {} + && break
    tries=$((tries + 1))
    [ "$tries" -ne 50 ] || echo 1 >"$folder/cgroup.kill"
    sleep 0.02
  done
done
exit "$code"
