# Two commands are all that a machine with Node.js needs: `make run` and `make test`.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: run test test-engines bench clean help setup setup-test node

sources := $(shell find src -type f)
installed := node_modules/.installed
built := dist/.built

run: setup ## set up what is missing, then start the server
	@exec node dist/server.js --welcome --build

test: setup-test ## set up what is missing, then lint, types, unit, live and browser tests
	npx eslint --max-warnings 0 .
	npm run --silent typecheck
	npm run --silent lint:agent
	npx vitest run --project unit
	npx vitest run --project sanitizers
	npx vitest run --project fuzz
	npx vitest run --project live
	npx vitest run --project browser

# What depends on the Engine's version. Each Engine gets the images that these tests need; its host needs `ps` for `top`.
engine_tests := test/live/docker test/live/execute/requests.test.ts test/live/execute/results.test.ts test/live/terminals

test-engines: $(built) ## test on other Engines; ENGINES="unix:///path/docker.sock tcp://..."
	@for engine in $(ENGINES); do \
	  echo "Engine $$engine"; \
	  RUNTIMES=python,javascript,bun DOCKER_HOST=$$engine node dist/setup/main.js || exit 1; \
	  RUNTIMES=python,javascript,bun DOCKER_HOST=$$engine npx vitest run --project live $(engine_tests) || exit 1; \
	done

bench: setup ## measure; `make bench ARGS=execute` for one of them
	npm run --silent bench -- $(ARGS)

setup: $(built)
	@node dist/setup/main.js

setup-test: $(built)
	@node dist/setup/main.js --test

$(built): $(installed) $(sources) tsconfig.json tsconfig.build.json vite.config.ts
	@echo 'building'
	@rm -rf dist
	@npm run --silent build
	@touch $@

$(installed): package.json package-lock.json | node
	@echo 'installing npm packages'
	@npm ci --loglevel=error
	@touch $@

node:
	@command -v node > /dev/null || { echo 'Berth needs Node.js 20.19 or newer (https://nodejs.org)' >&2; exit 1; }
	@node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' \
	  || { echo "Berth needs Node.js 20.19 or newer, and this is $$(node --version)" >&2; exit 1; }

clean: ## remove what was installed and built here; the Engine keeps its images
	rm -rf node_modules dist

help:
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)
