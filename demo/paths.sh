# SPDX-License-Identifier: Apache-2.0
# What the demos need, and where they keep log and keys: under .run/, which grows with each run and may be deleted. Sourced
# in the root.
if [[ ! -d node_modules/@modelcontextprotocol/sdk ]]; then
  echo "the official MCP packages are not installed; run \"make setup-js\"" >&2
  exit 2
fi
log=.run/log
export XDG_CONFIG_HOME=$PWD/.run/config XDG_STATE_HOME=$PWD/.run/state
mkdir -p "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"

# A program as a person would type it here.
as_typed() {
  local path=${1#"$PWD"/}
  [[ $path = */* ]] || path=./$path
  echo "$path"
}
