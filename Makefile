# `make site` and `make test` set themselves up: they need Python 3.11 or newer with its venv module, nothing else.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: site test test-long lint clean
.DEFAULT_GOAL := site

site: .venv/.runtime
	$(BIN)/python build.py
	@echo "Open $(CURDIR)/site/index.html in a browser."

test: .venv/.dev
	$(BIN)/python -m pytest -q -n 2 -m "not long"

test-long: .venv/.dev
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile=long

lint: .venv/.dev
	$(BIN)/python -m pre_commit run --all-files

clean:
	rm -rf .venv site .newsarchive-cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

# A stamp is newer than what it was installed from, so an unchanged set-up costs nothing.
.venv/.runtime: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("newsarchive needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

.venv/.dev: .venv/.runtime
	$(PIP) --editable '.[dev]'
	@touch $@
