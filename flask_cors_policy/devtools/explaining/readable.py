"""What is wrong with a response that the page can read: not the policy, then."""

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
from ..codes import Cause
from .case import Case, Diagnosis, Fix, SessionCookie
from .changes import Trial
from .fixes import both, policy_change

_LOGIN: Final = re.compile(r"log-?in|sign-?in|\bauth", re.IGNORECASE)

_AUTHORIZATION: Final = Fix(
    "If the API recognises its users by a token, have the page set Authorization, and "
    "list Authorization in allow_headers."
)


def diagnose_readable(case: Case) -> Diagnosis | None:
    """Return what is wrong with the response, ``None`` if it seems to be right."""
    readable = case.outcome.readable
    if readable is None or readable.kind not in ("basic", "cors"):
        return None
    if readable.status >= 500:
        return _server_error(case)
    if len(case.outcome.exchanges) > 1 and _is_login(case.outcome.exchanges):
        return _redirected_to_login(case)
    return _signed_out(case) if readable.status == 401 else None


def unsent_cookie(case: Case) -> SessionCookie | None:
    """Return the session cookie, if the browser does not send it to this site."""
    cookie, exchange = case.server.session, case.exchange
    if cookie is None or exchange is None:
        return None
    if cookie.crosses_sites(case.page.engine):
        return None
    return None if same_site(case.page.origin, exchange.sent.url.origin) else cookie


def _server_error(case: Case) -> Diagnosis:
    error = case.server.error
    found = f"The server failed ({status_text(case.status)}): {error}".rstrip(": ")
    found += ". The page can read the response: this is not a CORS problem."
    text = f"Correct the error: {error}." if error else "Look into the server's log."
    return Diagnosis(Cause.SERVER_ERROR, found, (Fix(text),))


def _is_login(exchanges: Sequence[Exchange]) -> bool:
    """Say whether a redirect has led to what looks like a login page."""
    first, last = exchanges[0].sent.url, exchanges[-1].sent.url
    return first != last and _LOGIN.search(last.path) is not None


def _redirected_to_login(case: Case) -> Diagnosis:
    exchanges = case.outcome.exchanges
    first, last = exchanges[0].sent.url, exchanges[-1].sent.url
    found = f"{first.path} redirects to {last.path}: the page reads a login page, "
    found += "not data."
    text = "Have the API answer 401 when nobody is signed in, and not redirect."
    return Diagnosis(Cause.NOT_SIGNED_IN, found, (Fix(text),))


def _signed_out(case: Case) -> Diagnosis:
    found = f"The API says that nobody is signed in ({status_text(case.status)})."
    challenge = case.received.get("WWW-Authenticate")
    sets = {name.lower() for name, _ in case.request.headers}
    if challenge is not None and not sets & NON_WILDCARD_REQUEST_HEADERS:
        found += f" It asks for Authorization ({plain(challenge)})."
        return Diagnosis(Cause.NOT_SIGNED_IN, found, (_AUTHORIZATION,))
    if case.request.credentials != "include":
        found += " The page leaves out cookies, as fetch does for other origins."
        return Diagnosis(Cause.NOT_SIGNED_IN, found, (_including(case), _AUTHORIZATION))
    cookie = unsent_cookie(case)
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
    policy = case.server.policy
    if policy is None:
        return Fix(text, page=page_change)
    request = replace(case.request, credentials="include")
    change = Trial.of(replace(case, request=request)).change(policy)
    if change.problems:
        hints = " ".join(problem.hint for problem in change.problems)
        return Fix(f"{text} The policy cannot allow that as it is: {hints}")
    if not change.options:
        return Fix(text, page=page_change)
    in_policy = policy_change(case, change.options)
    return both(Fix(text, page=page_change), in_policy)
