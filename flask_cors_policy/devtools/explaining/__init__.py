"""Why a page gets what it gets, and what to change: pure, as the core and the browser.

An exchange is played elsewhere (``app_explain`` in an application, ``commands`` over
a network). What is known of it comes here as a :class:`Case`. Read it in this
order: ``causes`` (what can be the matter), ``sighting`` and ``diagnosis`` (what is
known, what is found), ``detectives`` (who finds it), ``mending`` (which change of a
policy works), ``explanation`` (all of it, for people and for programs).
"""

from __future__ import annotations

from .causes import Cause
from .diagnosis import Case, Diagnosis, Fix
from .explanation import Explanation, explained, explanation_lines
from .lines import Line, Role, joined, table
from .mending import Mending, mend
from .remarks import Remark
from .sighting import Cookie, Ground, Sighting

__all__ = [
    "Case",
    "Cause",
    "Cookie",
    "Diagnosis",
    "Explanation",
    "Fix",
    "Ground",
    "Line",
    "Mending",
    "Remark",
    "Role",
    "Sighting",
    "explained",
    "explanation_lines",
    "joined",
    "mend",
    "table",
]
