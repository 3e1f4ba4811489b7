# The two commands one needs: `make demo` and `make test`. `make` alone lists all of them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types bench fuzz faults goldens tables oracles clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

demo: $(VENV)/.has-local ## run the example experiment to its report, on this machine
	$(BIN)/specimen run specs/credit-default.yaml

test: $(VENV)/.has-dev ## run every test, as many files at a time as there are processors
	$(BIN)/pytest --numprocesses auto --dist loadfile --max-worker-restart 0

lint: $(VENV)/.has-dev ## ruff, rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.has-dev ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.has-dev ## mypy, strict, tests included
	$(BIN)/mypy

bench: $(VENV)/.has-dev ## measure where the time goes
	$(BIN)/python -c 'import check_jsonschema' 2>/dev/null || $(BIN)/python -m pip install --quiet check-jsonschema
	$(BIN)/python -m tests.benchmarks $(NAMES)

fuzz: $(VENV)/.has-dev ## fuzz the loader, the checks and the planner for a minute
	$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet atheris
	$(BIN)/python tests/fuzz/fuzz.py

faults: $(VENV)/.has-dev ## do harm to runs at every point, for two hours at most, and check what must hold after it
	$(BIN)/python -m tests.faults $(or $(POINTS),--minutes 120)

goldens: $(VENV)/.has-dev ## rewrite the committed pipelines and plans of specs/
	SPECIMEN_REWRITE_GOLDENS=1 $(BIN)/pytest -q tests/acceptance/test_goldens.py

tables: ## take AWS's images and Debugger's rules from the SageMaker SDKs anew
	tests/oracles/build sagemaker2 sagemaker3
	.oracles/sagemaker3/bin/python tests/oracles/aws_tables.py runner/specimen/planning/data
	.oracles/sagemaker2/bin/python tests/oracles/debugger_rules.py runner/specimen/spec/data/rules.json

oracles: ## build the environments with AWS's own and other software that some tests compare with
	tests/oracles/build

clean: ## remove what these commands made, runs included
	-[ ! -x $(BIN)/specimen ] || $(BIN)/specimen local stop
	rm -rf $(VENV) .oracles .specimen build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# One environment; each set of extras is installed once, and again when the metadata change.
$(VENV)/.has-%: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing Specimen with its extra '$*' into $(VENV); the first time takes a few minutes."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Specimen needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | tail -n 1)" >&2; \
	  echo "Name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
