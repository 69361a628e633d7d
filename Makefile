# Callside: `make run` starts everything, `make test` tests everything. No target needs more than python3, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
TEST_ENV := PYTHONASYNCIODEBUG=1
# A virtual environment knows its own path: one that was moved is made anew.
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(CURDIR))
$(VENV)/.place: FORCE
endif

.PHONY: help setup run test check style types boundaries unit contract asterisk-tests browser-tests web bench lock clean \
  packages FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-15s\033[0m %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.dev web ## the environment for development: Python packages, gates, the built web phone

run: $(VENV)/.run web ## start all of it here: Callside, Asterisk, the demo carrier, the sample CRM (Ctrl-C ends it)
	@exec $(VENV)/bin/callside demo

test: setup packages style types boundaries ## everything, the real engine and the real browser included
	@echo "── web tests"
	@$(PY) scripts/build_web.py test
	@echo "── tests, engine and browser included"
	@$(TEST_ENV) CALLSIDE_TEST_COMPLETE=1 $(PY) -m pytest -m "" $(wildcard tests/unit tests/contract tests/conformance \
	  tests/asterisk tests/browser)

check: setup style types boundaries unit contract ## what every commit must pass: style, types, boundaries, quick tests

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

unit: $(VENV)/.dev ## unit and conformance tests, and the web part's own
	@echo "── unit tests"
	@$(PY) scripts/build_web.py test
	@$(TEST_ENV) $(PY) -m pytest $(wildcard tests/unit tests/conformance)

contract: $(VENV)/.dev ## the guide's operations against golden requests and replies
	@echo "── contract tests"
	@$(if $(wildcard tests/contract),$(TEST_ENV) $(PY) -m pytest tests/contract,true)

asterisk-tests: setup packages ## tests that drive a real Asterisk
	@$(TEST_ENV) $(PY) -m pytest -m asterisk tests

browser-tests: setup packages ## tests that drive a real Chromium
	@$(TEST_ENV) $(PY) -m pytest -m browser tests

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
