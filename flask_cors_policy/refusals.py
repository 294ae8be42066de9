"""Refusals as data, for counters: never throttled, unlike the log.

.. code-block:: python

    def count(refusal: Refusal) -> None:
        REFUSALS.labels(refusal.reason, refusal.place).inc()

    app = CORSMiddleware(app, origins="https://app.example.com", on_refused=count)

In Flask, connect to the signal ``cors_refused`` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from .core.errors import plain

if TYPE_CHECKING:
    from .core.answer import Decision
    from .core.request import CORSRequest

MAX_ORIGIN: Final = 200
"""Characters of the longest origin in a refusal."""


class Refusal(NamedTuple):
    """One request that a policy denied.

    :param reason: the code of the reason, as in the log: ``"origin-not-allowed"``.
    :param kind: ``"preflight"``, ``"actual"``, or ``"not CORS"`` if the request has no
        Origin header.
    :param place: the path rule or the route that the policy belongs to. It is one of
        few, so that it can be the label of a counter; so are *reason*, *kind*,
        *route*, *status* and *by*.
    :param route: the method and URL rule, ``"GET /items/<int:item>"``; empty if it is
        not known.
    :param origin: the Origin header, escaped and cut after 200 characters; ``None`` if
        there is none.
    :param status: the status of the answer, if the policy gave it.
    :param by: ``"server"`` if the request was refused; ``"browser"`` if it was served,
        and the browser keeps the answer, or the request, from the page.
    :param withheld: whether the view had run and its answer was not sent.
    :param report_only: whether only the policy under ``report_only`` denies the
        request: nothing was refused, and *status* and *by* say what would be.
    """

    reason: str
    kind: str
    place: str
    route: str
    origin: str | None
    status: int | None
    by: Literal["server", "browser"]
    withheld: bool = False
    report_only: bool = False


OnRefused = Callable[[Refusal], object]


def refusal_of(
    decision: Decision, request: CORSRequest, place: str, route: str, withheld: bool
) -> Refusal:
    """Return what *decision* denied."""
    return Refusal(
        decision.reason.value,
        decision.kind.value,
        place,
        route,
        None if request.origin is None else plain(request.origin, MAX_ORIGIN),
        decision.status,
        "server" if decision.status == 403 else "browser",
        withheld,
    )
