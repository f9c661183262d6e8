#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes one target for some seconds. New inputs go to out/corpus/NAME; what crashes goes to fuzz/seeds/NAME, where
# every later test run tries it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:-} seconds=${2:-60}
if [ ! -f "fuzz/${name}_fuzz.cc" ]; then
  echo "fuzz: usage: make fuzz NAME=<name> SECONDS=<seconds>, with a name of:" >&2
  find fuzz -maxdepth 1 -name '*_fuzz.cc' -printf '  %f\n' | sed 's/_fuzz\.cc$//' | sort >&2
  exit 2
fi
cmake --preset fuzz --log-level=NOTICE >/dev/null
cmake --build out/fuzz --target "tally_${name}_fuzz"
mkdir -p "out/corpus/$name"
"out/fuzz/fuzz/tally_${name}_fuzz" -max_total_time="$seconds" -artifact_prefix="fuzz/seeds/$name/" \
  -timeout=10 -rss_limit_mb=2048 "out/corpus/$name" "fuzz/seeds/$name"
