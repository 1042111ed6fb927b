# `make site` and `make test` set themselves up: they need Python 3.11 or newer with its venv module, nothing else.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: site test test-long lint clean compiled
.DEFAULT_GOAL := site

site: compiled
	$(BIN)/python build.py
	@echo "Open $(CURDIR)/site/index.html in a browser."

test: .venv/.dev tests/node/.stamp
	$(BIN)/python -m pytest -q -n 2 -m "not long"

test-long: .venv/.dev tests/node/.stamp benchmarks/node/.stamp
	NEWSARCHIVE_FIGURES=1 $(BIN)/python -m pytest -q -n 2 --hypothesis-profile=long

lint: .venv/.dev
	$(BIN)/python -m pre_commit run --all-files

clean:
	rm -rf .venv site tests/node/node_modules tests/node/.stamp benchmarks/node/node_modules benchmarks/node/.stamp .newsarchive-cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

# A stamp is newer than what it was installed from, so an unchanged set-up costs nothing.
.venv/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("newsarchive needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

# An editable install compiles nothing, and some environments forbid Python to write what it compiled: each start
# would compile all of it anew. Where it is compiled, looking takes a tenth of a second.
compiled: .venv/.runtime
	@$(BIN)/python -m compileall -q src

.venv/.dev: .venv/.runtime
	$(PIP) --editable '.[dev]'
	@touch $@

# Without npm the tests that need these packages skip, and say so; an install that fails is tried again next time.
%/node/.stamp: %/node/package.json
	@if ! command -v npm >/dev/null; then echo "npm is missing: the tests of pages that need Node packages will skip"; \
	elif npm install --prefix $*/node --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error; then touch $@; \
	else echo "npm could not install: the tests of pages that need Node packages will skip"; fi
