"""The log: logger ``flask_cors_policy``, silent while everything works.

Whatever comes from a request is escaped and cut before it is logged, so that nobody
can forge a line or send control characters to a terminal. The same reason at the same
route is logged at most ``BURST`` times in ``WINDOW`` seconds; after ``FLOOD`` refusals
at one policy, none is logged there until the window is over. Failures of the
application's own functions have a limit of their own, so that refusals cannot hide
them.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Final

from .core.answer import Decision
from .core.errors import PolicyError, plain, shown
from .core.fetch_standard import ALLOW_HEADERS
from .core.origin import Origin
from .core.per_origin import applying
from .core.policy import Policy
from .core.reasons import Reason
from .core.request import CORSRequest, RequestKind
from .core.settings import DEFAULTS, raw_options
from .refusals import OnRefused, refusal_of

NAME: Final = "flask_cors_policy"
"""The name of the logger."""

BURST: Final = 10
WINDOW: Final = 60.0
FLOOD: Final = 100
MAX_ORIGIN_SHOWN: Final = 100
MAX_PATH_SHOWN: Final = 80

_FOREIGN: Final = (
    Reason.ORIGIN_NOT_ALLOWED,
    Reason.ORIGIN_NULL,
    Reason.ORIGIN_MISSING,
    Reason.CREDENTIALS_NOT_ALLOWED,
)

logger: Final = logging.getLogger(NAME)


class _Window:
    """What was logged at one place since *start* (of ``time.monotonic``)."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.total = 0
        self.counts: Counter[tuple[str, str]] = Counter()


class RefusalLog:
    """Logs refusals and removed headers for one application; safe with threads.

    :param on_refused: called with each refusal, also while the log is muted.
    :param report_only: whether the policy only reports what it would refuse.
    """

    def __init__(
        self, on_refused: OnRefused | None = None, report_only: bool = False
    ) -> None:
        self.on_refused = on_refused
        self._report_only = report_only
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, bool], _Window] = {}
        self._removed: set[tuple[str, str]] = set()

    def refused(
        self,
        decision: Decision,
        request: CORSRequest,
        place: str,
        *,
        policy: Policy | None = None,
        route: str = "",
        withheld: bool = False,
    ) -> float:
        """Log why *decision* denied *request*, with the traceback if there is one.

        :param place: which path rule or route the policy belongs to. It must be one
            of few and never come from the request.
        :param policy: the policy that denied, if there is one.
        :param route: the method and URL rule of the route, if it is known.
        :param withheld: whether the view has run and its answer is not sent.
        :return: until when (of ``time.monotonic``) no refusal is logged at *place*;
            0 if the next one may be.
        """
        # A function that fails is worth a line even if the request was allowed. That a
        # store fails is logged where it is asked, so what remains here is a refusal.
        is_logged = getattr(decision.error, "is_logged", False)
        if is_logged and not decision.reason.denied:
            return 0.0
        error = None if is_logged else decision.error
        failed = error is not None
        reason = Reason.ORIGIN_LOOKUP_FAILED if failed else decision.reason
        count, muted_until = self._count(reason.value, place, route, failed)
        if count > BURST:
            return muted_until
        fix = _fix(reason, decision, request, policy)
        logger.log(
            logging.ERROR if failed else logging.WARNING,
            "CORS: %s (%s, %s): %s.%s%s",
            _event(decision, request, route, withheld, self._report_only),
            reason.value,
            place,
            reason.sentence,
            f" {fix}." if fix else "",
            f" (not logged again for up to {WINDOW:.0f} s)" if count == BURST else "",
            exc_info=error,
            extra={
                "cors_reason": reason.value,
                "cors_kind": decision.kind.value,
                "cors_place": place,
                "cors_route": route,
                "cors_origin": shown(request.origin, MAX_ORIGIN_SHOWN),
                "cors_hint": fix,
                "cors_item": decision.item,
                "cors_report_only": self._report_only,
            },
        )
        return 0.0 if failed else muted_until

    def notify(
        self,
        decision: Decision,
        request: CORSRequest,
        place: str,
        route: str,
        withheld: bool,
    ) -> None:
        """Call ``on_refused``, which may raise anything."""
        if self.on_refused and decision.reason.denied:
            refusal = refusal_of(decision, request, place, route, withheld)
            refusal = refusal._replace(report_only=self._report_only)
            try:
                self.on_refused(refusal)
            except Exception as error:
                sentence = "on_refused raised; the refusal itself is not affected"
                self.failed("on-refused-failed", sentence, error)

    def removed(self, names: Sequence[str], place: str) -> None:
        """Warn, once for each *place* and header, that a response was changed."""
        for name in names:
            key = (name.lower(), place)
            with self._lock:
                if key in self._removed:
                    continue
                self._removed.add(key)
            logger.warning(
                "CORS: removed %s from a response (removed-header, %s): only the "
                "policy sets it. Remove it from the application.",
                shown(name),
                place,
                extra={
                    "cors_reason": "removed-header",
                    "cors_place": place,
                    "cors_header": shown(name),
                },
            )

    def failed(self, code: str, sentence: str, error: BaseException | None) -> None:
        """Log, once in a window, that something other than a policy failed.

        :param code: the stable code of the failure.
        :param sentence: what failed, and what the requests get.
        """
        count, _ = self._count(code, "", "", failed=True)
        if count == 1:
            logger.error(
                "CORS: %s (%s)",
                sentence,
                code,
                exc_info=error,
                extra={"cors_reason": code},
            )

    def _count(
        self, reason: str, place: str, route: str, failed: bool
    ) -> tuple[int, float]:
        """Return how often this happened in the present window, this time included.

        And until when nothing more is logged there.
        """
        now = monotonic()
        with self._lock:
            window = self._windows.get((place, failed))
            if window is None or now - window.start >= WINDOW:
                window = self._windows[place, failed] = _Window(now)
            window.total += 1
            window.counts[reason, route] += 1
            count = window.counts[reason, route]
            return count, window.start + WINDOW if window.total >= FLOOD else 0.0


