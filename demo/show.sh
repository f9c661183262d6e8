#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What both demos show at the end: what was recorded, whether the log is whole, what to try next.
#   demo/show.sh records|verify|next BINARY [FROM]
# Log and keys are those of the demos, under .run/. FROM: only records from this time on.
set -euo pipefail

what=$1 binary=$2 from=${3:-}
cd "$(dirname "$0")/.."
# shellcheck source=demo/paths.sh
source demo/paths.sh

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

case $what in
  records)
    printf '\nWhat the log says, newest first:\n'
    show "$binary" query --log "$log" ${from:+--from "$from"} --limit 40
    ;;
  verify)
    printf '\nIs the log whole and unchanged?\n'
    show "$binary" verify --log "$log"
    ;;
  next)
    cat <<END

Try next, in another terminal:
  # the keys of this log are under .run/ too
  export XDG_CONFIG_HOME=$XDG_CONFIG_HOME
  # only what failed; what one tool did
  $binary query --log $log 'result:failure'
  $binary query --log $log 'tool:get-sum'
  # watch new records come
  $binary tail --log $log -f
  # entries are JSON lines
  grep get-sum $log/segments/*.jsonl
  # a proof for one entry, for somebody who trusts neither us nor the log
  $binary prove --log $log 3
  # forge a copy, and see what verify says
  rm -rf .run/forged; cp -r $log .run/forged
  sed -i s/failure/success/ .run/forged/segments/*.jsonl; $binary verify --log .run/forged
END
    ;;
esac
