"""The places where a policy may stand, for every test that asks for ``place``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from weakref import WeakSet

import pytest

from flask_cors_policy import cross_origin
from flask_cors_policy.flask_ext.marks import register

from .places import OTHERS, PLACES


@pytest.fixture
def no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the marks of other tests.

    What else is marked in the process changes how requests are served.
    """
    monkeypatch.setattr(register, "marks", WeakSet())
    monkeypatch.setattr(register, "generation", 0)
    monkeypatch.setattr(register, "may_enforce", False)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, no_marks: None) -> Iterator[str]:
    """The place of the strict policy of a ``StrictSite``."""
    name: str = request.param
    other: Callable[[], str] | None = None
    if name.endswith(OTHERS):
        other = cross_origin(origins="https://other.example", enforce=True)(lambda: "")
    yield name
    del other
