# One front door: make run, make test, make check. Each line below can also be run by hand.
# PYTHON chooses the interpreter that makes .venv, PORT the port of `make run`, ARGS what pytest gets besides.

# A start that compiles every module anew takes seconds longer than one that finds them compiled.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help run test faults thorough bench check check-format check-lint check-types check-imports check-definitions \
	check-migrations format lock wheel clean

help:  ## Say what there is to run
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' Makefile | expand -t 16

run: .venv/.runs  ## Start the demo: reviews, a mailbox and one sign-in for each role (PORT=8000)
	@SCRT_PORT=$${PORT:-$${SCRT_PORT:-8000}} exec $(BIN)/scrt demo

test: .venv/.tests  ## Run the tests, on SQLite, on PostgreSQL and in a browser (more: make faults, make thorough)
	@$(BIN)/python -m tests.machine
	@$(BIN)/pytest --numprocesses $$(($$(nproc) + 1)) --dist loadgroup -m "not thorough and not apart" $(ARGS)

faults: .venv/.tests  ## Run only the tests that kill processes, stop databases, jump clocks and fill disks
	@$(BIN)/python -m tests.machine
	@$(BIN)/pytest -m "faults and not thorough" $(ARGS)

thorough: .venv/.tests  ## Run the longest: whole experiments with faults, a year that is played, long stories
	@$(BIN)/python -m tests.machine
	@$(BIN)/pytest -m thorough $(ARGS)

bench: .venv/.benchmarks  ## Measure, each figure beside what it is compared with
	@$(BIN)/python -m benchmarks $(ARGS)

check: check-format check-lint check-types check-imports check-definitions check-migrations  ## Check everything that needs no test

check-format: .venv/.tests
	$(BIN)/ruff format --check .

check-lint: .venv/.tests
	$(BIN)/ruff check .

check-types: .venv/.tests
	$(BIN)/mypy

check-imports: .venv/.tests
	$(BIN)/lint-imports
	$(BIN)/deptry .

check-definitions: .venv/.tests
	$(BIN)/scrt definitions check

check-migrations: .venv/.tests
	SCRT_INSTANCE=$$(mktemp -d); export SCRT_INSTANCE; $(BIN)/scrt database migrate && $(BIN)/scrt database check; \
	result=$$?; rm -rf "$$SCRT_INSTANCE"; exit $$result

format: .venv/.tests  ## Format the code and write the settings into the README
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/scrt settings --into README.md

lock: .venv/.tests  ## Choose the newest parts that pyproject.toml allows, and write down their hashes
	$(LOCK) --upgrade --group build --output-file requirements.txt pyproject.toml
	$(LOCK) --upgrade --constraints requirements.txt --group dev --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --upgrade --constraints requirements-dev.txt --group bench --output-file requirements-bench.txt pyproject.toml

wheel: .venv/.runs  ## Build the wheel, in dist/
	@rm -rf dist
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:  ## Forget the virtual environment and what was built; instance/ stays
	rm -rf .venv build dist

# A stamp is newer than what was installed from, so that a second start asks nobody.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv .venv

.venv/.runs: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the service needs, once …"
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tests: requirements-dev.txt .venv/.runs
	@echo "Installing what tests and checks need, once …"
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@

.venv/.benchmarks: requirements-bench.txt .venv/.tests
	@$(PIP) install --require-hashes --requirement requirements-bench.txt
	@touch $@