def _event(
    decision: Decision, request: CORSRequest, route: str, withheld: bool, would: bool
) -> str:
    """Return what happened, in a few words.

    :param would: whether it would have happened under ``report_only``.
    """
    origin = shown(request.origin, MAX_ORIGIN_SHOWN)
    path = str(request.environ.get("PATH_INFO", ""))
    preflight = decision.kind is RequestKind.PREFLIGHT
    method = request.requested_method or "" if preflight else request.method
    asked = route
    if not route or method != method.upper():  # A route has its methods in upper case.
        asked = f"{plain(method, 20)} {plain(path, MAX_PATH_SHOWN)}".rstrip()
    sender = "a page without Origin" if request.origin is None else origin
    refused = "report_only would refuse" if would else "refused"
    if preflight and decision.status == 403:
        return f"{refused} the preflight of {origin} for {asked}"
    if preflight:
        subject = "under report_only the browser would" if would else "the browser will"
        return f"{subject} block {asked} for {origin}"
    if withheld:
        return f"withheld the answer to {asked} from {sender}"
    if decision.status == 403:
        return f"{refused} {asked} from {sender}"
    if decision.reason.denied:
        return f"{'under report_only ' * would}{origin} may not read {asked}"
    return f"{origin} asked for {asked}"


def _fix(
    reason: Reason, decision: Decision, request: CORSRequest, policy: Policy | None
) -> str:
    """Return what to change, if a policy with it can be built; else nothing."""
    if decision.status == 403 and request.fetch_site is None:
        own = _own_page(reason, request)
        if own:
            return own
    if decision.status == 403 and reason in _FOREIGN and _is_form(request):
        return (
            "If other sites post here on purpose (a login or a payment that ends "
            "here), set enforce=False for this path, in Flask by "
            "@cross_origin(enforce=False) on the view"
        )
    method = request.requested_method or ""
    if reason is Reason.METHOD_NOT_ALLOWED and method != method.upper():
        upper = plain(method.upper(), 20)
        return f"Have the page write {upper}: methods are case-sensitive"
    option, values = _missing(reason, decision, request)
    if not option:
        return reason.fix
    if policy is None or any(len(value) > MAX_ORIGIN_SHOWN for value in values):
        return ""
    options = {
        "origins": "https://app.example.com",
        "supports_credentials": policy.supports_credentials,
        "enforce": policy.enforce,
        "accept_risks": policy.accept_risks,
        option: values,
    }
    try:
        Policy.from_settings(raw_options(options))
    except PolicyError:
        return ""
    items = ", ".join(shown(value, MAX_ORIGIN_SHOWN) for value in values)
    if option == "origins":
        return f"If its pages are yours, add {items} to origins"
    at = f" for {plain(decision.item)} in origins" if decision.item else ""
    present = DEFAULTS[option]
    if present and applying(policy, decision.item, option) == present:
        # Nobody may have written it: what is written replaces the default.
        items = ", ".join(shown(value) for value in (*present, *values))
        return f"Write {option}=[{items}]{at}"
    return f"Add {items} to {option}{at}"


def _is_form(request: CORSRequest) -> bool:
    """Say whether a browser posts a form, as it does for a page of another site."""
    kind = str(request.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip()
    return (
        request.method == "POST"
        and request.fetch_site is not None
        and kind.lower() in ("application/x-www-form-urlencoded", "multipart/form-data")
    )


def _own_page(reason: Reason, request: CORSRequest) -> str:
    """Return what to change if the request came from the API's own page.

    Browsers send Sec-Fetch-Site, which would tell, to trustworthy URLs only.
    """
    if reason is Reason.ORIGIN_NULL and request.kind is not RequestKind.PREFLIGHT:
        return (
            "If this is a form of the API's own page, send Referrer-Policy: "
            f"strict-origin-when-cross-origin with the page. {reason.fix}"
        )
    origin = Origin.parse(request.origin or "")
    own = Origin.parse(f"{request.scheme}://{request.host}")
    if reason is not Reason.ORIGIN_NOT_ALLOWED or origin is None or own is None:
        return ""
    if origin.host != own.host:
        return ""
    if origin.scheme != own.scheme:
        return (
            "If this is the API's own page behind a proxy, have the proxy send "
            "X-Forwarded-Proto, and use ProxyFix(app.wsgi_app, x_proto=1)"
        )
    return (
        "If this is the API's own page behind a proxy, have the proxy pass on Host "
        "with the port (nginx: proxy_set_header Host $http_host)"
    )


def _missing(
    reason: Reason, decision: Decision, request: CORSRequest
) -> tuple[str, list[str]]:
    """Return the option that does not list what was asked for, and what that is."""
    if reason is Reason.ORIGIN_NOT_ALLOWED:
        return "origins", [request.origin or ""]
    if reason is Reason.METHOD_NOT_ALLOWED:
        return "methods", [request.requested_method or ""]
    if reason is Reason.HEADER_NOT_ALLOWED:
        listed = dict(decision.headers).get(ALLOW_HEADERS, "").lower().split(", ")
        asked = (request.requested_headers or "")[:1000].split(",")[:20]
        names = dict.fromkeys(name.strip().lower() for name in asked)
        return "allow_headers", [name for name in names if name not in ("", *listed)]
    return "", []
