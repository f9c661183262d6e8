#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the layout of every tracked or new C++ file; with --fix rewrites them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
mapfile -t files < <(git ls-files --cached --others --exclude-standard -- \
  {src,tests,include,fuzz,bench,examples}/**.h {src,tests,include,fuzz,bench,examples}/**.cc | sort -u |
  while read -r file; do [ ! -e "$file" ] || echo "$file"; done)
[ ${#files[@]} -gt 0 ] || { echo 'format: no C++ file found' >&2; exit 2; }
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 20 clang-format-14 "${mode[@]}"
echo "format: ${#files[@]} files"
