#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# package.sh FOLDER [TREE]: the .debs of FOLDER in a bare Debian 12 tree (made with debootstrap, or a copy of TREE): installed with apt,
# used as README.md says, reinstalled, upgraded over changed settings, removed, purged; the library linked against. Needs root and the
# network. Ends with the time from `apt install` to the first audited call, whose bar is three minutes.
set -euo pipefail
if [ -z "${OPS_PRIVATE:-}" ]; then
  [ "$(id -u)" -eq 0 ] || { echo 'package.sh: needs root, for chroot' >&2; exit 2; }
  OPS_PRIVATE=1 exec unshare --mount --propagation private "$0" "$@"  # mounts of this script end with it
fi
folder=$(realpath "${1:?usage: package.sh FOLDER [TREE]}")
here=$(cd "$(dirname "$0")" && pwd)
source=$here/../../..
work=$(mktemp -d /tmp/tallystick-package-XXXXXX)
tree=$work/tree
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  umount "$tree/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap end EXIT
if [ -n "${OPS_TRACE:-}" ]; then set -x; fi
fail() { echo "package.sh: $*" >&2; exit 1; }
step() { printf '== %s\n' "$*"; }
in_tree() { chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
audit() {
  in_tree runuser -u tallystick -- env TALLYSTICK_LOG=/var/lib/tallystick/log TALLYSTICK_KEYS=/var/lib/tallystick/keys tallystick "$@"
}
await() { # URL
  for _ in $(seq 200); do curl -sf "$1" >/dev/null && return; sleep 0.05; done
  fail "$1 does not answer"
}
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

step 'a bare tree'
if [ -n "${2:-}" ]; then cp -a "$2" "$tree"; else debootstrap --variant=minbase bookworm "$tree" >"$work/debootstrap.log"; fi
cp /etc/resolv.conf "$tree/etc/" 2>/dev/null || true
cp -r /etc/apt/apt.conf.d/. "$tree/etc/apt/apt.conf.d/"
mount -t proc proc "$tree/proc"
in_tree apt-get update -qq
cp "$folder"/tallystick_*.deb "$tree/tmp/tallystick.deb"
chmod 644 "$tree/tmp/tallystick.deb"

step 'install, and the first audited call'
begin=$(date +%s.%N)
in_tree apt-get install -y -qq --no-install-recommends /tmp/tallystick.deb >"$work/install.log" 2>&1 || { cat "$work/install.log"; fail 'apt install'; }
installed=$(date +%s.%N)
in_tree getent passwd tallystick >/dev/null || fail 'no user tallystick'
[ "$(stat -c %a "$tree/var/lib/tallystick")" = 700 ] || fail 'the state folder is open to others'
[ "$(in_tree stat -c '%a %G' /etc/tallystick/tallystick.yaml)" = '640 tallystick' ] || fail 'the settings are open to others'
mcp=$(free_port) api=$(free_port) proxy=$(free_port)
python3 -B "$here/mcp_server.py" "$mcp" >"$work/mcp.log" &
pids+=($!)
until grep -q ready "$work/mcp.log"; do sleep 0.05; done
# What README.md has one edit; other ports, because those of the page may be taken here.
sed -i "s|name: example|name: docs|; s|https://mcp.internal.example.com|http://127.0.0.1:$mcp|; s|127.0.0.1:9000|127.0.0.1:$proxy|; s|#listen: 127.0.0.1:8811|listen: 127.0.0.1:$api|" \
  "$tree/etc/tallystick/tallystick.yaml"
in_tree tallystick config check /etc/tallystick/tallystick.yaml
# There is no systemd in a bare tree: its ExecStart, as its User.
start() {
  read -ra words < <(sed -n 's/^ExecStart=//p' "$tree/lib/systemd/system/tallystick.service")
  in_tree runuser -u tallystick -- "${words[@]}" >"$work/serve.log" 2>&1 &
  pids+=($!)
  await "http://127.0.0.1:$api/readyz"
}
stop() {
  in_tree sh -c 'for each in /proc/[0-9]*; do if [ "$(readlink $each/exe)" = /usr/bin/tallystick ]; then kill ${each#/proc/}; fi; done'
  for _ in $(seq 200); do curl -s "http://127.0.0.1:$api/healthz" >/dev/null || return 0; sleep 0.05; done
  fail 'the service did not stop'
}
start
curl -sS --fail-with-body "http://127.0.0.1:$proxy/mcp" -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' -d \
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write_note","arguments":{"name":"plan"}}}' >"$work/answer" || { cat "$work/serve.log" "$work/answer"; fail 'the call through the proxy'; }
audit query 'tool:write_note' --fail-if-none
finish=$(date +%s.%N)
stop
audit verify | tail -n 3

step 'manual, completion, again, upgrade over changed settings'
gzip -dc "$tree/usr/share/man/man1/tallystick-query.1.gz" | grep -q 'EXPRESSION' || fail 'the manual is empty'
bash -n "$tree/usr/share/bash-completion/completions/tallystick"
entries=$(audit query --count)
in_tree apt-get install -y -qq --reinstall /tmp/tallystick.deb >"$work/again.log" 2>&1 || { cat "$work/again.log"; fail 'reinstall'; }
in_tree env DPKG_MAINTSCRIPT_PACKAGE=tallystick sh -c '/var/lib/dpkg/info/tallystick.postinst configure && /var/lib/dpkg/info/tallystick.postinst configure 0.1.0-1' || fail 'postinst is not idempotent'
rm -rf "$work/newer" && dpkg-deb -R "$folder"/tallystick_*.deb "$work/newer"
sed -i 's/^Version: .*/Version: 99-1/' "$work/newer/DEBIAN/control"
echo '# of a newer version' >>"$work/newer/etc/tallystick/tallystick.yaml"
dpkg-deb -b --root-owner-group "$work/newer" "$tree/tmp/newer.deb" >/dev/null
in_tree apt-get install -y -qq -o Dpkg::Options::=--force-confold /tmp/newer.deb >"$work/upgrade.log" 2>&1 || { cat "$work/upgrade.log"; fail 'upgrade'; }
grep -q "127.0.0.1:$proxy" "$tree/etc/tallystick/tallystick.yaml" || fail 'the upgrade replaced settings that were changed'
start && stop
[ "$(audit query --count)" -gt "$entries" ] || fail 'the log does not go on after the upgrade'

step 'remove, install again, purge'
in_tree apt-get remove -y -qq tallystick >/dev/null 2>&1
[ ! -e "$tree/usr/bin/tallystick" ] || fail 'the program is still there'
[ -e "$tree/etc/tallystick/tallystick.yaml" ] && [ -e "$tree/var/lib/tallystick/log/head" ] || fail 'remove took settings or log'
in_tree apt-get install -y -qq /tmp/newer.deb >/dev/null 2>&1
audit verify >/dev/null
in_tree apt-get purge -y -qq tallystick >"$work/purge.log" 2>&1
[ ! -e "$tree/etc/tallystick" ] || fail 'purge left settings'
[ -e "$tree/var/lib/tallystick/log/head" ] && [ -e "$tree/var/lib/tallystick/keys/sign.key" ] || fail 'purge took the log'
left=$(find "$tree" -xdev -name '*tallystick*' -not -path "$tree/tmp/*" -not -path "$tree/var/lib/tallystick*" -not -path "$tree/var/log/*" -not -path "$tree/var/cache/*")
[ -z "$left" ] || fail "purge left $left"

step 'the commands of the container file, without an engine'
"$here/container_commands.sh" "$source" "$tree"

step 'the library'
dpkg-deb -x "$folder"/tallystick-dev_*.deb "$work/dev"
cmake -S "$source/examples/append_and_verify" -B "$work/example" -DCMAKE_PREFIX_PATH="$work/dev/usr" >/dev/null
cmake --build "$work/example" >/dev/null
echo 'built the example against tallystick-dev'
if command -v lintian >/dev/null; then
  lintian --fail-on error "$folder"/*.deb >"$work/lintian.log" 2>&1 || { cat "$work/lintian.log"; fail 'lintian finds errors'; }
  grep '^[EW]:' "$work/lintian.log" || echo 'lintian: nothing'
fi
awk -v a="$begin" -v b="$installed" -v c="$finish" 'BEGIN {printf "apt install %.1f s; to the first audited call %.1f s (bar 180 s)\n", b - a, c - a; exit c - a > 180}'
