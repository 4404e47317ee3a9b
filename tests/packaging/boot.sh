#!/bin/sh
# Boots systemd as process 1 of namespaces of its own, over a copy of this host's files that leaves these as they are.
#   unshare --pid --fork --mount --uts --ipc --net --kill-child sh boot.sh DIR
# DIR/root becomes its root directory; DIR/share, if it is there, stands in it as /srv.
set -eu
DIR=$1
ROOT=$DIR/root
mount --make-rprivate /
mkdir -p "$ROOT" "$DIR/layer"
mount -t tmpfs tmpfs "$DIR/layer"
mkdir "$DIR/layer/upper" "$DIR/layer/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$DIR/layer/upper,workdir=$DIR/layer/work" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t sysfs -o ro sysfs "$ROOT/sys"
for folder in run tmp dev; do mount -t tmpfs tmpfs "$ROOT/$folder"; done
for device in null zero full random urandom tty; do
  touch "$ROOT/dev/$device"
  mount --bind "/dev/$device" "$ROOT/dev/$device"
done
mkdir "$ROOT/dev/shm"
ln -s pts/ptmx "$ROOT/dev/ptmx"
# A group of its own in the unified hierarchy, wherever this host has that.
GROUPS_AT=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
mkdir -p "$GROUPS_AT/$(basename "$DIR")"
echo $$ >"$GROUPS_AT/$(basename "$DIR")/cgroup.procs"
mkdir -p "$ROOT/srv"
if [ -d "$DIR/share" ]; then mount --bind "$DIR/share" "$ROOT/srv"; fi
ip link set lo up
# What this host starts at boot is not wanted here, and it is another machine.
rm -rf "$ROOT"/etc/systemd/system/*
printf '[Unit]\n' >"$ROOT/etc/systemd/system/alone.target"
rm -f "$ROOT/etc/machine-id"
tr -d - </proc/sys/kernel/random/uuid >"$ROOT/etc/machine-id"
# The root directory itself, and no chroot: in one, systemd could not make namespaces for its services.
mkdir -p "$ROOT/mnt"
cd "$ROOT"
pivot_root . mnt
umount -l /mnt
exec unshare --cgroup sh -c '
  mount -t tmpfs tmpfs /sys/fs/cgroup 2>/dev/null || true
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=alone.target
'
