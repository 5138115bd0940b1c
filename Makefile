# What a person types here. Needs Python >= 3.11, make and a package network.
#
#   make demo    a proxy with a built-in upstream, and commands to try it with
#   make test    the test suite
#   make check   format, lint, types, imports: under a minute
#   make fuzz    [TARGET=sse] [SECONDS=60]: all targets, or one
#   make bench   the benchmarks against their budgets
#   make bless   rewrite golden files and generated pages; review the diff
#   make lock    resolve the dependencies again into requirements/*.txt

SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
FUZZ_STAMP := $(VENV)/.fuzz-tried
SECONDS ?= 60
TARGET ?=

.PHONY: demo test check fuzz bench bless lock

demo: $(STAMP)
	@$(BIN)/cliproxy serve --demo

test: $(STAMP)
	@$(BIN)/python -m pytest -q

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(STAMP) $(FUZZ_STAMP)
	@$(BIN)/python fuzz/run.py $(TARGET) --seconds $(SECONDS)

bench: $(STAMP)
	@$(BIN)/python tests/bench/run.py

bless: $(STAMP)
	@$(BIN)/python -m pytest -q --bless tests/golden tests/matrix tests/docs

# Everything comes from the lock, the build tools too, so that an installation is the
# same tomorrow.
$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation -e .
	@touch $@

# atheris has no wheel for every Python; without it the built-in engine runs.
$(FUZZ_STAMP): $(STAMP) requirements/fuzz.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --only-binary :all: --require-hashes -r requirements/fuzz.txt \
	  || echo "atheris cannot be installed here; the built-in engine is used"
	@touch $@

# No index address goes into the lock: it is the installing machine's choice.
COMPILE = $(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
  --custom-compile-command 'make lock'

lock: $(STAMP)
	@test -x $(VENV)/lock/bin/uv || { $(PYTHON) -m venv $(VENV)/lock \
	  && $(VENV)/lock/bin/python -m pip install --quiet uv; }
	$(COMPILE) --extra server --extra anyio --extra asgi --extra compression \
	  --group test --group lint --group build --output-file requirements/dev.txt
	$(COMPILE) --group fuzz --output-file requirements/fuzz.txt
	@! grep -nE '(https?|file)://|--(extra-)?index-url|--find-links' requirements/*.txt
