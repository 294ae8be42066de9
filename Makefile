# make help    print this
#
# First steps. Each makes the virtual environment that it needs, once, and says so.
# make demo    play typical requests, then serve a page to click (ARGS=--once ends)
# make quick   run the tests that need nothing but Python (15 minutes)
# make test    run all tests whose programs are installed (25 minutes)
#
# make check   lint and types
# make lint    style (ruff), and weak points in the workflows (zizmor)
# make types   mypy and pyright
# make lowest  run the tests on the oldest Flask and Werkzeug that are supported
# make docs    build the documentation, into docs/_build/html
# make dist    build wheel, sdist and SBOM of the last commit, into dist and sbom
#
# make browsers, make stores, make servers
#              install what the other tests need, from Debian's packages (as root)
# make applications
#              install real applications that are migrated by the tests (three minutes)
# make pyodide install CPython 3.14 (make test and make docs do it, too)
#
# make multitenant
#              serve an API of two tenants, whose origins are in a store (ARGS=--help)
# make bench   measure what a policy costs, beside peers, into docs/performance
# make bench-servers, make bench-browser
#              the same under real servers, and the round trips of a real browser
# make endurance
#              thousands of random histories of a cache, against a model of it
# make fuzz    look for request bytes that break something, for SECONDS (120)
# make soak    serve for SECONDS (240), and see whether the memory grows
# make faults  kill, pause and garble real stores under load, for longer than make test
#
# PYTHON says which interpreter makes the environments: make test PYTHON=python3.12

PYTHON ?= python3
PYTEST_ARGS ?=
QUICK = not applications and not browsers and not pyodide and not stores and not servers
ARGS ?=
APT_INSTALL = apt-get install -qq --yes --no-install-recommends

.PHONY: help demo quick test check lint types lowest docs dist browsers stores \
	servers applications pyodide multitenant bench bench-servers bench-browser \
	endurance fuzz soak faults clean

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

demo: .venv-demo/ready
	.venv-demo/bin/python -m examples.demo $(ARGS)

multitenant: .venv-examples/ready
	.venv-examples/bin/python -m examples.multitenant $(ARGS)

test: .venv/ready
	@$(MAKE) --no-print-directory pyodide || \
		echo "Pyodide could not be installed: the tests in Python 3.14 are skipped."
	.venv/bin/python -m coverage run -m pytest $(PYTEST_ARGS)
	.venv/bin/python -m coverage report

quick: .venv/ready
	.venv/bin/python -m pytest -m "$(QUICK)" $(PYTEST_ARGS)

endurance: .venv/ready
	.venv/bin/python -m pytest --hypothesis-profile=endurance tests/sources/test_model.py $(PYTEST_ARGS)

fuzz: .venv-fuzz/ready
	.venv-fuzz/bin/python -m fuzz -max_total_time=$(or $(SECONDS),120) $(ARGS)

soak: .venv/ready
	.venv/bin/python -m tests.sources.soak $(or $(SECONDS),240)

faults: .venv/ready
	FAULT_SECONDS=4 LOOKUP_TIMEOUT=1 .venv/bin/python -m pytest -s tests/sources/test_faults.py $(PYTEST_ARGS)

check: lint types

lint: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/zizmor --offline --persona=pedantic --no-progress .

types: .venv/ready
	.venv/bin/mypy
	.venv/bin/pyright --pythonpath .venv/bin/python

lowest: .venv-lowest/ready
	.venv-lowest/bin/python -m pytest $(PYTEST_ARGS)

bench: .venv/ready
	.venv/bin/python -m benchmarks $(ARGS)

bench-servers: .venv/ready
	.venv/bin/python -m benchmarks.servers

bench-browser: .venv/ready
	.venv/bin/python -m benchmarks.browser

docs: .venv/ready .pyodide/ready
	.venv/bin/python -m sphinx --fail-on-warning --keep-going --quiet --fresh-env \
		--builder html docs docs/_build/html

dist: .venv-release/ready
	.venv-release/bin/python -m tools.dist
	.venv-release/bin/python -m twine check --strict dist/*
	rm -rf sbom && mkdir sbom
	.venv-release/bin/python -m tools.sbom dist/*.whl sbom/flask_cors_policy.cdx.json

browsers:
	$(APT_INSTALL) chromium chromium-driver firefox-esr webkit2gtk-driver xvfb \
		wpewebkit-driver cog

stores:
	$(APT_INSTALL) redis-server postgresql

servers:
	$(APT_INSTALL) nginx wrk

applications: .venv-applications/ready

pyodide: .pyodide/ready

clean:
	rm -rf .venv .venv-applications .venv-demo .venv-examples .venv-fuzz \
		.venv-lowest .venv-release .pyodide dist sbom docs/_build

.venv-demo/ready: pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py .venv-demo --target demo
	@touch $@

.venv-examples/ready: pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py .venv-examples examples --target multitenant
	@touch $@

.venv-applications/ready: pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py .venv-applications real-applications \
		--target applications
	@touch $@

.venv/ready: pyproject.toml tools/environment.py
	@echo "What tests and tools need is about 170 packages, 350 MB to download."
	@$(PYTHON) tools/environment.py .venv dev
	@touch $@

.venv-fuzz/ready: pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py .venv-fuzz fuzz --target fuzz
	@touch $@

.venv-lowest/ready: pyproject.toml tools/environment.py requirements-lowest.txt
	@$(PYTHON) tools/environment.py .venv-lowest tests --target lowest \
		--requirements requirements-lowest.txt
	@touch $@

.venv-release/ready: pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py .venv-release release --target dist
	@touch $@

.pyodide/ready: tools/pyodide.py tests/pyodide/package-lock.json \
		tests/pyodide/requirements.txt | .venv/ready
	@.venv/bin/python -m tools.pyodide
	@touch $@
