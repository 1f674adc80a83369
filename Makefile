# `make demo` and `make test` do everything themselves on a fresh Debian 12 with Swift 6.3; both are quick when nothing is to do.

SWIFT ?= swift
export PATH := $(PATH):/opt/swift/usr/bin

.PHONY: help setup setup-tests setup-bench build demo test lint format bench fuzz chaos chaos-mongodb control clean
# How many records `make chaos-mongodb` moves: on the store itself, and through `datahub work`.
CHAOS_TASKS ?= 20000
CHAOS_ORDERS ?= $(CHAOS_TASKS)
# How long `make fuzz` runs each target.
FUZZ_SECONDS ?= 600

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | column -t -s '	'

setup: ## install the C libraries (Debian packages)
	@.ci/setup

setup-tests: setup ## and the servers the tests talk to
	@.ci/setup tests

setup-bench: setup ## and what the benches measure against
	@.ci/setup bench

build: setup ## a release binary at .build/release/datahub
	$(SWIFT) build -c release --product datahub

demo: build ## the whole way from a shop to an ERP, with 6,919 real orders
	@.ci/demo .build/release/datahub

lint: ## formatting and doc comments
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

format: ## format all Swift files
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

# What waits for processes goes by itself: it would keep the threads that other tests wait for.
test: setup-tests lint ## everything that is checked
	$(SWIFT) build --build-tests
	DATAHUB_TEST_TOOLS=$(CURDIR)/.build/test-tools $(SWIFT) test --skip-build --skip EndToEndTests
	DATAHUB_TEST_TOOLS=$(CURDIR)/.build/test-tools $(SWIFT) test --skip-build --filter EndToEndTests

bench: setup-bench ## the figures of docs/benchmarks.md
	$(SWIFT) build -c release --product datahub
	$(SWIFT) build -c release --product datahub-bench
	$(SWIFT) build -c release --product datahub-bench-c
	.build/release/datahub-bench

fuzz: setup ## inputs nobody would write, 10 minutes a target; FUZZ_SECONDS=60 for less
	$(SWIFT) build -c release --product datahub-fuzz
	.build/release/datahub-fuzz --seconds $(FUZZ_SECONDS)

chaos: setup ## workers killed and stopped at random: nothing lost, nothing doubled, first in first out
	$(SWIFT) build -c release --product datahub
	$(SWIFT) build -c release --product datahub-bench
	.build/release/datahub-bench chaos

chaos-mongodb: setup-tests ## the same on a server of MongoDB's protocol: over an hour; CHAOS_TASKS=1000 for less
	$(SWIFT) build -c release --product datahub
	$(SWIFT) build -c release --product datahub-bench
	.ci/chaos-mongodb .build/release/datahub-bench --tasks $(CHAOS_TASKS) --orders $(CHAOS_ORDERS)

control: setup ## the same with a store that does not fence: that has to be seen
	$(SWIFT) build -c release --product datahub-bench --scratch-path .build-control -Xswiftc -DDATAHUB_UNFENCED
	@if .build-control/release/datahub-bench chaos; then echo "a store without fencing was not found out" >&2; exit 1; \
	else echo "a store without fencing was found out, as it has to be"; fi

clean: ## remove what was built
	rm -rf .build .build-control
