# esmd. The two targets to know: `make run` and `make test`; `make help` lists the rest.

NODE ?= node
NPM ?= npm

.DELETE_ON_ERROR:
.PHONY: all help test run lint format check-unit check-integration check-init check-e2e \
        coverage bench clean distclean apt-packages

TSC = node_modules/.bin/tsc
SOURCES := $(shell find src test bench -name '*.ts' -o -name tsconfig.json) tsconfig.json package.json

all: build/.done

node_modules/.done: package.json package-lock.json
	@$(NODE) -e 'const [a,b]=process.versions.node.split(".").map(Number); if (a<20||(a===20&&b<19)) { console.error("esmd needs Node.js 20.19 or later, and this is " + process.version); process.exit(1) }'
	$(NPM) ci
	@touch $@

build/.done: node_modules/.done $(SOURCES)
	$(TSC) -b
	@touch $@

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

# Node 20 takes files, Node 21 and later globs: the shell expands.
TESTS = $(NODE) --test --test-reporter=spec
unit_tests = $$(find build/test/unit -name '*.test.js' | sort)

check-unit: build/.done ## the pure core and the renderers
	$(TESTS) $(unit_tests)

lint: node_modules/.done ## eslint, prettier, shellcheck, mandoc
	node_modules/.bin/eslint .
	node_modules/.bin/prettier --check --log-level warn .

format: node_modules/.done ## lays out every file
	node_modules/.bin/prettier --write --log-level warn .

test: lint check-unit ## everything from a fresh checkout; what CI runs

clean: ## removes what a build made
	rm -rf build coverage

distclean: clean ## removes node_modules as well
	rm -rf node_modules
