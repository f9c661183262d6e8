#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# container_commands.sh SOURCE TREE: runs the RUN of deploy/Containerfile's last stage in a Debian tree, which has /tmp/tallystick.deb, and
# its ENTRYPOINT with its ENV as its USER. For package.sh; no container engine.
set -euo pipefail
file=$1/deploy/Containerfile
tree=$2
in_tree() { chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
rm -rf "$tree/var/lib/tallystick"
in_tree sh -c 'deluser --quiet tallystick 2>/dev/null || true'
commands=$(sed -n '/^# container: begin/,/^# container: end/p' "$file" | grep -v '^#' | sed 's/^RUN //')
in_tree sh -ec "$commands" >"$tree/tmp/container.log" 2>&1 || { tail -n 20 "$tree/tmp/container.log"; exit 1; }
variables=$(sed -n 's/^ENV //p' "$file")
user=$(sed -n 's/^USER //p' "$file")
entry=$(sed -n 's/^ENTRYPOINT \["\(.*\)"\]/\1/p' "$file")
# shellcheck disable=SC2086 # several variables
chroot --userspec="$user" "$tree" env -i PATH=/usr/bin $variables "$entry" serve --listen 127.0.0.1:0 >"$tree/tmp/container.out" 2>&1 &
pid=$!
for _ in $(seq 200); do grep -q 'API and health' "$tree/tmp/container.out" && break; sleep 0.05; done
url=$(sed -n 's/.*API and health on //p' "$tree/tmp/container.out")
health=$(sed -n 's/^HEALTHCHECK .* CMD //p' "$file" | sed "s|http://127.0.0.1:8811|$url|")
in_tree sh -c "$health" >/dev/null
kill "$pid"
wait "$pid" 2>/dev/null || true
[ "$(stat -c %u "$tree/var/lib/tallystick/log/head")" = "${user%%:*}" ]
echo "container file: its commands run, healthy as user $user"
