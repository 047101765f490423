# samekey. `make help` lists what there is. Each target sets up what it needs and is quick when that is done.
#
# The work is in scripts/; a target here names it, and says what it needs first.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

##@ Run

.PHONY: demo
demo: ## The dashboard on its server, at the URL it prints; Ctrl-C stops all (REDIS_URL: use Redis)
	@scripts/demo

##@ Build

.PHONY: package wasm www
package: setup-build ## The npm package: pkg/samekey.tgz
	@scripts/build-package
wasm: setup-build ## The browser's wasm and its glue alone
	@scripts/build-wasm
www: package ## The dashboard's files: www/dist
	@scripts/use-package www
	@cd www && npm run --silent build

##@ Test

.PHONY: test test-rust test-valkey test-wasm test-pkg test-built test-react-18 test-size test-packaging test-e2e test-browsers test-python test-image test-monitoring fuzz histories
test: ## Everything below; the last line says how many passed and failed
	@scripts/setup test
	@scripts/test
test-rust: setup-test ## Rust, natively: schema, engine, server, macros, demo, architecture
	@cargo test --quiet --workspace --all-features --no-fail-fast
test-valkey: setup-test ## The server's tests on Valkey instead of Redis: the one installed, else one from Debian's backports
	@SAMEKEY_REDIS_SERVER="$$(scripts/valkey)" cargo test --quiet --test server --all-features -- $(ON_VALKEY)
# What a server decides; not what is decided before one is asked.
ON_VALKEY := store_ redis_ leases many single_flight refresh recovery breaker stream faults jobs
test-wasm: setup-test ## The border, compiled to wasm, in headless Chromium
	@scripts/test-wasm
test-pkg: setup-build ## The TypeScript face and the hooks, on the real wasm
	@cd pkg-template && npx --no-install vitest run
test-built: package ## The same tests on the built package: what bundling did to it
	@cd pkg-template && SAMEKEY_BUILT=1 npx --no-install vitest run
test-react-18: package setup-test ## What renders, built, on React 18 instead of 19
	@cd pkg-template && SAMEKEY_BUILT=1 SAMEKEY_REACT=18 npx --no-install vitest run
test-size: package ## What an app downloads, against the ceilings in pkg-template/size-limits.json
	@node tests/packaging/size.js
test-packaging: package setup-test ## The packed package in small apps: bundlers, frameworks, test runners
	@node tests/packaging/run.mjs
test-e2e: www setup-test ## The dashboard in Chromium, on its server and database
	@cargo build --quiet --release -p samekey-demo
	@cd tests/e2e && npm test --silent
test-browsers: www setup-test ## The dashboard and the wasm in Firefox and a WebKit browser too (not in make test)
	@cargo build --quiet --release -p samekey-demo
	@scripts/test-browsers
test-image: ## The container image, built and run, alone and by docker/compose.yaml: by Docker or Podman (not in make test)
	@scripts/test-image
test-monitoring: setup-test ## The Grafana dashboard's queries and the alert rules, on a real Prometheus (not in make test)
	@scripts/test-monitoring
fuzz: setup-build ## A million damaged values, keys, patterns and requests: no panic (make test runs a share)
	@SAMEKEY_FUZZ_CASES=1000000 cargo test --quiet --test fuzz --features server,shadower,pickle
histories: setup-test ## A thousand random histories of nodes, Redis and faults: nothing stale is given for fresh (make test tells a few)
	@SAMEKEY_HISTORIES=$${SAMEKEY_HISTORIES:-1000} cargo test --quiet --test server --all-features -- histories --nocapture
test-python: setup-test ## The generated Python keys against the shared vectors
	@python3 -m unittest discover --start-directory tests/python

##@ Keep

.PHONY: bench bench-rust fmt lint check-generated
bench: package setup-test ## Side by side with TanStack Query, in Node and Chromium, and the demo's cache; writes benches/RESULTS*.md
	@scripts/bench
bench-rust: setup-build ## The engine from 1k to 100k entries, and the schema's keys, natively
	@cargo bench --quiet --bench engine
	@cargo bench --quiet --bench schema --features shadower
fmt: setup-lint ## Format everything
	@cargo fmt --all
	@cd pkg-template && npx --no-install eslint --fix .
	@cd www && npx --no-install eslint --fix .
lint: setup-lint check-generated package ## rustfmt, clippy, tsc and ESLint; a warning is an error
	@scripts/lint

check-generated: setup-build ## What the border's Rust generates is what is committed; before a build would rewrite it
	@scripts/build-wasm --check

##@ Set up (each of the above does it by itself)

.PHONY: setup-build setup-lint setup-test
setup-build: ## What building needs: the wasm target, wasm-bindgen, npm packages
	@scripts/setup build
setup-lint: ## + the npm packages of the dashboard's and the tests' own checks
	@scripts/setup lint
setup-test: ## + wasm-pack, Chromium and its driver, Redis, redis-py
	@scripts/setup test

.PHONY: help clean
clean: ## Remove what was built
	@cargo clean --quiet
	@rm -rf pkg www/dist pkg-template/src/border/generated .cache
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
