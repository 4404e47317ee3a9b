#!/bin/sh
# Puts together everything that a container of the connector holds: the executable, the C library that it was linked with,
# and two names for its user. No shell, no package manager, nothing else that could be run.
#   rootfs.sh EXECUTABLE ROOTFS.tar
# Run it on a distribution with glibc whose updates you take: its libraries go in.
set -eu
[ $# = 2 ] || { sed -n 's/^#  */  /p' "$0" >&2; exit 64; }
EXECUTABLE=$1
OUT=$2
UID_GID=1000
ROOT=$(mktemp -d)
trap 'rm -rf "$ROOT"' EXIT

mkdir -p "$ROOT/usr/local/bin" "$ROOT/etc" "$ROOT/tmp" "$ROOT/var/lib/iot-connector" "$ROOT/run/secrets" "$ROOT/proc" "$ROOT/dev"
cp "$EXECUTABLE" "$ROOT/usr/local/bin/iot-connector"
chmod 755 "$ROOT/usr/local/bin/iot-connector"
# Under the paths by which the executable, and its loader, look for them.
ldd "$EXECUTABLE" | awk '/=> \// { print $3 } /^[[:space:]]*\/[^ ]*ld-linux/ { print $1 }' | while read -r library; do
  mkdir -p "$ROOT$(dirname "$library")"
  cp -L "$library" "$ROOT$library"
done
printf 'iot-connector:x:%s:%s::/var/lib/iot-connector:/usr/sbin/nologin\n' $UID_GID $UID_GID >"$ROOT/etc/passwd"
printf 'iot-connector:x:%s:\n' $UID_GID >"$ROOT/etc/group"
printf 'hosts: files dns\n' >"$ROOT/etc/nsswitch.conf"
chmod 755 "$ROOT"
chmod 1777 "$ROOT/tmp"
chmod 700 "$ROOT/var/lib/iot-connector"

# The same files give the same bytes; the home directory belongs to the connector's user, all else to root.
tar --create --file "$OUT" --directory "$ROOT" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
  --exclude=./var/lib/iot-connector .
tar --append --file "$OUT" --directory "$ROOT" --mtime=@0 --owner=$UID_GID --group=$UID_GID --numeric-owner \
  ./var/lib/iot-connector
