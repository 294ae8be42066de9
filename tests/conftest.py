"""Settings of the whole suite."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import flask
import pytest
from hypothesis import settings

from tests.browsers.generate import CASES, SEED

# Test runs within tests: those of the pytest plugin.
pytest_plugins = ["pytester"]

# No deadline for one example: the machine may be busy with something else.
# The same cases each time: whether a change lands must not depend on chance.
settings.register_profile("suite", deadline=None, derandomize=True)
# For hours rather than seconds: make endurance.
settings.register_profile("endurance", deadline=None, max_examples=5000)
settings.load_profile("suite")

# What the extra "flask-libraries" brings needs a newer Flask than the lowest one that
# is supported here (Flask-Smorest: 3.0.2), so it is not installed with that, nor are
# the extras of the documentation, of the examples, and of the browsers. With any other
# Flask the tests through all these run, or fail where something is missing.
FLASK = version("flask")
TOO_OLD = FLASK.startswith("2.")

# So do peers that the benchmarks measure, and what they measure is the newest Flask.
# How a release is built does not depend on Flask, and Pyodide has a Flask of its own.
LEFT_OUT = [
    "browsers",
    "devtools/in_browsers",
    "devtools/inspector/in_browsers",
    "devtools/migrate",
    "docs",
    "examples",
    "flask/test_class_libraries.py",
    "flask/test_libraries.py",
    "flask/test_served_at_once.py",
    "pyodide",
    "test_benchmarks.py",
    "test_codes.py",
    "test_packaging.py",
    "test_round_trips.py",
    "test_server_streams.py",
    "test_servers.py",
]

collect_ignore = LEFT_OUT if TOO_OLD else []


def pytest_report_header() -> str | None:
    """Say so where a part of the tests is left out."""
    if not TOO_OLD:
        return None
    return (
        f"left out: {', '.join(LEFT_OUT)}, which need a newer Flask than {FLASK}, or "
        "what is not installed with that"
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the number of cases that browsers play, and the random ones, change."""
    group = parser.getgroup("real browsers")
    group.addoption(
        "--browser-cases",
        type=int,
        metavar="N",
        default=CASES,
        help="play N cases in each browser engine (%(default)s)",
    )
    group.addoption(
        "--browser-seed",
        type=int,
        default=SEED,
        metavar="SEED",
        help="seed of the random cases (%(default)s)",
    )
    group = parser.getgroup("random Flask applications")
    group.addoption(
        "--fuzz-applications",
        type=int,
        metavar="N",
        default=75,
        help="send requests to N random applications (%(default)s)",
    )
    group.addoption(
        "--fuzz-seed",
        type=int,
        default=1,
        metavar="SEED",
        help="seed of the first application (%(default)s)",
    )


@pytest.fixture(autouse=True)
def no_open_context() -> Iterator[None]:
    """Fail a test that leaves a request context open: the next ones would run in it."""
    yield
    assert not flask.has_request_context()
