#!/bin/sh
# Installs the Databricks IoT Connector on a Linux host with systemd, from the files beside this script. It needs root and
# no network, may be run again at any time, and says what it does.
#
#   ./install.sh               install, or upgrade in place; what was installed before is kept for a rollback
#   ./install.sh rollback      put the executable before and its unit back, and start it
#   ./install.sh uninstall     remove everything but the home directory, the user that it belongs to, and sealed credentials
#
#   --serial                   the executable that opens serial lines too, and their devices
#   --no-start                 neither enable nor start the service
set -eu

NAME=iot-connector
HOME_DIR=/var/lib/$NAME
BIN=/usr/local/bin/$NAME
KEPT=/usr/local/lib/$NAME
PREVIOUS=$KEPT/previous
DOC=/usr/local/share/doc/$NAME
SETTINGS=/etc/$NAME
UNITS=/etc/systemd/system
UNIT=$NAME.service
SERIAL_CONF=$UNITS/$UNIT.d/serial.conf
HERE=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

# Whether systemd runs this host: in a chroot or an image under construction it does not.
has_systemd() { [ -d /run/systemd/system ]; }

# Puts a file where it belongs, whole or not at all. Says so where that changed something.
put() { # FROM TO MODE
  # Of somebody else it would be theirs to change, and root's to run.
  if cmp -s "$1" "$2" && [ ! -L "$2" ] && [ "$(stat -c %u:%g:%a "$2")" = "0:0:$3" ]; then return 0; fi
  cp "$1" "$2.new"
  chown 0:0 "$2.new"
  chmod "$3" "$2.new"
  sync "$2.new"
  mv -f "$2.new" "$2"
  CHANGED=1
  say "wrote $2"
}

check_sums() {
  [ -f "$HERE/SHA256SUMS" ] || fail "$HERE/SHA256SUMS is missing: unpack the whole archive"
  (cd "$HERE" && sha256sum --check --strict --quiet SHA256SUMS) ||
    fail "a file is not the one that was released (above): unpack the archive again. Nothing was changed"
  grep -q "  $1\$" "$HERE/SHA256SUMS" || fail "SHA256SUMS does not name $1. Nothing was changed"
  say "checked the SHA-256 sums of the files beside this script"
}

# Where the executable is for another processor, or the C library too old, that shows before anything is changed.
version_of() { "$1" version 2>/dev/null || true; }

make_user() {
  getent group $NAME >/dev/null || { groupadd --system $NAME; say "made the group $NAME"; }
  getent passwd $NAME >/dev/null && return 0
  useradd --system --gid $NAME --home-dir $HOME_DIR --no-create-home --shell /usr/sbin/nologin $NAME
  say "made the user $NAME"
}

make_folders() {
  if [ ! -d $HOME_DIR ]; then
    install -d -o $NAME -g $NAME -m 700 $HOME_DIR
    say "made the home directory $HOME_DIR"
  fi
  install -d -m 755 $KEPT $DOC
  install -d -m 700 $SETTINGS
  [ -e $SETTINGS/environment ] && return 0
  printf '# Variables for the configuration, such as:\n# DATABRICKS_CLIENT_ID=…\n' >$SETTINGS/environment
  chmod 600 $SETTINGS/environment
  say "made $SETTINGS/environment"
}

# Keeps what is installed, for a rollback; the same executable again is no upgrade. Each executable has the unit and the
# devices that it came with: under another's it may not start, or open no serial line.
keep_previous() { # NEW
  if [ -f $BIN ] && ! cmp -s "$1" $BIN; then
    keep $BIN $PREVIOUS
    keep $UNITS/$UNIT $PREVIOUS.service
    keep $SERIAL_CONF $PREVIOUS.serial.conf
    say "kept $(version_of $BIN) as $PREVIOUS"
  fi
}

keep() { # FROM TO
  if [ ! -f "$1" ]; then
    rm -f "$2"
    return 0
  fi
  cp -p "$1" "$2.new"
  chown 0:0 "$2.new"
  mv -f "$2.new" "$2"
}

put_unit() {
  put "$HERE/$UNIT" $UNITS/$UNIT 644
  if [ -n "$SERIAL" ]; then
    install -d -m 755 $UNITS/$UNIT.d
    put "$HERE/serial.conf" $SERIAL_CONF 644
  elif [ -f $SERIAL_CONF ]; then
    rm -f $SERIAL_CONF
    CHANGED=1
    say "removed $SERIAL_CONF: this executable opens no serial lines"
  fi
}

