#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make run-wrap`: records a real MCP session over stdio with the given binary, shows the log, verifies it. With CMD="..."
# it runs that server instead.
set -euo pipefail

binary=${1:?usage: demo/run-wrap.sh PATH-OF-TALLYSTICK}
[[ $binary = /* ]] || binary=$PWD/$binary
cd "$(dirname "$0")/.."
if [[ ! -x $binary ]]; then
  echo "demo/run-wrap.sh: $binary is not a program; run \"make build\" first" >&2
  exit 2
fi
# shellcheck source=demo/paths.sh
source demo/paths.sh

wrap_json=$(printf '["%s","wrap","--log","%s"]' "$binary" "$PWD/$log")
binary=$(as_typed "$binary")
status=0
from=$(date -u +%Y-%m-%dT%H:%M:%SZ)
if [[ -n ${CMD:-} ]]; then
  # The command line as the user's shell would read it.
  eval "words=($CMD)"
  printf '\nYour server behind wrap: %s\n' "$CMD"
  if [[ -t 0 && -t 1 ]]; then
    echo "Type JSON-RPC messages, one a line; Ctrl-D ends."
    "$binary" wrap --log "$log" -- "${words[@]}" || status=$?
  else
    node demo/wrap_probe.mjs --wrap "$wrap_json" -- "${words[@]}" || status=$?
  fi
  [[ $status = 0 ]] || echo "It ended with status $status; what was said until then is recorded."
else
  printf '\nAn agent works with two official MCP servers, each behind "tallystick wrap":\n'
  mkdir -p .run/files
  node demo/wrap_session.mjs --wrap "$wrap_json" --files .run/files
fi

demo/show.sh records "$binary" "$from"
demo/show.sh verify "$binary"
demo/show.sh next "$binary"
cat <<'END'
  # your own server
  make run-wrap CMD="npx -y @modelcontextprotocol/server-memory"
END
exit "$status"
