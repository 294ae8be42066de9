"""Policies that cannot be built, explained as an exchange is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.errors import PolicyError
from .causes import Cause
from .lines import Line, Role

_FOUND = "The application answers every request with an error until this is mended."


def mistake_lines(error: PolicyError) -> Iterator[Line]:
    """Yield what is wrong with the policies of an application."""
    yield Line(f"Blocked ({Cause.POLICY_ERROR.value}).", Role.FAILED)
    yield Line(f"  Why:  {_FOUND}")
    for problem in error.problems:
        where = problem.setting
        yield Line(f"  In {where}: {problem.message} [{problem.reason}]")
        yield Line(f"  Fix:  {problem.hint}", Role.FIX)


def mistake_data(error: PolicyError) -> dict[str, Any]:
    """Return the same as what JSON can hold."""
    return {
        "allowed": False,
        "diagnosis": {
            "cause": Cause.POLICY_ERROR.value,
            "meaning": Cause.POLICY_ERROR.meaning,
            "found": _FOUND,
            "problems": [
                {
                    "setting": problem.setting,
                    "reason": problem.reason,
                    "message": problem.message,
                    "fix": problem.hint,
                }
                for problem in error.problems
            ],
        },
    }
