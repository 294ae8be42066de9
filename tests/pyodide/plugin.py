"""A pytest plugin: what fails because Pyodide has no threads or sockets is skipped.

Nothing else is. The summary names each such test and what it lacks.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Final

import pytest

# Type and text of the errors that Pyodide raises for what a browser's sandbox lacks.
LACKING: Final = (
    (RuntimeError, "can't start new thread", "threads"),
    (OSError, "emscripten does not support processes", "processes"),
    (ModuleNotFoundError, "No module named '_multiprocessing'", "processes"),
    (ModuleNotFoundError, "No module named 'ssl'", "ssl"),
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    """Skip a test whose fixtures need what is not there."""
    try:
        yield
    except Exception as error:
        _skip(error)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """Skip a test that needs what is not there."""
    try:
        yield
    except Exception as error:
        _skip(error)
        raise


def _skip(error: Exception) -> None:
    for each in _chain(error):
        for kind, text, name in LACKING:
            if isinstance(each, kind) and text in str(each):
                pytest.skip(f"Pyodide has no {name}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
