# Callside: `make run` starts everything, `make test` tests everything. No target needs more than python3, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
# full: every drawn example, asyncio in debug mode. quick: a fifth of the examples, without it (tests/conftest.py).
PROFILE := full
COMPLETE := 0
full := PYTHONASYNCIODEBUG=1 $(PY) -m pytest
quick := $(PY) -m pytest --hypothesis-profile=quick -o asyncio_debug=false
PYTEST = CALLSIDE_TEST_COMPLETE=$(COMPLETE) $($(PROFILE))
# As many at a time as there are cores, the longest first (but style, which tells soonest); each one's words in one piece.
SIDE_BY_SIDE = $(MAKE) --jobs=$(shell nproc) --output-sync=target style unit conformance contract types boundaries web-tests
# A virtual environment knows its own path: one that was moved is made anew.
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(CURDIR))
$(VENV)/.place: FORCE
endif

.PHONY: help setup run test check style types boundaries web-tests unit conformance contract asterisk-tests browser-tests \
  web bench lock clean packages FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-15s\033[0m %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.dev web ## the environment for development: Python packages, gates, the built web phone

run: $(VENV)/.run web ## start all of it here: Callside, Asterisk, the demo carrier, the sample CRM (Ctrl-C ends it)
	@exec $(VENV)/bin/callside demo

test: COMPLETE := 1
test: setup packages ## everything, the real engine and the real browser included
	@$(SIDE_BY_SIDE) PROFILE=full COMPLETE=1
	@echo "── tests with engine and browser, one after the other"
	@$(PYTEST) -m "asterisk or browser" tests/unit tests/contract tests/conformance tests/asterisk tests/browser

check: setup ## what every commit must pass: style, types, boundaries, quick tests
	@$(SIDE_BY_SIDE) PROFILE=quick

style: $(VENV)/.dev ## ruff, its formatter, and Biome for the web part
	@echo "── style"
	@$(VENV)/bin/ruff check $(if $(CI),--no-fix,)
	@$(VENV)/bin/ruff format --check
	@$(PY) scripts/build_web.py lint

types: $(VENV)/.dev ## mypy --strict, and tsc for the web part
	@echo "── types"
	@$(VENV)/bin/mypy
	@$(PY) scripts/build_web.py types

boundaries: $(VENV)/.dev ## who may import whom, size budget, tenant in every query, no host names in the repository
	@echo "── boundaries"
	@$(VENV)/bin/lint-imports --no-logo
	@$(PY) scripts/budget.py
	@$(PY) scripts/tenant_scope.py
	@$(PY) scripts/check_hosts.py

web-tests: $(VENV)/.dev ## the web part's own tests
	@echo "── web tests"
	@$(PY) scripts/build_web.py test

unit: $(VENV)/.dev ## unit tests
	@echo "── unit tests"
	@$(PYTEST) tests/unit

conformance: $(VENV)/.dev ## what all stores, and engine and fake, must do alike (here without the engine)
	@echo "── conformance tests"
	@$(PYTEST) tests/conformance

contract: $(VENV)/.dev ## the guide's operations against golden requests and replies
	@echo "── contract tests"
	@$(PYTEST) tests/contract

asterisk-tests: setup packages ## tests that drive a real Asterisk
	@$(PYTEST) -m asterisk tests

browser-tests: setup packages ## tests that drive a real Chromium
	@$(PYTEST) -m browser tests

web: $(VENV)/.run ## build the web phone and the board (only when its sources changed)
	@$(PY) scripts/build_web.py build

bench: setup ## benchmarks: ratios, not seconds
	@$(PY) -m bench

lock: ## write the lock files anew (LOCK_ARGS=--upgrade takes newer versions)
	@scripts/lock.sh $(LOCK_ARGS)

clean: ## remove what was made here: environment, caches, built files (not a demo's data)
	rm -rf $(VENV) .cache web/node_modules src/callside/webphone/static src/callside/v1_api/static/board .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis .coverage test-results dist

packages:
	@scripts/system_packages.sh chromium sipp postgresql openssl fonts voice

$(VENV)/.place:
	@scripts/make_venv.sh $(VENV)

$(VENV)/.run: requirements.lock requirements-build.lock pyproject.toml $(VENV)/.place
	@echo "── Python packages"
	@scripts/pip_install.sh $(VENV) requirements.lock requirements-build.lock
	@$(PY) -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "── Python packages for development"
	@scripts/pip_install.sh $(VENV) requirements-dev.lock
	@touch $@

FORCE:
