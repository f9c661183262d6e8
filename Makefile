# SPDX-License-Identifier: Apache-2.0
# `make run` and `make test` do everything on a fresh Debian 12: install what is missing, build, run. `make help` lists the rest.
SHELL := /bin/bash
PREFIX ?= /usr/local
# Address of an MCP server for `make run`, command of one that speaks stdio for `make run-wrap`; without them the demos use
# the official example servers.
URL ?=
CMD ?=
export URL CMD

# ccache is used where it exists, never needed; `make CCACHE= test` goes without.
CCACHE ?= $(shell command -v ccache)
ifneq ($(CCACHE),)
export CMAKE_CXX_COMPILER_LAUNCHER := ccache
# Paths differ between checkouts; with these ccache still finds what another one compiled.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
endif
# The Node.js that tests and demo use; empty until setup-js ran on a system that has none of version 20 or newer.
WITH_NODE = dir="$$(tools/node_dir.sh)" && export PATH="$$dir:$$PATH" &&

.DEFAULT_GOAL := help
# Names the Node.js that the tests start, so that one found earlier, which may be too old, does not stay.
CONFIGURE = node="$$(tools/node_dir.sh)" && cmake --preset release --log-level=NOTICE $${node:+-DTALLY_NODE=$$node/node}

.PHONY: help setup setup-js setup-http setup-bench build run run-wrap test bench fuzz docs format tidy package test-package
.PHONY: test-operations install clean

help:  ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 18
	@echo 'Variables: URL=http://127.0.0.1:3001/mcp (run), CMD="npx some-mcp-server" (run-wrap), PREFIX=/usr/local (install), NAME=json SECONDS=60 (fuzz)'

run: build setup-js  ## build, then serve in front of an MCP server over HTTP: record real traffic, show it, verify it
	@$(WITH_NODE) demo/run.sh build/tallystick

run-wrap: build setup-js  ## the same over stdio, with wrap
	@$(WITH_NODE) demo/run-wrap.sh build/tallystick

test: setup-http  ## build everything and run every test
	@$(CONFIGURE)
	cmake --build build
	$(WITH_NODE) ctest --preset release -j "$$(nproc)" $(CTEST_FLAGS)

build: setup  ## build build/tallystick
	@$(CONFIGURE)
	cmake --build build --target tallystick

setup:  ## install missing Debian packages (packages.txt)
	@tools/setup.sh build

setup-http: setup-js  ## the same, and what the tests over HTTP need (tests/e2e/http/package-lock.json)
	@tools/setup.sh http

setup-bench: setup-js  ## the same, and what the benchmarks compare with (bench/package-lock.json)
	@tools/setup.sh bench

setup-js: setup  ## the same, and what the JavaScript tests need (package-lock.json)
	@tools/setup.sh js

bench: setup-bench  ## run the benchmarks and compare them with their bars
	@$(CONFIGURE)
	cmake --build build
	$(WITH_NODE) bench/run.sh build

fuzz:  ## fuzz one target with clang: make fuzz NAME=json SECONDS=60
	@tools/setup.sh fuzz
	@tools/fuzz.sh "$(NAME)" "$(or $(SECONDS),60)"

docs: build  ## write the generated pages of docs/ anew from the tables in the code
	build/tallystick catalog --format markdown >docs/events.md
	build/tallystick export --formats >docs/export-formats.md
	tools/audit_mapping.py --tallystick build/tallystick

format:  ## rewrite the C++ sources with clang-format
	@tools/setup.sh lint
	@tools/format.sh --fix

tidy:  ## clang-tidy over the files that differ from the last commit, or ALL=1
	@tools/setup.sh lint
	@tools/tidy.sh $(if $(ALL),--all)

package:  ## build Debian packages in out/package/
	@tools/setup.sh package
	@$(CONFIGURE)
	cmake --build build --target tallystick tallystick_archive
	cmake --build build --target tally_package_files
	cd build && cpack --config CPackConfig.cmake

test-package: package  ## install, use, remove and purge them in a bare Debian tree, then under systemd (root; takes minutes)
	tests/e2e/operations/package.sh out/package
	tests/e2e/operations/boot.sh out/package

test-operations: build  ## everything of tests/e2e/operations but packages, Prometheus and Backstage included
	@tools/setup.sh operations
	@tools/setup.sh backstage
	@tests/e2e/operations/all.sh build/tallystick

install: build  ## install program and library under PREFIX
	cmake --build build
	cmake --install build --prefix "$(PREFIX)"

clean:  ## remove what was built
	rm -rf build out .run
