# Every command makes the virtual environment that it needs. A Python 3.11 with venv is all that has to be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
ARGS   ?=
TORTURE ?= 4
PIP    ?= --disable-pip-version-check
MEGABYTES = 415

.PHONY: help demo report test safety zones quick lint torture bench corpus soak bots pages golden-update limits lock clean

help:            ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime   ## a database with synthetic people and new activity; ARGS="--for 60"
	@$(VENV)/bin/populace demo $(ARGS)

report: $(VENV)/.report  ## install what `populace validate --html` needs: charts and templates

test: lint       ## format, lint, types, import rules, then the tests; ARGS="-k name"
	@$(VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

safety: $(VENV)/.dev     ## every case of the long lists, of which `make test` runs a part
	@POPULACE_TEST_ALL=1 $(VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder \
		tests/browser tests/safety tests/api tests/golden tests/acceptance tests/integration tests/statistical/test_estimates.py $(ARGS)

zones: $(VENV)/.dev      ## the large scenarios of campaigns in six time zones at two dates, one after another; ARGS="-k Berlin"
	@POPULACE_TEST_ZONES=1 $(VENV)/bin/python -m pytest tests/acceptance/test_campaigns_zones.py::test_so_is_a_large_one $(ARGS)

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

bench: $(VENV)/.runtime  ## start-up, seeding against the COPY limit, generation, ticks, scaling: one table, and docs/performance.md
	@$(VENV)/bin/python bench/table.py $(ARGS)

corpus: $(VENV)/.runtime  ## schemas of real apps (Debian's packages) and ours: adopted, seeded, lived in, cleaned up; ARGS="--rows 100 icingadb"
	@$(VENV)/bin/python bench/corpus.py $(ARGS)

soak: $(VENV)/.runtime   ## a server left open for an hour at 60x with ten streams: its memory by the minute; ARGS="--world hogflix --minutes 15"
	@$(VENV)/bin/python bench/soak.py $(ARGS)

bots: $(VENV)/.dev       ## 500 visits in a real browser, ten runs killed before: shares by chi-square, rows, memory; ARGS="--visits 100"
	@$(VENV)/bin/python bench/bots.py $(ARGS)

pages: $(VENV)/.dev      ## how long the site takes for each page at the default size, and processor time
	@$(VENV)/bin/python bench/pages.py

golden-update: $(VENV)/.dev  ## write the golden digests again; say in the commit why they changed
	@$(VENV)/bin/python tests/golden/update.py

limits: $(VENV)/.dev     ## write the table of features in docs/reference/limits.md again, as they come out
	@$(VENV)/bin/python tests/adopted/update.py

lock:            ## resolve the dependencies again (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --extra dev --extra report --extra mcp --extra bots --extra dask pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-header -c requirements-dev.lock pyproject.toml -o requirements.lock
	echo plotly | uv pip compile -q --universal --generate-hashes --no-header -c requirements-dev.lock - -o requirements-report.lock

clean:           ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +

# A folder that was left half made, by a Python without ensurepip or by Ctrl-C, is made again.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Populace needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv), or set PYTHON=/path/to/python3.11"; exit 2; }
	@$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "installing what Populace needs, once: about $(MEGABYTES) MB"
	@$(VENV)/bin/python -m pip install $(PIP) --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m pip install $(PIP) --quiet --no-deps -e .
	@$(VENV)/bin/python -m compileall -q -j 0 src
	@touch $@

$(VENV)/.report: $(VENV)/.runtime requirements-report.lock
	@$(VENV)/bin/python -m pip install $(PIP) --require-hashes -r requirements-report.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.report requirements-dev.lock
	@echo "installing what its tests need, once"
	@$(VENV)/bin/python -m pip install $(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
