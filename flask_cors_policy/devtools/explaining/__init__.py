"""Why a page is blocked, and what to change: pure, like the core and the browser.

An exchange is played elsewhere (``app_explain`` in an application, ``commands`` over
a network). What is known of it comes here as a :class:`Case`. Read it in this order:
``case`` (what is known), ``blocked``, ``in_front`` and ``refused`` (why a page is
blocked), ``readable`` and ``statuses`` (what is wrong with a response that it can
read), ``changes`` and ``fixes`` (which change helps), ``library`` (options of another
library), ``notes``, ``explanation`` (all of it, for people and programs).
"""

from __future__ import annotations

from .case import (
    BODY,
    QUERY,
    Case,
    Diagnosis,
    Fix,
    LibraryOptions,
    Note,
    PolicyStatus,
    ServerInfo,
    SessionCookie,
)
from .changes import PolicyChange, Trial
from .explanation import Explanation, explained, explanation_lines, short_lines
from .unanswered import Unanswered

__all__ = [
    "BODY",
    "QUERY",
    "Case",
    "Diagnosis",
    "Explanation",
    "Fix",
    "LibraryOptions",
    "Note",
    "PolicyChange",
    "PolicyStatus",
    "ServerInfo",
    "SessionCookie",
    "Trial",
    "Unanswered",
    "explained",
    "explanation_lines",
    "short_lines",
]
