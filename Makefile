# Everything a developer or an operator types. `make` alone lists it.
.DEFAULT_GOAL := help
PORT ?= 8000
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
PYTEST := $(BIN)/pytest --dist loadfile --no-loadscope-reorder
# Linters beside the tests: what they find is told at once, and the tests go on to their end.
BESIDE = @$(MAKE) --no-print-directory --jobs=2 lint
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Where it is set, as in many a container, every process that a test starts compiles us anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: install
install: .venv/.installed ## Make .venv with the petition command in it, from the lock file

.venv/.installed: requirements.lock pyproject.toml
	@python3 -c 'import ensurepip, venv' 2>/dev/null || tests/provide python3-venv
	python3 -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What tests and linters need besides; a site runs without it.
.venv/.tools: .venv/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

.PHONY: run
run: install ## Serve the demonstration at http://localhost:8000 (PORT=8001 for another port)
	@$(BIN)/petition demo --port $(PORT)

.PHONY: check
check: .venv/.tools ## The fast part of the tests, on SQLite alone, and the linters
	$(BESIDE) fast

.PHONY: test
test: .venv/.tools ## All tests, on SQLite and PostgreSQL, with a real mail server and a real browser
	@tests/provide chromium-headless-shell nginx || tests/provide chromium nginx || test -z "$$CI"
	$(BESIDE) whole

.PHONY: lint fast whole
lint: .venv/.tools ## The linters alone
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: .venv/.tools
	$(PYTEST) -n 2 -m "not browser and not slow" -k "not postgresql"

# More processes than CI has cores: a test often waits for a browser, a server or a clock.
whole: .venv/.tools
	$(PYTEST) -n 3

.PHONY: bench
bench: .venv/.tools ## Print the table of speeds, each beside its floor
	@tests/provide wrk nginx
	$(BIN)/python -m tests.bench

.PHONY: catalogues
catalogues: .venv/.tools ## Bring the translations up to the words in the code
	@$(BIN)/python -m tests.catalogues

.PHONY: language
language: .venv/.tools ## Begin the translation into another language (LANG=es)
	@test "$(origin LANG)" = "command line" || { echo "Say which: make language LANG=es"; exit 2; }
	@$(BIN)/python -m tests.catalogues $(LANG)

.PHONY: lock
lock: .venv/.tools ## Write the lock files anew from pyproject.toml
	$(COMPILE) --group build --output-file requirements.lock pyproject.toml
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

.PHONY: format
format: .venv/.tools ## Lay out the code as the checks want it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
