"""What is wrong with a response that the page may read: not the policy, then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import NON_WILDCARD_REQUEST_HEADERS
from ..browser.outcome import Exchange
from ..browser.requests import status_text
from ..browser.sites import same_site
from .causes import Cause
from .diagnosis import Case, Diagnosis, Fix
from .fixes import both, change
from .refusals import received_of
from .sighting import Cookie

_LOGIN: Final = re.compile(r"log-?in|sign-?in|\bauth", re.IGNORECASE)

_AUTHORIZATION: Final = Fix(
    "Have the page set Authorization, if that is how the API knows its users, and list "
    "it in allow_headers."
)


def reading(case: Case) -> Diagnosis | None:
    """Return why the page does not like what it reads, ``None`` where it may well."""
    readable = case.outcome.readable
    if readable is None or readable.kind not in ("basic", "cors"):
        return None
    if readable.status >= 500:
        return _server_error(case)
    if len(case.outcome.exchanges) > 1 and _is_login(case.outcome.exchanges):
        return _led_to_login(case)
    return _signed_out(case) if readable.status == 401 else None


def kept_back(case: Case) -> Cookie | None:
    """Return the session cookie, if the browser sends it no further than its site."""
    cookie, exchange = case.sighting.session, case.exchange
    if cookie is None or exchange is None:
        return None
    if cookie.goes_to_other_sites(case.page.engine):
        return None
    return None if same_site(case.page.origin, exchange.sent.url.origin) else cookie


def _server_error(case: Case) -> Diagnosis:
    error = case.sighting.error
    found = f"The server failed ({status_text(case.status)}): {error}".rstrip(": ")
    found += ". The policy lets the page read that: this is no matter of CORS."
    what = f": {error}." if error else ": its log says what."
    return Diagnosis(Cause.SERVER_ERROR, found, (Fix(f"Mend what fails{what}"),))


def _is_login(exchanges: Sequence[Exchange]) -> bool:
    """Say whether a redirect has led to what looks like a page to sign in."""
    first, last = exchanges[0].sent.url, exchanges[-1].sent.url
    return first != last and _LOGIN.search(last.path) is not None


def _led_to_login(case: Case) -> Diagnosis:
    exchanges = case.outcome.exchanges
    first, last = exchanges[0].sent.url, exchanges[-1].sent.url
    found = f"{first.path} leads to {last.path}: what the page reads is a page to "
    found += "sign in, not data."
    text = "Have the API answer 401 where nobody is signed in, and redirect nobody."
    return Diagnosis(Cause.NOT_SIGNED_IN, found, (Fix(text),))


def _signed_out(case: Case) -> Diagnosis:
    found = f"The API says that nobody is signed in ({status_text(case.status)})."
    challenge = received_of(case).get("WWW-Authenticate")
    sets = {name.lower() for name, _ in case.request.headers}
    if challenge is not None and not sets & NON_WILDCARD_REQUEST_HEADERS:
        found += f" It asks for Authorization ({plain(challenge)})."
        return Diagnosis(Cause.NOT_SIGNED_IN, found, (_AUTHORIZATION,))
    if case.request.credentials != "include":
        found += " The page leaves out cookies, as fetch does with other origins."
        return Diagnosis(Cause.NOT_SIGNED_IN, found, (_including(case), _AUTHORIZATION))
    cookie = kept_back(case)
    if cookie is not None:
        found += (
            f" The cookie {plain(cookie.name)} has SameSite={cookie.same_site or 'Lax'}"
            f"{'' if cookie.same_site else ' (the default)'}: browsers do not send it "
            "with requests of pages of other sites."
        )
        text = (
            'Set SESSION_COOKIE_SAMESITE="None" and SESSION_COOKIE_SECURE=True, or '
            "serve page and API from one site (app.example.com, api.example.com)."
        )
        return Diagnosis(Cause.COOKIE_NOT_SENT, found, (Fix(text),))
    text = "Sign in first; to try it here, give the cookie that the browser would hold."
    return Diagnosis(Cause.NOT_SIGNED_IN, found, (Fix(text),))


def _including(case: Case) -> Fix:
    """Return the advice to include credentials, with what the policy needs for it."""
    page_change = {"credentials": "include"}
    text = 'Have the page include them: fetch(url, {credentials: "include"}).'
    policy = case.sighting.policy
    if policy is None:
        return Fix(text, page=page_change)
    request = replace(case.request, credentials="include")
    mending = replace(case, request=request).mended(policy)
    if mending.problems:
        hints = " ".join(problem.hint for problem in mending.problems)
        return Fix(f"{text} The policy cannot allow that as it is: {hints}")
    if not mending.changes:
        return Fix(text, page=page_change)
    in_policy = change(case, mending.changes)
    return both(Fix(text, page=page_change), in_policy)
