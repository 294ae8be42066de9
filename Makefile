# make demo    play the classic exchanges, then serve the page (ARGS=--once ends there)
# make multitenant
#              serve an API of two tenants, whose origins are in a store (ARGS=--help)
# make test    run the tests
# make check   style and types
# make lowest  run the tests on the oldest Flask and Werkzeug that are supported
#
# make docs    build the documentation, into docs/_build/html
# make bench   measure what a policy costs, beside peers, into docs/performance
# make bench-servers, make bench-browser
#              the same under real servers, and the round trips of a real browser
#
# make quick   run the tests that need nothing but Python
# make endurance
#              thousands of random histories of a cache, against a model of it
# make fuzz    look for request bytes that break something, for SECONDS (120)
# make soak    serve for SECONDS (240), and see whether the memory grows
# make faults  kill, pause and garble real stores under load, for longer than make test
# make browsers, make stores, make servers
#              install what the other tests need, from Debian's packages (as root)
#
# Each makes the virtual environment it needs. PYTHON says from which interpreter.

PYTHON ?= python3
PYTEST_ARGS ?=
ARGS ?=
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check
APT_INSTALL = apt-get install --quiet --yes --no-install-recommends

.PHONY: demo multitenant test quick endurance fuzz soak faults check lowest docs \
	bench bench-servers bench-browser browsers stores servers clean

demo: .venv-demo/ready
	.venv-demo/bin/python -m examples.demo $(ARGS)

multitenant: .venv-examples/ready
	.venv-examples/bin/python -m examples.multitenant $(ARGS)

test: .venv/ready
	.venv/bin/python -m coverage run -m pytest $(PYTEST_ARGS)
	.venv/bin/python -m coverage report

quick: .venv/ready
	.venv/bin/python -m pytest -m "not browsers and not stores and not servers" $(PYTEST_ARGS)

endurance: .venv/ready
	.venv/bin/python -m pytest --hypothesis-profile=endurance tests/sources/test_model.py $(PYTEST_ARGS)

fuzz: .venv-fuzz/ready
	.venv-fuzz/bin/python -m fuzz -max_total_time=$(or $(SECONDS),120) $(ARGS)

soak: .venv/ready
	.venv/bin/python -m tests.sources.soak $(or $(SECONDS),240)

faults: .venv/ready
	FAULT_SECONDS=3 LOOKUP_TIMEOUT=1 .venv/bin/python -m pytest -s tests/sources/test_faults.py $(PYTEST_ARGS)

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pyright --pythonpath .venv/bin/python

lowest: .venv-lowest/ready
	.venv-lowest/bin/python -m pytest $(PYTEST_ARGS)

docs: .venv/ready
	.venv/bin/python -m sphinx --fail-on-warning --keep-going --quiet --fresh-env \
		--builder html docs docs/_build/html

bench: .venv/ready
	.venv/bin/python -m benchmarks $(ARGS)

bench-servers: .venv/ready
	.venv/bin/python -m benchmarks.servers

bench-browser: .venv/ready
	.venv/bin/python -m benchmarks.browser

browsers:
	$(APT_INSTALL) chromium chromium-driver firefox-esr webkit2gtk-driver xvfb \
		wpewebkit-driver cog

stores:
	$(APT_INSTALL) redis-server postgresql

servers:
	$(APT_INSTALL) nginx wrk

clean:
	rm -rf .venv .venv-demo .venv-examples .venv-fuzz .venv-lowest build dist docs/_build *.egg-info

.venv-demo/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python $(PIP_INSTALL) -e .
	touch $@

.venv-examples/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv-examples
	.venv-examples/bin/python $(PIP_INSTALL) -e '.[examples]'
	touch $@

.venv/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv
	.venv/bin/python $(PIP_INSTALL) -e '.[tests,flask-libraries,browsers,examples,docs,bench,checks]'
	touch $@

.venv-fuzz/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv-fuzz
	.venv-fuzz/bin/python $(PIP_INSTALL) -e '.[fuzz]'
	touch $@

.venv-lowest/ready: pyproject.toml setup.cfg requirements-lowest.txt
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python $(PIP_INSTALL) -e '.[tests]' -r requirements-lowest.txt
	touch $@
