# Everything runs from the checkout: `make demo` shows the product, `make check test` is what a change must pass.
.DEFAULT_GOAL := help
.PHONY: help demo test test-slow check fix reference tools train docs bench clean distclean environment

BIN := .venv/bin
ARGS ?=
WORKERS ?= 2

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## back up a sample shop, lose it, get it back; below .demo/ only
	@tools/setup run
	@tools/setup restic
	@sh examples/demo.sh

test: environment ## the tests, on the system's restic and the newest (ARGS="-k retention" chooses); ten minutes
	@tools/setup restic postgresql
	@tools/newest-restic
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" $(ARGS)

test-slow: environment ## the slow tests: kills, a year of nights, whole disasters, a larger model; half an hour
	@tools/setup llm
	@tools/setup restic postgresql
	@tools/newest-restic
	$(BIN)/python -m pytest -n $(WORKERS) -m slow $(ARGS)

check: environment ## ruff, formatting, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: environment ## repair what ruff can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: environment ## write the pages that are made from the code: commands, configuration and its schema
	$(BIN)/python -m orchestrator.cli.reference
	$(BIN)/python -m adapters.configuration.reference

train: environment ## train the reader that comes with restora, below .train/ (ARGS=--resume goes on); an hour on two cores
	@tools/setup llm
	RESTORA_HOME=$(CURDIR)/.train/home $(BIN)/restora train --out .train/model --epochs 9 $(ARGS)
	@echo "made: .train/model (restora eval --model .train/model; to ship it, copy it over planner/language/model)"

tools: ## fetch the newest restic for the tests
	@tools/newest-restic --renew

docs: ## the manual, as web pages below site/
	@tools/setup docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "the manual is in site/index.html"

bench: environment ## measure against plain restic (ARGS="--small" for a quick look)
	@tools/setup restic
	@tools/newest-restic
	$(BIN)/python -m benchmarks $(ARGS)

clean: ## remove what was built, tried or cached; keeps .venv and .tools
	rm -rf .demo .bench .train site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . \( -name .venv -o -name .tools -o -name .git \) -prune -o -name __pycache__ -type d -print | xargs rm -rf

distclean: clean ## remove .venv and .tools as well
	rm -rf .venv .tools

environment:
	@tools/setup test
