#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make run`: starts `tallystick serve` in front of the official example server, sends real traffic through it, shows what
# was recorded. On a terminal it then stays up until Ctrl-C. With URL=http://... it stands before that server instead.
set -euo pipefail

binary=${1:?usage: demo/run.sh PATH-OF-TALLYSTICK}
[[ $binary = /* ]] || binary=$PWD/$binary
cd "$(dirname "$0")/.."
if [[ ! -x $binary ]]; then
  echo "demo/run.sh: $binary is not a program; run \"make build\" first" >&2
  exit 2
fi
if [[ -n ${CMD:-} ]]; then
  echo "demo/run.sh: CMD is a command of a stdio server: make run-wrap CMD=\"$CMD\". A server over HTTP: make run URL=http://..." >&2
  exit 2
fi
# shellcheck source=demo/paths.sh
source demo/paths.sh
exec node demo/serve.mjs --tallystick "$(as_typed "$binary")" --log "$log" ${URL:+--url "$URL"}
