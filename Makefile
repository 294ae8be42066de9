# make demo    play the classic exchanges, then serve the page (ARGS=--once ends there)
# make test    run the tests
# make check   style and types
# make lowest  run the tests on the oldest Flask and Werkzeug that are supported
#
# make quick   run the tests that need nothing but Python
# make browsers, make stores, make servers
#              install what the other tests need, from Debian's packages (as root)
#
# Each makes the virtual environment it needs. PYTHON says from which interpreter.

PYTHON ?= python3
PYTEST_ARGS ?=
ARGS ?=
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check
APT_INSTALL = apt-get install --quiet --yes --no-install-recommends

.PHONY: demo test quick check lowest browsers stores servers clean

demo: .venv-demo/ready
	.venv-demo/bin/python -m examples.demo $(ARGS)

test: .venv/ready
	.venv/bin/python -m coverage run -m pytest $(PYTEST_ARGS)
	.venv/bin/python -m coverage report

quick: .venv/ready
	.venv/bin/python -m pytest -m "not browsers and not stores and not servers" $(PYTEST_ARGS)

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pyright --pythonpath .venv/bin/python

lowest: .venv-lowest/ready
	.venv-lowest/bin/python -m pytest $(PYTEST_ARGS)

browsers:
	$(APT_INSTALL) chromium chromium-driver firefox-esr webkit2gtk-driver xvfb \
		wpewebkit-driver cog

stores:
	$(APT_INSTALL) redis-server postgresql

servers:
	$(APT_INSTALL) nginx wrk

clean:
	rm -rf .venv .venv-demo .venv-lowest build dist *.egg-info

.venv-demo/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python $(PIP_INSTALL) -e .
	touch $@

.venv/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv
	.venv/bin/python $(PIP_INSTALL) -e '.[tests,flask-libraries,browsers,checks]'
	touch $@

.venv-lowest/ready: pyproject.toml setup.cfg requirements-lowest.txt
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python $(PIP_INSTALL) -e '.[tests]' -r requirements-lowest.txt
	touch $@
