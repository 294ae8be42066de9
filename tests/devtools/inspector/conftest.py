"""What all tests of this folder do without."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

Hook = Callable[[str, tuple[Any, ...]], object]


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Hook]:
    """Audit hooks, kept instead of added: none could be taken away afterwards.

    They would be called for every thread that coverage traces, to the end of the run.
    """
    kept: list[Hook] = []
    monkeypatch.setattr(sys, "addaudithook", kept.append)
    return kept
