"""What is in front of a known policy: it answers instead, or changes what passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
)
from ..browser.requests import HeaderPairs
from ..codes import Cause, Code
from .case import BODY, QUERY, Case, Diagnosis, Fix
from .fixes import HOST_PASSED_ON
from .foreign import varies_with_origin
from .statuses import A_PAGE, is_page, meaning

_AUTHENTICATION: Final = {401, 407}
_UNHANDLED: Final = {404, 405, 501}
_WRAPPED: Final = (
    "Have the policy outermost: call CORS(app) after app.wsgi_app is wrapped, or have "
    "the wrapper"
)
_OUTERMOST: Final = Fix(f"{_WRAPPED} leave the response as it is.")
_PREFLIGHTS: Final = Fix(
    f"{_WRAPPED} pass OPTIONS requests with Access-Control-Request-Method."
)
_OF_ITS_OWN: Final = Fix(
    "If another application is mounted there, give it a policy of its own: CORS(...) "
    "if it is of Flask, else CORSMiddleware around it."
)
_HEADER_OF: Final = {
    "supports_credentials": ALLOW_CREDENTIALS,
    "methods": ALLOW_METHODS,
    "allow_headers": ALLOW_HEADERS,
}
"""Option -> the header that shows it, beside that of the origin."""


def lost_in_front(case: Case) -> Diagnosis | None:
    """The policy could not see who asks, or what for."""
    needed = (ORIGIN, REQUEST_METHOD, REQUEST_HEADERS)
    lost = [name for name in case.server.lost if name in needed]
    if case.server.decision is None or not lost:
        return None
    return Diagnosis(Cause.CHANGED_IN_FRONT, _removed(lost), (pass_on(lost),))


def _removed(names: Iterable[str]) -> str:
    return (
        f"Something in front of the application does not pass on {' and '.join(names)} "
        "as the page has sent it."
    )


def removed_in_front(case: Case) -> Diagnosis | None:
    """What the API misses in the request was sent, and did not reach it."""
    missed = ("Authorization", "Cookie") if case.status == 401 else (QUERY, BODY)
    lost = [name for name in case.server.lost if name in missed]
    said = meaning(case.status)
    if not lost or said is None:
        return None
    found = f"{_removed(lost)} The response ({case.received.status_text}) then says "
    found += f"that {said.text}. This is not a CORS problem."
    return Diagnosis(Cause.CHANGED_IN_FRONT, found, (pass_on(lost),))


def changed_request(case: Case) -> Diagnosis | None:
    """What the application sees has no route, and what was sent has one."""
    exchange, server = case.exchange, case.server
    if exchange is None or not server.as_sent:
        return None
    sent, seen = exchange.sent, server
    was = [plain(sent.method), plain(sent.url.path, 200), plain(sent.url.authority)]
    became = [plain(seen.method), plain(seen.path, 200), plain(seen.host)]
    changes = " and ".join(
        f"{old} to {new}" for new, old in zip(became, was, strict=True) if new
    )
    found = f"Something in front of the application changes {changes}, and no route "
    found += "serves that. The page can read the response "
    found += f"({case.received.status_text}): this is not a CORS problem."
    text = HOST_PASSED_ON if seen.host else "Have it pass on the request as it is."
    return Diagnosis(Cause.CHANGED_IN_FRONT, found, (Fix(text),))


def pass_on(names: Iterable[str]) -> Fix:
    """Return the advice to pass on headers of a request."""
    text = f"Have it pass on {' and '.join(names)}"
    if "Authorization" in names:
        text += " (Apache with mod_wsgi: WSGIPassAuthorization On)"
    return Fix(f"{text}.")


def answered_in_front(case: Case) -> Diagnosis | None:
    """The response is not the one that the policy gives."""
    decision = case.server.decision
    exchange = case.exchange
    if decision is None or exchange is None:
        return None
    received = case.received
    same_status = decision.status is None or decision.status == received.status
    changed = _changed(case, decision.headers)
    if same_status and not changed:
        return None
    place, status = case.server.place, received.status_text
    found = (
        f"The response ({status}) is not the answer of the policy ({place}): something "
        "in front of the policy has answered, or has changed its answer."
    )
    cause: Code = Cause.CHANGED_IN_FRONT
    if not case.server.route and case.status < 400:
        found += " No route of the application serves the request: it may be another "
        found += "application, which is mounted there."
        if varies_with_origin(received):
            found += f" Its policy does not seem to list {case.page.origin}."
            fix = Fix(f"List {case.page.origin} in the policy of that application.")
            return Diagnosis(cause, found, (fix, _OUTERMOST))
        return Diagnosis(cause, found, (_OF_ITS_OWN, _OUTERMOST))
    if exchange.sent.preflight:
        cause = of_preflight_status(received.status) or cause
        if cause is Cause.PREFLIGHT_AUTHENTICATED:
            found = (
                f"The preflight was answered {status} before it reached the policy "
                f"({place}). {Cause.PREFLIGHT_AUTHENTICATED.sentence.capitalize()}."
            )
        return Diagnosis(cause, found, (_PREFLIGHTS,))
    own = [value for key, value in decision.headers if key == changed]
    return Diagnosis(cause, found + _details(case, changed, own), _fixes(case))


def of_preflight_status(status: int) -> Code | None:
    """Return the cause of a preflight that was answered with *status*."""
    if status in _AUTHENTICATION:
        return Cause.PREFLIGHT_AUTHENTICATED
    if status in _UNHANDLED:
        return Cause.PREFLIGHT_UNHANDLED
    return None


def _changed(case: Case, expected: HeaderPairs) -> str:
    """Return the header that the failed check is about, if it is not the policy's."""
    for name in (ALLOW_ORIGIN, _HEADER_OF.get(case.step.rule.setting or "")):
        own = [value for key, value in expected if key == name]
        if name is not None and own != case.received.values(name):
            return name
    return ""


def _details(case: Case, name: str, own: Sequence[str]) -> str:
    """Say what the answer itself says, or what the policy says: *own*, in *name*."""
    said = meaning(case.status)
    if said is not None:
        return f" The status says that {said.text}."
    if is_page(case.received) and case.received.get(ALLOW_ORIGIN) is None:
        return A_PAGE
    return f" The policy sends {name}: {plain(own[0])}." if own else ""


def _fixes(case: Case) -> tuple[Fix, ...]:
    said = meaning(case.status)
    return (_OUTERMOST,) if said is None else (_OUTERMOST, Fix(said.fix))
