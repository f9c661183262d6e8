#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the product's sources, newest change first, in bounded time.
#   tools/tidy.sh                 sources that differ from the last commit
#   tools/tidy.sh --since REV     sources that differ from REV
#   tools/tidy.sh --all           all sources
#   tools/tidy.sh --minutes N     stop after N minutes and name what was not looked at (not a failure)
# A source that was clean is not looked at again until it, a header of ours that it includes, or the rules change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

since=HEAD minutes=60
while [ $# -gt 0 ]; do
  case $1 in
    --all) since= ;;
    --since) since=$2; shift ;;
    --minutes) minutes=$2; shift ;;
    *) echo "tidy: unknown argument $1" >&2; exit 2 ;;
  esac
  shift
done

changed() {
  if [ -n "$since" ]; then
    git diff --name-only --diff-filter=d "$since" -- 'src/*.cc'
    git ls-files --others --exclude-standard -- 'src/*.cc'
  else
    # Newest change first, so that a run cut short has looked at what is likeliest to be wrong.
    git log --format= --name-only --diff-filter=d -- 'src/*.cc'
    git ls-files -- 'src/*.cc'
  fi | awk '!seen[$0]++' | while read -r file; do [ ! -e "$file" ] || echo "$file"; done
}

cmake --preset tidy --log-level=NOTICE >/dev/null
database=out/tidy/compile_commands.json
report=out/tidy/report
mkdir -p "$report"
rm -f "$report"/*

# A source that no target builds has no compile command.
mapfile -t files < <(changed | while read -r file; do
  if grep -qF "/$file\"" "$database"; then echo "$file"; else echo "tidy: $file is in no target" >&2; fi
done)
[ ${#files[@]} -gt 0 ] || { echo 'tidy: nothing to look at'; exit 0; }

# Names what the verdict on a source depends on: tool, rules, the source and the project's headers it includes.
rules=$( (clang-tidy-19 --version; cat .clang-tidy; dpkg-query -W 'lib*-dev' 2>/dev/null) | sha256sum)
clean=${XDG_CACHE_HOME:-$HOME/.cache}/tallystick-tidy
mkdir -p "$clean"
key_of() {
  local parts
  parts=$(g++ -std=c++20 -MM -Isrc -Iinclude "$1" | sed 's/^[^:]*://' | tr -d '\\\n') || return 1
  # Words of the list of parts, so no quotes.
  # shellcheck disable=SC2086
  (echo "$rules"; sha256sum $parts) | sha256sum | cut -d' ' -f1
}

check_one() {
  local name=${1//\//_} key
  key=$(key_of "$1") || key=
  if [ -n "$key" ] && [ -e "$clean/$key" ]; then
    touch "out/tidy/report/$name.ok" "$clean/$key"
  elif clang-tidy-19 -p out/tidy --quiet "$1" >"out/tidy/report/$name.out" 2>"out/tidy/report/$name.err"; then
    touch "out/tidy/report/$name.ok"
    [ -z "$key" ] || touch "$clean/$key"
  else
    touch "out/tidy/report/$name.bad"
    cat "out/tidy/report/$name.out"
  fi
}
export -f check_one key_of
export rules clean
# Verdicts nobody asked for in a month.
find "$clean" -type f -mtime +30 -delete

# Exit status 124 is the end of the time, the only one that `timeout` adds.
status=0
printf '%s\n' "${files[@]}" | timeout "$((minutes * 60))" \
  xargs -P "$(nproc)" -I{} bash -c 'check_one "$1"' _ {} || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 124 ] || exit "$status"

bad=$(find "$report" -name '*.bad' | wc -l)
good=$(find "$report" -name '*.ok' | wc -l)
if [ $((bad + good)) -lt ${#files[@]} ]; then
  echo "tidy: stopped after $minutes minutes; not looked at:"
  for file in "${files[@]}"; do
    name=${file//\//_}
    [ -e "$report/$name.ok" ] || [ -e "$report/$name.bad" ] || echo "  $file"
  done
fi
echo "tidy: $good files clean, $bad with findings"
[ "$bad" -eq 0 ]
