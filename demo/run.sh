#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make run`: records a real MCP session with the given binary, shows the log, verifies it.
# Log and keys stay under .run/ and grow with each run. With CMD="..." it runs that server instead.
set -euo pipefail

binary=${1:?usage: demo/run.sh PATH-OF-TALLYSTICK}
cd "$(dirname "$0")/.."
if [[ ! -x $binary ]]; then
  echo "demo/run.sh: $binary is not a program; run \"make build\" first" >&2
  exit 2
fi

log=.run/log
export XDG_CONFIG_HOME=$PWD/.run/config XDG_STATE_HOME=$PWD/.run/state
mkdir -p .run/files "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"

heading() { printf '\n%s\n' "$*"; }
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

wrap_json=$(printf '["%s","wrap","--log","%s"]' "$PWD/$binary" "$PWD/$log")
[[ $binary = /* ]] && wrap_json=$(printf '["%s","wrap","--log","%s"]' "$binary" "$PWD/$log")

if [[ -n ${CMD:-} ]]; then
  # The command line as the user's shell would read it.
  eval "words=($CMD)"
  heading "Your server behind wrap: $CMD"
  status=0
  if [[ -t 0 && -t 1 ]]; then
    echo "Type JSON-RPC messages, one a line; Ctrl-D ends."
    "$binary" wrap --log "$log" -- "${words[@]}" || status=$?
  else
    node demo/probe.mjs --wrap "$wrap_json" -- "${words[@]}" || status=$?
  fi
  [[ $status = 0 ]] || echo "It ended with status $status; what was said until then is recorded."
else
  status=0
  heading "An agent works with two official MCP servers, each behind \"tallystick wrap\":"
  node demo/session.mjs --wrap "$wrap_json" --files .run/files
fi

heading "What the log says, newest first:"
show "$binary" query --log "$log" --limit 25
heading "Is the log whole and unchanged?"
show "$binary" verify --log "$log"

cat <<END

Try next:
  # only what failed; what read tools did
  $binary query --log $log 'result:failure'
  $binary query --log $log 'tool:read_* -severity:debug'
  # watch from another terminal while "make run" goes on
  $binary tail --log $log -f
  # entries are JSON lines
  grep read_text_file $log/segments/*.jsonl
  # a proof for one entry, for somebody who trusts neither us nor the log
  $binary prove --log $log 3
  # forge a copy, and see what verify says
  rm -rf .run/forged; cp -r $log .run/forged
  sed -i s/failure/success/ .run/forged/segments/*.jsonl; $binary verify --log .run/forged
  # your own server
  make run CMD="npx -y @modelcontextprotocol/server-memory"
END
exit "$status"
