# The only entry point. `make` lists what there is.
SHELL := /bin/bash
HOST ?=
T ?=
F ?=
S ?= 60
B ?=
VECTORS ?= ../shared/vectors
SOAK ?= 1800
export VECTORS HOST T F S B SOAK

help:
	@echo 'make run [HOST=name]   set up, build and start; prints the address to open'
	@echo 'make test [T=stun]     set up, build with sanitizers, run every test (or those matching T)'
	@echo 'make lint              formatting, warnings, include direction, TypeScript, foreign hosts'
	@echo 'make format            format C and TypeScript in place'
	@echo 'make bench [B=forward] measure speed; prints ratios'
	@echo 'make fuzz [F=stun S=60] run the fuzzers, S seconds each'
	@echo 'make seeds             write the seeds of the fuzzers of the door anew'
	@echo 'make deb               Debian packages of what is committed, in build/deb'
	@echo 'make soak [SOAK=1800]  people come and go for so many seconds; fails if anything grows'
	@echo 'make coverage          which lines of src/e2ee its tests run (90 % at least)'
	@echo 'make vectors           bring published vectors that are missing in VECTORS (needs a network)'

setup:
	@tools/setup.sh

build/release/build.ninja:
	@meson setup build/release --buildtype=release -Db_pie=true >/dev/null
build/asan/build.ninja:
	@CC=clang-19 CC_LD=lld meson setup build/asan --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true >/dev/null

build: setup build/release/build.ninja
	@[ -x build/release/src/server/incamera ] || echo 'Building, which takes a few minutes the first time'
	@out=$$(ninja -C build/release 2>&1) || { echo "$$out"; exit 1; }
	@node web/build.mjs
build-asan: setup build/asan/build.ninja
	@out=$$(ninja -C build/asan 2>&1) || { echo "$$out"; exit 1; }

run: build
	@tools/run.sh
test: build
	@tools/test.sh
lint: setup
	@tools/lint.sh
format: setup
	@tools/format.sh
bench: build
	@tools/setup.sh bench
	@tools/bench.sh
fuzz: build-asan
	@tools/fuzz.sh
seeds: build/release/build.ninja
	@ninja -C build/release tests/e2ee/door_seeds_test >/dev/null
	@WRITE_SEEDS=1 build/release/tests/e2ee/door_seeds_test
deb: build
	@tools/setup.sh deb
	@tools/deb.sh
soak: build
	@tests/net/in-namespace node tools/soak.mjs
coverage: build-asan
	@tools/coverage.sh
vectors:
	@tools/vectors.sh

.PHONY: help setup build build-asan run test lint format bench fuzz seeds soak deb coverage vectors
.DEFAULT_GOAL := help
