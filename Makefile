# The commands of the project. Everything runs in .venv, made from requirements.lock.
#
# torch comes from the registry as a CUDA build on Linux. With access to a CPU index, save 3 GB:
#   make up TORCH_INDEX=<address of the index>

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.10 >/dev/null 2>&1 && python3.10 -c '' 2>/dev/null && echo python3.10 || ls -d $(HOME)/.pyenv/versions/3.10.*/bin/python 2>/dev/null | tail -1)

.DEFAULT_GOAL := help
.PHONY: help up test coverage check widget setup prepare lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

up: setup  ## set up, train what is missing, start the assistant
	@$(BIN)/lichno up

test: prepare  ## run the tests (builds the models first if they are missing)
	@$(BIN)/python -m pytest -n 2 --dist loadfile

coverage: prepare  ## the tests once more, slower: which lines they run, at least 90 %
	@$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered

check: setup  ## ruff, strict mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

widget:  ## check, test and build the chat widget and the agent desk's page (needs Node 20 or newer)
	@cd bot/web && npm ci --no-audit --no-fund && npm run -s check && npm -s test && npm run -s build

prepare: setup  ## make models, index and customers without starting anything
	@$(BIN)/lichno up --prepare-only

setup: $(VENV)/.installed  ## make .venv with exactly what requirements.lock names

$(VENV)/.python:
	@echo "Making $(VENV)"
	@if [ -n "$(PYTHON)" ]; then "$(PYTHON)" -m venv $(VENV); \
	else echo "No Python 3.10 found: fetching one with uv"; \
	  python3 -m venv $(VENV)-uv && $(VENV)-uv/bin/pip install -q uv \
	  && $(VENV)-uv/bin/uv venv -q --seed --python 3.10 $(VENV); fi
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing the packages of requirements.lock (about 4 GB with torch's CUDA build)"
ifdef TORCH_INDEX
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --index-url "$(TORCH_INDEX)" torch==2.12.1
	@sed -E '/^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z]+)==/,/^[a-z]/{//!d}' requirements.lock | sed -E '/^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z]+)==/d' > $(VENV)/without-torch.lock
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --require-hashes -r $(VENV)/without-torch.lock
else
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
endif
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@echo 'import bot.quiet' > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/lichno_quiet.pth"
	@touch $@

lock:  ## compile requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.10 --generate-hashes --all-extras pyproject.toml -o requirements.lock

clean:  ## remove what was built (models, index, customers), keep the environment
	@rm -rf models var .rasa
