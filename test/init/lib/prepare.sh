#!/bin/sh
# Runs in a machine without an init: installs the packages in /debs as dpkg does, starting nothing,
# and packs what that changed into /layer.tar. Only the init scripts named as arguments are kept in
# the run levels: the others check disks, set clocks and mount what a private machine has not got.
set -eu
export DEBIAN_FRONTEND=noninteractive

# policy-rc.d: 101 forbids to start anything.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
# The index of manual pages takes half a minute to make, and nobody will read it.
[ ! -e /var/lib/dpkg/triggers/File ] || sed -i '/ man-db/d' /var/lib/dpkg/triggers/File
# sysvinit-core asks the running init, of which there is none, to execute itself anew.
mkfifo -m 600 /run/initctl
sleep infinity <>/run/initctl >/dev/null 2>&1 &
# Forced: the host's own init is in the way, and its packages need not fit; all of it is hidden here.
dpkg --force-depends,conflicts,breaks,overwrite,confmiss,confnew --install /debs/*.deb
rm /usr/sbin/policy-rc.d

for link in /etc/rc?.d/[SK]??*; do
  name=${link##*/???}
  case " $* " in
    *" $name "*) ;;
    *) rm -f "$link" ;;
  esac
done
# There are no virtual terminals to wait at, and the kernel's log is not for private machines.
sed -i '/:\/sbin\/getty /d' /etc/inittab
sed -i '/imklog/s/^/#/' /etc/rsyslog.conf
rm -rf /var/cache/* /var/log/*.log

tar -cf /layer.tar -C /upper usr var/lib/dpkg -C / --exclude=var/lib/dpkg etc var
