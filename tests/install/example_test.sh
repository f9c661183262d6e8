#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the build into an empty prefix, builds the example against that alone, runs it, and checks its log again with
# the installed program and with the files themselves.
#   example_test.sh CMAKE BUILD SOURCE COMPILER BINDIR
set -euo pipefail
cmake=$1 build=$2 source=$3 compiler=$4 bindir=$5

fail() { echo "example_test: $*" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

DESTDIR='' "$cmake" --install "$build" --prefix "$prefix" >"$work/install.log" || fail "install: $(cat "$work/install.log")"
for name in LICENSE README.md tallystick.h writer.h tallystick-config.cmake libtallystick.a; do
  [ -n "$(find "$prefix" -name "$name" -size +0)" ] || fail "$name was not installed"
done
[ "$(find "$prefix" -name '*.a' | wc -l)" = 1 ] || fail 'more than one archive was installed'
# Nothing of what is installed may lead back into the tree.
if grep -rIlF -e "$source/" -e "$build/" "$prefix"; then fail 'the files above name the source or build tree'; fi

# A copy elsewhere, so that no relative path finds the tree either.
cp -r "$source/examples/append_and_verify" "$work/example"
"$cmake" -S "$work/example" -B "$work/out" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror' >"$work/configure.log" 2>&1 ||
  fail "configure: $(cat "$work/configure.log")"
"$cmake" --build "$work/out" >"$work/build.log" 2>&1 || fail "build: $(cat "$work/build.log")"

export TALLYSTICK_KEYS=$work/keys
log=$work/log
"$work/out/append_and_verify" "$log" >"$work/first.txt" || fail 'the example failed'
"$work/out/append_and_verify" "$log" >"$work/second.txt" || fail 'the example failed on the log it had made'
grep -qx 'entry 0 is recorded and proved; 1 entries, log verifies' "$work/first.txt" || fail "it said: $(cat "$work/first.txt")"
grep -qx 'entry 1 is recorded and proved; 2 entries, log verifies' "$work/second.txt" || fail "it said: $(cat "$work/second.txt")"
[ "$(cat "$log"/segments/*.jsonl | wc -l)" = 2 ] || fail 'the log has not two lines'
grep -q '"event_name":"report-exported"' "$log"/segments/*.jsonl || fail 'the event is not in the log'

if [ -x "$prefix/$bindir/tallystick" ]; then
  "$prefix/$bindir/tallystick" verify --log "$log" >"$work/verify.txt" || fail "verify: $(cat "$work/verify.txt")"
fi

# The example is worth its words only if it notices a changed log.
sed -i 's/alice/malice/' "$log"/segments/*.jsonl
if "$work/out/append_and_verify" "$log" >"$work/third.txt" 2>&1; then fail 'the example took a changed log for a good one'; fi
echo 'example_test: ok'
