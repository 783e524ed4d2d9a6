# Two commands are all that a machine with Node.js needs: `make run` and `make test`.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run test check lint lint-agent unit test-projects test-engines test-vm bench audit clean help setup setup-test test-packages node

sources := $(shell find src -type f)
installed := node_modules/.installed
built := dist/.built

run: setup ## set up what is missing, then start the server
	@exec node dist/server.js --welcome --build

check: test-packages ## lint with types, and unit tests, side by side
	@$(MAKE) --no-print-directory --output-sync=target -j 4 lint lint-agent unit

test: check ## the same, then set up what is missing, and test with the Engine and a browser
	@$(MAKE) --no-print-directory setup-test
	npx vitest run --project sanitizers
	npx vitest run --project fuzz
	npx vitest run --project 'live*'
	npx vitest run --project browser

lint:
	npm run --silent lint

lint-agent:
	@$(MAKE) --no-print-directory -C sandbox-images/agent analyze

unit:
	npm run --silent test:unit

test-projects: $(built) ## build the images of projects in all languages, and try them: an hour the first time
	@node dist/setup/main.js --project-images
	npx vitest run --project live-alone test/live/images/projects.test.ts

test-engines: $(built) ## test on Docker Engines 20.10, 26.1 and 28.5, which it starts; or on ENGINES="unix:///path/docker.sock tcp://..."
	@test/labs/test-engines.sh

test-vm: $(built) ## test on an emulated Debian machine with systemd and cgroup v2: an hour
	@test/labs/test-vm.sh

audit: $(installed) ## ask the package registry for known faults of what the server needs
	npm audit --omit=dev

bench: setup ## measure; `make bench ARGS=execute` for one of them
	npm run --silent bench -- $(ARGS)

setup: $(built)
	@node dist/setup/main.js

setup-test: $(built)
	@node dist/setup/main.js --test

test-packages: $(installed)
	@npx tsx src/setup/main.ts --test-packages

$(built): $(installed) $(sources) tsconfig.json tsconfig.build.json vite.config.ts packages/elements/vite.config.ts
	@echo 'building'
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
