# esmd. The two targets to know are `make run` and `make test`; `make help` lists the rest.

NODE ?= node
NPM ?= npm

.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

TSC = node_modules/.bin/tsc
ESBUILD = node_modules/.bin/esbuild
SOURCES := $(shell find src test bench -name '*.ts' -o -name tsconfig.json) tsconfig.json package.json
SHELL_SCRIPTS = $(shell git ls-files 'init.d/*' 'test/**/*.sh' .ci/run 2>/dev/null | xargs grep -lE '^\#!/bin/sh|^\# shellcheck shell=' 2>/dev/null)

.PHONY: all help run test lint format check-unit check-integration check-init check-e2e \
        coverage bench bench-peers bench-faults soak state-table clean distclean

all: build/.done ## builds everything

-include apt.mk
-include install.mk

node_modules/.done: package.json package-lock.json
	@$(NODE) -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 19)) { console.error("esmd needs Node.js 20.19 or later, and this is " + process.version); process.exit(1) }'
	$(NPM) ci
	@touch $@

build/.done: node_modules/.done $(SOURCES)
	$(TSC) -b
	@# What is installed: few files are read sooner than hundreds, and take less memory. Modules in
	@# CommonJS call require(). koffi is no JavaScript; systeminformation is only there for "top".
	@rm -rf build/bundle
	$(ESBUILD) build/src/esmd.js build/src/esmctl.js --outdir=build/bundle --bundle --splitting \
	  --format=esm --platform=node --target=node20 --legal-comments=none --log-level=warning \
	  --external:koffi --external:systeminformation \
	  --banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
	@touch $@

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: build/.done ## a private machine: a real init, esmd, daemons to kill, a prompt
	$(NODE) build/test/scene/scene.js

test: lint check-unit check-integration check-init check-e2e ## everything; what CI runs

# Node 20 takes files, Node 21 and later globs: the shell expands. The runner's closing lines show.
TESTS = $(NODE) --test --test-reporter=spec
files = $$(find build/test/$(1) -name '*.test.js' | sort)

check-unit: build/.done apt-packages ## the pure core, decoders, renderers, documents
	$(TESTS) $(call files,unit)

check-integration: build/.done apt-packages ## each adapter against the kernel; the control script
	$(TESTS) --test-concurrency=2 $(call files,integration)

check-init: build/.done apt-packages ## esmd under sysvinit and busybox init
	$(TESTS) --test-concurrency=2 $(call files,init)

check-e2e: build/.done apt-packages ## esmctl against esmd
	$(TESTS) --test-concurrency=2 $(call files,e2e)

lint: build/.done apt-packages ## eslint, prettier, shellcheck, mandoc
	node_modules/.bin/eslint .
	node_modules/.bin/prettier --check --log-level warn .
	shellcheck $(SHELL_SCRIPTS)
	@# A page that is not installed here is no fault of ours.
	! mandoc -Tlint -W style man/*.[0-9] 2>/dev/null | grep -v 'referenced manual not found'

format: node_modules/.done ## lays out every file
	node_modules/.bin/prettier --write --log-level warn .

coverage: build/.done ## of the pure core
	node_modules/.bin/c8 --include 'build/src/core/**' --check-coverage --lines 99 --branches 98 $(NODE) --test $(call files,unit)

bench: build/.done apt-packages ## speed and size, as a table
	$(NODE) build/bench/bench.js

bench-peers: build/.done apt-packages ## esmd beside other supervisors, into bench/RESULTS.md
	$(NODE) build/bench/peers.js

bench-faults: build/.done apt-packages ## what esmd and others do when things go wrong, into bench/RESULTS.md
	$(NODE) build/bench/faults.js

soak: build/.done apt-packages ## random harm for MINUTES=10, by SEED=, and no promise broken
	MINUTES="$(or $(MINUTES),10)" $(if $(SEED),SEED="$(SEED)") $(NODE) build/bench/soak.js

state-table: build/.done ## writes the state table into ARCHITECTURE.md
	$(NODE) build/test/helpers/print-state-table.js

clean: ## removes what a build made
	rm -rf build coverage

distclean: clean ## removes node_modules and the cached packages as well
	rm -rf node_modules .cache
