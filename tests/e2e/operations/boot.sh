#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh FOLDER [TREE]: boots a Debian 12 tree (made with debootstrap, or a copy of TREE) with systemd in systemd-nspawn, installs the .deb of
# FOLDER there, and uses the service as confined by its unit: a call through the proxy, restart, kill, remove. Needs root and the network.
set -euo pipefail
[ "$(id -u)" -eq 0 ] || { echo 'boot.sh: needs root, for systemd-nspawn' >&2; exit 2; }
folder=$(realpath "${1:?usage: boot.sh FOLDER [TREE]}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /tmp/tallystick-boot-XXXXXX)
tree=$work/tree
mcp=
end() {
  [ -z "$mcp" ] || kill "$mcp" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap end EXIT
in_tree() { chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

if [ -n "${2:-}" ]; then cp -a "$2" "$tree"; else debootstrap --variant=minbase bookworm "$tree" >"$work/debootstrap.log"; fi
cp /etc/resolv.conf "$tree/etc/" 2>/dev/null || true
cp -r /etc/apt/apt.conf.d/. "$tree/etc/apt/apt.conf.d/"
in_tree apt-get update -qq
in_tree apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus >"$work/systemd.log" 2>&1
# What the package depends on comes now, the package itself once systemd runs.
in_tree apt-get install -y -qq --no-install-recommends adduser libbrotli1 libsimdjson14 libsqlite3-0 libssl3 libyaml-cpp0.7 >"$work/depends.log" 2>&1
cp "$folder"/tallystick_*.deb "$tree/opt/tallystick.deb"
server=$(free_port) api=$(free_port) proxy=$(free_port)
python3 -B "$here/mcp_server.py" "$server" >"$work/mcp.log" &
mcp=$!
until grep -q ready "$work/mcp.log"; do sleep 0.05; done

cat >"$tree/opt/check.sh" <<CHECK
#!/bin/bash
exec >/opt/check.log 2>&1
set -eux
trap 'systemctl poweroff --force --no-block' EXIT
audit() { runuser -u tallystick -- env TALLYSTICK_LOG=/var/lib/tallystick/log TALLYSTICK_KEYS=/var/lib/tallystick/keys tallystick "\$@"; }
call() {
  body='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write_note","arguments":{"name":"plan"}}}'
  exec 3<>/dev/tcp/127.0.0.1/$proxy
  printf 'POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \${#body} "\$body" >&3
  read -r -t 10 answer <&3
  [[ \$answer = *' 200 '* ]]
  exec 3>&-
}
export DEBIAN_FRONTEND=noninteractive
dpkg --install /opt/tallystick.deb
systemctl is-active tallystick
systemctl is-enabled tallystick
sed -i 's|https://mcp.internal.example.com|http://127.0.0.1:$server|; s|127.0.0.1:9000|127.0.0.1:$proxy|; s|#listen: 127.0.0.1:8811|listen: 127.0.0.1:$api|' /etc/tallystick/tallystick.yaml
systemctl restart tallystick
call
audit query 'tool:write_note' --fail-if-none
pid=\$(systemctl show -P MainPID tallystick)
grep -E '^(CapEff|NoNewPrivs|Seccomp|Uid):' /proc/\$pid/status
grep -q '^Seccomp:.2' /proc/\$pid/status
grep -q '^CapEff:.0000000000000000' /proc/\$pid/status
# Killed: systemd starts it again, and the log goes on.
kill -KILL \$pid
until [ "\$(systemctl show -P MainPID tallystick)" != \$pid ] && systemctl is-active tallystick; do sleep 0.1; done
call
audit verify
systemctl show -P NRestarts tallystick | grep -x 1
dpkg --remove tallystick
! systemctl is-active tallystick
dpkg --install /opt/tallystick.deb
systemctl is-active tallystick
dpkg --purge tallystick
! systemctl is-active tallystick
test -e /var/lib/tallystick/log/head
echo 'all of it held'
CHECK
chmod +x "$tree/opt/check.sh"
printf '[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nTimeoutStartSec=90\nExecStart=/opt/check.sh\n' >"$tree/etc/systemd/system/check.service"
printf '[Unit]\n[Timer]\nOnBootSec=1\nAccuracySec=100ms\n[Install]\nWantedBy=timers.target\n' >"$tree/etc/systemd/system/check.timer"
mkdir -p "$tree/etc/systemd/system/timers.target.wants"
ln -s ../check.timer "$tree/etc/systemd/system/timers.target.wants/check.timer"
timeout 150 systemd-nspawn -q -D "$tree" --boot --register=no --keep-unit </dev/null >"$work/boot.log" 2>&1 || true
if ! grep -q '^all of it held$' "$tree/opt/check.log" 2>/dev/null; then
  tail -n 15 "$work/boot.log"
  tail -n 40 "$tree/opt/check.log" || true
  exit 1
fi
grep -E '^(CapEff|NoNewPrivs|Seccomp|Uid):' "$tree/opt/check.log"
echo 'under systemd: installed, called, killed and restarted, removed, installed again, purged'