# Starts what is installed, anew where that has changed. Fails when it does not come up.
start() {
  if ! has_systemd; then
    say "systemd does not run here: start the host, and it starts $NAME if you enable it with systemctl enable $NAME"
    return 0
  fi
  systemctl --quiet enable $NAME
  if [ -z "$CHANGED" ] && systemctl --quiet is-active $NAME; then
    say "$NAME runs, and nothing has changed"
    return 0
  fi
  systemctl daemon-reload
  systemctl restart $NAME || return 1
  say "started $NAME; its log: journalctl -u $NAME"
}

# Either may be missing.
swap() { # ONE OTHER
  rm -f $KEPT/swap
  if [ -f "$1" ]; then mv -f "$1" $KEPT/swap; fi
  if [ -f "$2" ]; then mv -f "$2" "$1"; fi
  if [ -f $KEPT/swap ]; then mv -f $KEPT/swap "$2"; fi
}

swap_back() {
  [ -f $PREVIOUS ] || return 1
  swap $BIN $PREVIOUS
  # What an older install.sh kept is an executable alone.
  if [ -f $PREVIOUS.service ]; then
    swap $UNITS/$UNIT $PREVIOUS.service
    [ ! -f $PREVIOUS.serial.conf ] || install -d -m 755 $UNITS/$UNIT.d
    swap $SERIAL_CONF $PREVIOUS.serial.conf
  fi
  CHANGED=1
  say "put $(version_of $BIN) back; the other is kept as $PREVIOUS"
}

do_install() {
  program=$NAME$SERIAL
  check_sums "$program"
  found=$(version_of "$HERE/$program")
  [ -n "$found" ] || fail "$HERE/$program does not run on this host ($(uname -m)): take the archive for its processor. Nothing was changed"
  say "installs $found"
  make_user
  make_folders
  keep_previous "$HERE/$program"
  put "$HERE/$program" $BIN 755
  for doc in LICENSE LICENCES.txt deployment.md sbom.cdx.json; do
    if [ -f "$HERE/$doc" ]; then put "$HERE/$doc" $DOC/$doc 644; fi
  done
  put "$HERE/install.sh" $KEPT/install.sh 755
  put_unit
  if [ -n "$NO_START" ]; then
    if has_systemd; then systemctl daemon-reload; fi
    say "not started, as told"
    return 0
  fi
  start && return 0
  if swap_back && start; then fail "the new executable did not start, and the one before runs again: journalctl -u $NAME says why"; fi
  fail "$NAME did not start: journalctl -u $NAME says why. Mend it, then: systemctl restart $NAME"
}

do_rollback() {
  swap_back || fail "there is no executable before this one"
  if [ -n "$NO_START" ]; then
    if has_systemd; then systemctl daemon-reload; fi
    return 0
  fi
  start || fail "$NAME did not start: journalctl -u $NAME says why"
}

# A credential that systemd sealed may be the only copy of the key of what stays in the home.
settings_to_remove() {
  if [ -n "$(find $SETTINGS -maxdepth 1 -name '*.cred' 2>/dev/null)" ]; then
    find $SETTINGS -mindepth 1 -maxdepth 1 ! -name '*.cred'
  else
    printf '%s\n' $SETTINGS
  fi
}

do_uninstall() {
  if has_systemd; then
    systemctl --quiet disable --now $NAME 2>/dev/null || true
  fi
  for path in $UNITS/$UNIT.d $UNITS/$UNIT $UNITS/multi-user.target.wants/$UNIT $BIN $KEPT $DOC $(settings_to_remove); do
    if [ -e "$path" ] || [ -L "$path" ]; then
      rm -rf "$path"
      say "removed $path"
    fi
  done
  if has_systemd; then systemctl daemon-reload; fi
  if [ -d $SETTINGS ]; then
    say "left the sealed credentials in $SETTINGS: without secrets.key.cred nobody can open the secrets that are in $HOME_DIR"
  fi
  say "left the data in $HOME_DIR, and the user $NAME, whom it belongs to. To remove both:"
  say "  rm -r $HOME_DIR; userdel $NAME"
}

ACTION=install
SERIAL=
NO_START=
CHANGED=
for word in "$@"; do
  case $word in
    install | rollback | uninstall) ACTION=$word ;;
    --serial) SERIAL=-serial ;;
    --no-start) NO_START=1 ;;
    *) sed -n 's/^#  */  /p' "$0" >&2; exit 64 ;;
  esac
done
[ "$(id -u)" = 0 ] || fail "it needs root"
do_$ACTION
