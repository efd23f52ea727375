PYTHON ?= python3
BIN := .venv/bin
PHOTOS ?=
CONSTRAINTS := constraints.txt

.PHONY: help demo test lint bench clean

help:  ## what can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: .venv/.core  ## train, report and tag on a sample library, or on yours: make demo PHOTOS=dir
	@$(BIN)/propernoun demo $(if $(PHOTOS),"$(PHOTOS)")

test: .venv/.dev lint  ## everything that must hold
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n auto

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev  ## the measures, peers in the same run
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml $(CONSTRAINTS)
	@echo "Installing the core (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml $(CONSTRAINTS)
	$(BIN)/pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[dev]'
	@touch .venv/.core $@
