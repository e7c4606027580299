# Every command makes the virtual environment that it needs. A Python 3.11 with venv is all that has to be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
ARGS   ?=
TORTURE ?= 4

.PHONY: help demo test safety quick lint torture bench golden-update lock clean

help:            ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime   ## a database with synthetic people and new activity; ARGS="--for 60"
	@$(VENV)/bin/populace demo $(ARGS)

test: lint       ## format, lint, types, import rules, then the tests; ARGS="-k name"
	@$(VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

safety: $(VENV)/.dev     ## every case of tests/safety and of the time zones, of which `make test` runs a part
	@POPULACE_TEST_ALL=1 $(VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder \
		tests/safety tests/acceptance/test_campaigns_zones.py $(ARGS)

quick: lint      ## what a change breaks most: unit tests, small digests, ten cuttings; under a minute
	@POPULACE_TEST_EXAMPLES=10 $(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
		tests/unit tests/golden/test_tiny_digests.py tests/golden/test_cuts.py $(ARGS)

lint: $(VENV)/.dev       ## format check, lint, types, import rules
	@$(VENV)/bin/ruff format --check src tests bench
	@$(VENV)/bin/ruff check src tests bench
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

torture: $(VENV)/.dev    ## kills at four times as many steps as the tests do, crowds, zombies, bad peers, three mixed minutes; one table
	@TORTURE=$(TORTURE) $(VENV)/bin/python -m pytest -m "kills or torture" $(ARGS)

bench: $(VENV)/.runtime  ## seed against the COPY limit, generation, draws, start-up; ARGS="--people 100000"
	@$(VENV)/bin/python bench/run.py $(ARGS)

golden-update: $(VENV)/.dev  ## write the golden digests again; say in the commit why they changed
	@$(VENV)/bin/python tests/golden/update.py

lock:            ## resolve the dependencies again (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:           ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Populace needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "installing what Populace needs (once)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "installing what its tests need (once)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
