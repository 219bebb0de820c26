# The verbs of Onsale. Each installs what it needs (tools/setup), builds what changed and does what it says.
#   PORT=9000 make run     another port          JOBS=1 make …     fewer compilers at once
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
JOBS ?= $(shell nproc)
DATA ?= data
PORT ?=

# Debian's own python is the one that has the packages tools/setup installs; another may stand before it in PATH.
PYTHON := /usr/bin/python3
CONFIGURE := cmake -DPython3_EXECUTABLE=$(PYTHON) --log-level=WARNING
NINJA := NINJA_STATUS='[%f/%t, %e s] ' ninja -j $(JOBS)

.PHONY: help run watch run-scaled test check bench rehearse load lint fuzz docs clean setup build deb image

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: build ## build the office and open it at http://localhost:8080 (data in ./data)
	@exec build/release/onsale serve --data-dir "$(DATA)" $(if $(PORT),--port $(PORT))

run-scaled: ## the same office on real Redis, MariaDB, Kafka and nginx, two processes a role
	@tools/setup scaled
	@$(MAKE) --no-print-directory build
	@exec tools/run-scaled $(if $(PORT),--port $(PORT))

build: ## build build/release/onsale, the page inside it, and stop there
	@tools/setup build
	@tools/web
	@$(MAKE) --no-print-directory build/release/build.ninja
	@$(NINJA) -C build/release onsale

deb: ## build/release/package/onsale_*.deb: the office as a Debian package
	@tools/setup package
	@$(MAKE) --no-print-directory build
	@rm -rf build/release/package
	@cd build/release && { cpack >package.log 2>&1 || { tail -n 20 package.log >&2; exit 1; }; } && rm -rf package/_CPack_Packages
	@ls -sh build/release/package/onsale_*.deb

image: deb ## the image localhost/onsale:dev of that package, built and tried (docker, or buildah and podman)
	@deploy/images/build localhost/onsale:dev
	@deploy/images/smoke localhost/onsale:dev

test: ## everything that every change must pass, on a build with ASan and UBSan (≤ 20 min)
	@tools/setup test
	@tools/test

check: ## the whole battery: also TSan, g++, clang-tidy, long fuzzing and a long kill loop (hours)
	@tools/setup check
	@tools/test --check

bench: ## measure the goals and print one table, each ratio with its own denominator (≤ 25 min)
	@tools/setup bench
	@tools/web
	@$(MAKE) --no-print-directory build/bench/build.ninja
	@$(NINJA) -C build/bench
	@tools/bench

rehearse: build ## let 2,000 buyers rehearse an opening on a spare office, then audit it (LOAD='--buyers 50')
	@tools/load $(LOAD)

load: ## k6 against both forms of a spare office, audited; a dated report in load/results (LOAD='--quick')
	@tools/setup scaled
	@$(MAKE) --no-print-directory build
	@load/run $(LOAD)

watch: ## Prometheus with the alert rules, and Jaeger, beside an office that runs here; prints the links
	@tools/setup watch
	@exec tools/watch $(WATCH)

lint: ## layering, contract, clang-format, shellcheck; clang-tidy on what changed (LINT=--all: everywhere)
	@tools/setup check
	@tools/lint $(LINT)

fuzz: ## run every fuzz target for FUZZ_SECONDS (600) each
	@tools/setup test
	@tools/test --only fuzz-build --only fuzz

docs: ## check that what the documents point to is there
	@tools/setup build
	@$(PYTHON) tools/docs_check.py

setup: ## install everything that any verb needs
	@tools/setup check bench

clean: ## remove what was built; ./data stays
	rm -rf build web/dist

build/%/build.ninja: CMakePresets.json
	@echo "configuring build/$*"
	@$(CONFIGURE) --preset $* >/dev/null
	@touch $@
