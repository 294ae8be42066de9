"""One CORS policy for a Flask or WSGI application.

``Policy``, ``PolicyError``, ``PolicyWarning`` and ``CORSMiddleware`` work without
Flask, and importing them does not import it. ``CORS``, ``cross_origin``,
``cors_exempt`` and ``cors_refused`` are the Flask half, imported when they are first
asked for (PEP 562).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core.errors import PolicyError, PolicyWarning, Problem
from .core.policy import Policy
from .wsgi import CORSMiddleware

if TYPE_CHECKING:
    from .flask_ext import CORS, cors_exempt, cors_refused, cross_origin

__all__ = [
    "CORS",
    "CORSMiddleware",
    "Policy",
    "PolicyError",
    "PolicyWarning",
    "Problem",
    "cors_exempt",
    "cors_refused",
    "cross_origin",
]

_FLASK_HALF = frozenset({"CORS", "cors_exempt", "cors_refused", "cross_origin"})


def __getattr__(name: str) -> object:
    if name in _FLASK_HALF:
        from . import flask_ext

        return getattr(flask_ext, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
