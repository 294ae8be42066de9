# make demo    play the classic exchanges, then serve the page (ARGS=--once ends there)
# make test    run the tests
# make check   style and types
# make lowest  run the tests on the oldest Flask and Werkzeug that are supported
#
# Each makes the virtual environment it needs. PYTHON says from which interpreter.

PYTHON ?= python3
PYTEST_ARGS ?=
ARGS ?=
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check lowest clean

demo: .venv-demo/ready
	.venv-demo/bin/python -m examples.demo $(ARGS)

test: .venv/ready
	.venv/bin/python -m pytest --cov --cov-report=term $(PYTEST_ARGS)

check: .venv/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pyright --pythonpath .venv/bin/python

lowest: .venv-lowest/ready
	.venv-lowest/bin/python -m pytest $(PYTEST_ARGS)

clean:
	rm -rf .venv .venv-demo .venv-lowest build dist *.egg-info

.venv-demo/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python $(PIP_INSTALL) -e .
	touch $@

.venv/ready: pyproject.toml setup.cfg
	$(PYTHON) -m venv .venv
	.venv/bin/python $(PIP_INSTALL) -e '.[tests,flask-libraries,checks]'
	touch $@

.venv-lowest/ready: pyproject.toml setup.cfg requirements-lowest.txt
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python $(PIP_INSTALL) -e '.[tests]' -r requirements-lowest.txt
	touch $@
