"""The stores of origins that the policies of an application ask, and their state."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from wsgiref.util import setup_testing_defaults

from ..core.origin_items import bare_origins
from .lines import Line, Role

if TYPE_CHECKING:
    from .app_routes import RoutePolicy

ASKED: Final = "https://flask-cors-routes.invalid"
"""An origin that no store allows: asked so that there is something to tell."""


def store_health(found: Sequence[RoutePolicy]) -> list[Any]:
    """Ask each store once, and return its ``Health`` in this process.

    A store whose tenant is not the one of ``GET /`` may not be asked by that.
    """
    sources: dict[int, Any] = {}
    for each in found:
        for item in () if each.policy is None else bare_origins(each.policy.origins):
            if callable(getattr(item, "health", None)):
                sources[id(item)] = item
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    states = []
    for source in sources.values():
        with suppress(Exception):  # It is told by its state.
            source(ASKED, environ)
        states.append(source.health())
    return states


def health_lines(states: Sequence[Any]) -> Iterator[Line]:
    """Yield a line for each store."""
    for state in states:
        role = Role.PLAIN if state.failing_since is None else Role.FAILED
        yield Line(f"{state.store}: {_state(state)}", role)


def _state(state: Any) -> str:
    if state.failing_since is not None:
        seconds = time.time() - state.failing_since
        return f"fails since {seconds:.0f} s ({state.failure}); breaker {state.breaker}"
    if state.last_answer is None:
        return "not asked yet in this process"
    listener = "" if state.listener == "none" else f"; changes {state.listener}"
    return f"works{listener}"
