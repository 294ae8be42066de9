"""What the inspector's page asks about an application, answered as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...core.errors import PolicyError, plain
from ..browser import Page, PageRequest
from ..explaining import Explanation
from .diagram import svg
from .form import Form, FormError, read_form
from .sequence import Reason, sequence

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WIDTHS: Final = (304, 334, 480, 620, 760)
"""Pixels of the diagrams that are drawn. The page shows the widest that fits, also once
it is turned or resized: to ask anew would be to make the request anew."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """An application, as the inspector uses it.

    :param name: for people.
    :param app: what is served.
    :param routes: returns its routes and their policies, as data.
    :param explain: plays a page's request to it, with the cookies that the browser
        holds, and explains the result.
    :param allows: says whether any of its policies allows pages of an origin.
    """

    name: str
    app: WSGIApplication
    routes: Callable[[], list[dict[str, Any]]]
    explain: Callable[[Page, PageRequest, str], Explanation]
    allows: Callable[[str], bool]


def answer(inspected: Inspected, question: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to *question*: which routes, which origins of some are allowed,
    or what becomes of a form.

    What cannot be answered is an answer too: ``problem`` says why, and ``field`` which
    field of the form it is about, if it is about one.
    """
    try:
        if question["ask"] == "routes":
            return {"routes": inspected.routes()}
        if question["ask"] == "allowed":
            return {"allowed": [*filter(inspected.allows, question["origins"])]}
        form = read_form(question["form"], question["api"])
        return explained(inspected, form)
    except FormError as error:
        return {"problem": str(error), "field": error.field}
    except Exception as error:
        return {"problem": f"The application failed: {told(error)}", "field": ""}


def explained(inspected: Inspected, form: Form) -> dict[str, Any]:
    """Return what becomes of *form*: the explanation as data, and drawn."""
    explanation = inspected.explain(form.page, form.request, form.cookie)
    drawn = sequence(
        form.page, form.request, explanation.case.outcome, why=_why(explanation)
    )
    return {
        **explanation.as_data(),
        "fetch": form.as_fetch(),
        "messages": [str(entry) for entry in drawn.entries],
        "drawings": [{"width": width, "svg": svg(drawn, width)} for width in WIDTHS],
    }


def _why(explanation: Explanation) -> Reason | None:
    """Return the true cause and the first fix, for the check that failed."""
    diagnosis = explanation.diagnosis
    if diagnosis is None:
        return None
    lines = (diagnosis.found, *(f"Fix: {fix.text}" for fix in diagnosis.fixes[:1]))
    return Reason(diagnosis.cause.value, lines)


def told(error: BaseException) -> str:
    """Return *error* in one line; a policy's mistakes each in one more."""
    if isinstance(error, PolicyError):
        return str(error)
    return f"{type(error).__name__}: {plain(str(error), 500)}"
