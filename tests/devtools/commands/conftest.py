"""Fixtures of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .helpers import Read, Server, listed, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(listed()) as server:
        yield server


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    """Return what reads what was printed, as result and as the rest."""

    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return read
