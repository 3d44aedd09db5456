# Two commands: `make run` starts everything, `make test` tests everything. Both set up what they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGE := api/windhover/static/index.html

.PHONY: help run test check format test-docker lock screenshots clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/run $(PAGE) ## start Kafka, TimescaleDB, Mosquitto, every role, a small fleet and the map; Ctrl-C stops all
	@exec $(BIN)/windhover up $(ARGS)

test: $(VENV)/dev $(PAGE) ## run every test; the integration tests start the three real servers themselves
	@web/build.sh $(BIN) check test
	@stack/need.sh chromium chromium
	@$(BIN)/pytest -m "not docker" $(ARGS)

check: $(VENV)/dev ## style, types and the tests of the tree
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/tree

format: $(VENV)/dev ## bring every file into the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test-docker: $(VENV)/dev ## compose and testcontainers, with the engine that answers on DOCKER_HOST
	@$(BIN)/pytest -m docker $(ARGS)

screenshots: $(VENV)/dev $(PAGE) ## pictures of every page into docs/pictures, from a running system
	@$(BIN)/python -m tests.browser.screenshots

lock: $(VENV)/dev ## renew the lock files from pyproject.toml
	@$(BIN)/pip install -q uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --extra dev --extra build pyproject.toml -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --extra build -c requirements-dev.lock pyproject.toml -o requirements.lock

clean: ## remove what was built; data in .windhover stays
	rm -rf $(VENV) web/node_modules api/windhover/static

$(VENV)/bin/python:
	@echo "making the virtual environment"
	@$(PYTHON) -m venv $(VENV) || { stack/need.sh ensurepip python3-venv && $(PYTHON) -m venv --clear $(VENV); }

$(VENV)/run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing the Python packages of requirements.lock"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/run
	@echo "installing the packages for tests and checks"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(PAGE): $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null) | $(VENV)/run
	@echo "building the page"
	@web/build.sh $(BIN)
	@touch $@
