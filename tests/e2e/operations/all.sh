#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make test-operations`: every driver of this folder but package.sh, one after another.
set -euo pipefail
binary=$(realpath "${1:?usage: all.sh PATH-OF-TALLYSTICK}")
cd "$(dirname "$0")"
node=$(../../../tools/node_dir.sh)
PATH="${node:+$node:}$PATH"
for driver in pages metrics unit_file gaps full_disk failed_sync; do
  echo "== $driver"
  python3 -B "$driver.py" --tallystick "$binary"
done
echo '== backstage_gaps'
node backstage_gaps.mjs
