#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the folder of the first Node.js of version 20 or newer: the system's, else the one tools/setup.sh put into
# tools/node; prints nothing when there is none. Debian 12 itself has 18, too old for the official MCP packages.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for node in "$(command -v node || true)" "$root"/tools/node/node_modules/node-linux-*/bin/node; do
  [ -x "$node" ] || continue
  if "$node" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
    dirname "$node"
    exit 0
  fi
done
