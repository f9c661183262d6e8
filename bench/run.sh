#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every benchmark on one build, one after the other; exit 1 when a bar is missed. `--quick` only shows that they run.
set -u
build=$(cd "$1" && pwd)
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
echo "machine: $(nproc) cores, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "commit: $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
status=0
for name in append contention growth; do
  echo; echo "== $name"
  "$build/bench/tally_${name}_bench" "$@" || status=1
done
echo; echo '== one proxied call without its sockets'
calls=100000
case " $* " in *' --quick '*) calls=100 ;; esac
"$build/bench/tally_record_bench" all "$calls" || status=1
echo; echo '== ingest over HTTP'
baseline=()
if /usr/bin/python3 -c 'import sqlalchemy, starlette, uvicorn' 2>/dev/null; then
  baseline=(--baseline bench/baselines/sqlalchemy_audit.py)
else
  echo 'no baseline: python3-sqlalchemy, starlette or uvicorn is missing (tools/setup.sh bench)'
fi
"$build/bench/tally_ingest_bench" --tallystick "$build/tallystick" "${baseline[@]}" "$@" || status=1
if [ -n "${TALLY_BIG_LOG:-}" ]; then
  echo; echo '== memory of serve at a large log'
  python3 bench/memory_bench.py "$build/tallystick" "$TALLY_BIG_LOG" || status=1
fi
echo; echo '== append and verify from the command line'
python3 bench/cli_bench.py "$build/tallystick" "$@" || status=1
echo; echo '== wrap'
node bench/wrap_bench.mjs "$build/tallystick" "$@" || status=1
echo; echo '== serve over HTTP'
node bench/http_bench.mjs "$build/tallystick" "$@" || status=1
exit $status
