#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing and says so; does nothing, quickly, when everything is there.
#   tools/setup.sh build   Debian packages of packages.txt
#   tools/setup.sh js      those, then a Node.js that is new enough and the npm packages of package-lock.json
#   tools/setup.sh http    those, the Debian packages of tools/packages-clients.txt (tests of the ASGI middleware), and the
#                          npm packages of the HTTP tests: the MCP conformance suite and its Node.js 22
#   tools/setup.sh api     those of js, and the linter of the API's document
#   tools/setup.sh backstage   those, a Backstage backend for tests/e2e/http/sdk.mjs (300 MB), and what clients/backstage is
#                          built and tested with (300 MB)
#   tools/setup.sh bench   those, the Debian packages of tools/packages-bench.txt and the npm packages of bench/: rivals
#   tools/setup.sh operations  packages.txt and tools/packages-operations.txt: Prometheus and systemd-analyze for tests/e2e/operations
#   tools/setup.sh package     packages.txt and tools/packages-package.txt: what makes and tries .deb packages
#   tools/setup.sh lint    Debian packages of packages.txt and tools/packages-lint.txt: clang-format, clang-tidy
#   tools/setup.sh fuzz    Debian packages of packages.txt and tools/packages-fuzz.txt: clang with libFuzzer
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*"; }
die() {
  printf 'setup: %s\n' "$*" >&2
  exit 2
}

# Packages of the given lists that are not installed. A Node.js that came from elsewhere counts: Debian's npm cannot
# stand beside another vendor's nodejs package.
missing_packages() {
  local package
  comm -23 <(sort -u "$@") \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u) |
    while read -r package; do
      case $package in
        nodejs) command -v node >/dev/null || echo "$package" ;;
        npm) command -v npm >/dev/null || echo "$package" ;;
        *) echo "$package" ;;
      esac
    done
}

install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is not a Debian system; install the equivalents of $* yourself if the build misses something"
    return
  fi
  local missing=() root=()
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo; as root run: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  if ! "${root[@]}" apt-get update -q ||
    ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; then
    die "apt-get could not install ${missing[*]}, for the reason above"
  fi
}

install_js() {
  if [ -z "$(tools/node_dir.sh)" ]; then
    say "the system's Node.js is $(node --version), 20 or newer is needed: installing one from npm in tools/node"
    npm_ci tools/node
    [ -n "$(tools/node_dir.sh)" ] || die "the Node.js in tools/node does not run on this machine ($(uname -m))"
  fi
  install_locked .
}

# npm ci in folder $1, or what to do about it.
npm_ci() {
  local node
  node=$(tools/node_dir.sh)
  PATH="${node:+$node:}$PATH" npm ci --prefix "$1" ||
    die "npm could not install $1/package-lock.json, for the reason above; its registry is needed this once, not later"
}

# The npm packages of the lock file in folder $1. The stamp lies inside node_modules, so that deleting the folder
# deletes it too.
install_locked() {
  if ! cmp -s "$1/package-lock.json" "$1/node_modules/.tally-stamp"; then
    say "installing the npm packages of $1/package-lock.json"
    npm_ci "$1"
    cp "$1/package-lock.json" "$1/node_modules/.tally-stamp"
  fi
}

case "${1:-}" in
  build) install_packages packages.txt ;;
  js)
    install_packages packages.txt
    install_js
    ;;
  http)
    install_packages packages.txt tools/packages-clients.txt
    install_js
    install_locked tests/e2e/http
    ;;
  api)
    install_packages packages.txt
    install_js
    install_locked tests/e2e/api
    ;;
  backstage)
    install_packages packages.txt
    install_js
    install_locked tests/e2e/http
    install_locked tests/e2e/http/backstage
    install_locked clients/backstage
    ;;
  bench)
    install_packages packages.txt tools/packages-bench.txt
    install_js
    install_locked tests/e2e/http
    install_locked bench
    ;;
  operations) install_packages packages.txt tools/packages-operations.txt ;;
  package) install_packages packages.txt tools/packages-package.txt ;;
  lint) install_packages packages.txt tools/packages-lint.txt ;;
  fuzz) install_packages packages.txt tools/packages-fuzz.txt ;;
  *) die "usage: tools/setup.sh build|js|http|api|backstage|bench|operations|package|lint|fuzz" ;;
esac
