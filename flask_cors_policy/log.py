"""What goes to the log: logger ``flask_cors_policy``, quiet while all is well.

Whatever comes from a request is escaped and cut before it is logged (so that nobody
can forge a line or flood a terminal with control characters), and the same reason at
the same route is logged at most ``BURST`` times in ``WINDOW`` seconds. After ``FLOOD``
refusals at the place of one policy nothing more is logged there until the window is
over, whatever the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final

from .core.decision import Decision
from .core.errors import shown
from .core.reasons import Reason
from .core.request import CORSRequest

if TYPE_CHECKING:
    import logging

    logger: logging.Logger

NAME: Final = "flask_cors_policy"
"""The name of the logger."""

BURST: Final = 10
WINDOW: Final = 60.0
FLOOD: Final = 100


def __getattr__(name: str) -> object:
    # Whoever has logging or threads has imported these before; who has none need not
    # wait for it: 5 ms of an import's 15.
    if name == "logger":
        return _logger()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _logger() -> logging.Logger:
    import logging

    return logging.getLogger(NAME)


class _Window:
    """What was refused at one place since *start* (of ``time.monotonic``)."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.total = 0
        self.counts: Counter[tuple[str, str]] = Counter()


class RefusalLog:
    """Logs refusals and mended responses for one application; safe among threads.

    :ivar route_of: returns the route that a request is for, one of few; empty where
        there is none, or routes are not known.
    """

    def __init__(self) -> None:
        import threading

        self.route_of: Callable[[CORSRequest], str] = lambda _: ""
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = {}
        self._reported: set[tuple[str, str]] = set()

    def refused(self, decision: Decision, request: CORSRequest, place: str) -> float:
        """Log why *decision* refused *request*, with the traceback if there is one.

        :param place: which path rule or route the policy belongs to. One of few: it
            must not come from the request.
        :return: until when (of ``time.monotonic``) nothing more is logged at *place*,
            whatever it is; 0 where that is not so.
        """
        # A failing function is worth a line even where the request was the API's own.
        failed = decision.error is not None
        reason = Reason.ORIGIN_LOOKUP_FAILED if failed else decision.reason
        route = self.route_of(request)
        count, quiet_until = self._count(reason.value, place, route)
        if count > BURST:
            return quiet_until
        import logging

        _logger().log(
            logging.ERROR if failed else logging.WARNING,
            "CORS refused (%s): %s from origin %s%s, %s: %s; %s%s",
            reason.value,
            decision.kind.value,
            shown(request.origin),
            _asked_for(reason, request),
            f"{route}, {place}" if route else place,
            reason.meaning,
            reason.hint,
            f" (no more of these for up to {WINDOW:.0f} s)" if count == BURST else "",
            exc_info=decision.error,
            extra={
                "cors_reason": reason.value,
                "cors_kind": decision.kind.value,
                "cors_place": place,
                "cors_route": route,
                "cors_origin": shown(request.origin),
                "cors_hint": reason.hint,
            },
        )
        return quiet_until

    def removed(self, names: Sequence[str], place: str) -> None:
        """Warn, once for each *place* and header, that a response was mended."""
        for name in names:
            key = (name.lower(), place)
            with self._lock:
                if key in self._reported:
                    continue
                self._reported.add(key)
            _logger().warning(
                "The application set %s itself, %s: the header was taken out, because "
                "the CORS policy alone decides; remove it from the application",
                shown(name),
                place,
                extra={
                    "cors_reason": "stray-header",
                    "cors_place": place,
                    "cors_header": shown(name),
                },
            )

    def moved(self, seen: str, served: str) -> None:
        """Report once that a layer around the application changes paths.

        :param seen: the path that the policy saw.
        :param served: the path that the application got.
        """
        with self._lock:
            if ("", "") in self._reported:
                return
            self._reported.add(("", ""))
        _logger().error(
            "A layer around app.wsgi_app changes the path %s to %s behind the CORS "
            "policy, which finds neither the route of a preflight nor path rules in "
            "that way: call CORS(app) first, and put the layer around app.wsgi_app "
            "after it",
            shown(seen),
            shown(served),
            extra={"cors_reason": "path-changed"},
        )

    def _count(self, reason: str, place: str, route: str) -> tuple[int, float]:
        """Return how often this happened in the present window, this time included.

        And until when nothing more is logged there.
        """
        now = monotonic()
        with self._lock:
            window = self._windows.get(place)
            if window is None or now - window.start >= WINDOW:
                window = self._windows[place] = _Window(now)
            window.total += 1
            window.counts[reason, route] += 1
            count = window.counts[reason, route]
            return count, window.start + WINDOW if window.total >= FLOOD else 0.0


def _asked_for(reason: Reason, request: CORSRequest) -> str:
    """Name what a preflight asked for, where that is what will be refused."""
    if reason is Reason.METHOD_NOT_ALLOWED:
        return f" asks for {shown(request.requested_method)}"
    if reason is Reason.HEADERS_NOT_ALLOWED:
        return f" asks for {shown(request.requested_headers)}"
    return ""
