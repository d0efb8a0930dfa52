# shellcheck shell=sh
# Functions that lay out the root of a private machine. To be sourced, inside a mount namespace of
# its own. Everything lives on tmpfs that only this namespace has mounted, so the last process takes
# it all away, however it dies.
#
# /usr is the host's, under an overlay; /etc holds a chosen few of the host's files, /var and /root
# start empty, so that a machine is the same whatever runs on the host. As a user without rights the
# host's own files belong to nobody, which is why the folders that matter are made anew.
#
# Environment: MACHINE_STAGE, MACHINE_USER_NAMESPACE, MACHINE_CONSOLE; see inside.sh.
set -eu
stage=$MACHINE_STAGE

copy_options=
tar_options=
overlay_options=
if [ "$MACHINE_USER_NAMESPACE" = yes ]; then
  # Only one user and one group of the host exist in there. Without real rights an overlay keeps its
  # marks in user.* attributes (overlayfs, Linux 5.11).
  copy_options=--no-preserve=ownership
  tar_options="--no-same-owner --no-same-permissions"
  overlay_options=,userxattr
fi

host_etc="passwd group shadow gshadow nsswitch.conf ld.so.cache ld.so.conf ld.so.conf.d localtime
  timezone login.defs pam.conf pam.d security alternatives services protocols debian_version
  os-release profile bash.bashrc inputrc shells environment ssl adduser.conf debconf.conf ucf.conf"

# bind FROM TO: mounts a file or folder of the host at TO, which is made if need be. A link at TO is
# replaced: mount(8) would follow it, and from here an absolute one leads out of the machine.
bind() {
  [ ! -L "$2" ] || rm "$2"
  if [ -d "$1" ]; then
    mkdir -p "$2"
  else
    mkdir -p "${2%/*}"
    [ -e "$2" ] || : >"$2"
  fi
  mount --bind "$1" "$2"
}

# open_root FOLDER...: makes $stage and the future root in it. What is unpacked below the given
# folders, and below /usr, ends in the upper folder of an overlay that mount_overlays mounts.
open_root() {
  mount -t tmpfs -o mode=755 machine "$stage"
  mkdir "$stage/root" "$stage/upper" "$stage/work"
  mount -t tmpfs -o mode=755 machine "$stage/root"
  cd "$stage/root"
  overlays="usr $*"
  # A merged-usr system has these as links, an older one as folders.
  for folder in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$folder" ]; then
      ln -s "$(readlink "/$folder")" "$folder"
    elif [ -d "/$folder" ]; then
      overlays="$overlays $folder"
    fi
  done
  for folder in $overlays; do
    mkdir -p "$stage/upper/$folder" "$stage/work/$folder"
    bind "$stage/upper/$folder" "$folder"
  done
  mkdir -p usr/bin usr/sbin usr/lib usr/share usr/local/bin usr/local/sbin usr/local/lib
}

# unpack FILE: a layer, which is a .tar or a Debian package.
# shellcheck disable=SC2086 # A list of options.
unpack() {
  case $1 in
    *.deb) dpkg-deb --fsys-tarfile "$1" ;;
    *) cat "$1" ;;
  esac | tar -x -f - --keep-directory-symlink $tar_options
}

# mount_overlays: the host's folders under what the layers have put there. The paths are relative, as
# that of the checkout may have a comma or a colon in it.
mount_overlays() {
  for folder in $overlays; do
    options="lowerdir=/$folder,upperdir=../upper/$folder,workdir=../work/$folder"
    mount -t overlay -o "$options$overlay_options" machine "$folder"
  done
}

fill_etc_and_var() {
  mkdir -p etc/init.d root var/cache var/lib var/log var/mail var/spool var/tmp
  chmod 700 root
  chmod 1777 var/tmp
  ln -s /run var/run
  ln -s /run/lock var/lock
  for name in $host_etc; do
    # shellcheck disable=SC2086 # None or one option.
    [ ! -r "/etc/$name" ] || cp -a $copy_options "/etc/$name" etc/ 2>/dev/null || :
  done
  ln -sf /proc/self/mounts etc/mtab
  : >etc/fstab
  echo machine >etc/hostname
  echo '127.0.0.1 localhost machine' >etc/hosts
}

# fill_run: as boot scripts do it; small, so that a test can fill it.
fill_run() {
  mkdir -p run tmp
  mount -t tmpfs -o mode=755,size=16m machine run
  mount -t tmpfs -o mode=1777 machine tmp
  mkdir run/lock
  chmod 1777 run/lock
  : >run/utmp
  : >var/log/wtmp
}

# fill_dev: only devices that can do no harm, the host's own by bind mounts, as mknod(2) is not for
# users; pseudo-terminals of its own; no disks, no kernel log.
fill_dev() {
  mkdir -p dev
  mount -t tmpfs -o mode=755,size=4m machine dev
  for node in null zero full random urandom tty; do
    bind "/dev/$node" "dev/$node"
  done
  bind "$MACHINE_CONSOLE" dev/console
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
  mount -t tmpfs -o mode=1777 machine dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  ln -s /proc/self/fd/0 dev/stdin
  ln -s /proc/self/fd/1 dev/stdout
  ln -s /proc/self/fd/2 dev/stderr
}

# fill_proc: /proc of this PID namespace. The kernel's settings are the host's, hence read-only; the
# last pid is the namespace's own, and tests set it to have a number used again.
fill_proc() {
  mkdir -p proc sys
  mount -t proc proc proc
  hostname machine
  last_pid=proc/sys/kernel/ns_last_pid
  [ ! -e "$last_pid" ] || bind "$last_pid" "$stage/last-pid"
  mount --bind proc/sys proc/sys
  mount -o remount,bind,ro proc/sys
  [ ! -e "$last_pid" ] || mount --bind "$stage/last-pid" "$last_pid"
  [ ! -e proc/sysrq-trigger ] || bind /dev/null proc/sysrq-trigger
  mount -t sysfs -o ro sysfs sys 2>/dev/null || { mount -t tmpfs -o mode=755 machine sys && mkdir -p sys/fs/cgroup; }
}

# enter_root: from here on the host's files are out of reach.
enter_root() {
  mkdir .host
  pivot_root . .host
  cd /
  umount -l /.host
  rmdir /.host
}
