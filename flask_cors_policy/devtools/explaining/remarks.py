"""What is worth knowing about an exchange although it blocks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from ...core.errors import plain
from ...core.fetch_standard import REQUEST_HEADERS, SAFELISTED_METHODS
from ..browser.engines import STANDARD
from ..browser.habits import ThirdParty
from ..browser.safelist import settable
from ..browser.sites import same_site
from ..browser.text import missed
from .diagnosis import Case, Fix
from .fixes import change
from .readings import kept_back
from .sighting import Ground


class Remark(NamedTuple):
    """Something worth knowing.

    :param code: stable.
    :param text: for people.
    :param fix: what to do where that was not wanted.
    """

    code: str
    text: str
    fix: Fix | None = None


def remarks(case: Case) -> tuple[Remark, ...]:
    """Return what is worth knowing about *case*, in the order in which it happened."""
    return tuple(remark for find in FINDERS for remark in find(case))


def _dropped(case: Case) -> Iterator[Remark]:
    for name, value in case.request.headers:
        if not settable(name, value, case.page.engine):
            text = f"Browsers drop {plain(name)}: no page can set it."
            yield Remark("header-dropped", text)


def _preflighted(case: Case) -> Iterator[Remark]:
    preflights = case.outcome.preflights
    if not preflights:
        return
    reasons: list[str] = []
    method = case.request.sent_method
    if method not in SAFELISTED_METHODS:
        reasons.append(f"the method {plain(method)}")
    for names in preflights[0].sent.values(REQUEST_HEADERS):
        for name in names.split(","):
            json = " (JSON is not among the safe types)" * (name == "content-type")
            reasons.append(f"the header {plain(name)}{json}")
    why = " and ".join(reasons) or "the upload is watched, or a stream"
    yield Remark("preflight-sent", f"The browser asks first because of {why}.")


def _redirected(case: Case) -> Iterator[Remark]:
    urls = {str(exchange.sent.url): None for exchange in case.outcome.exchanges}
    if len(urls) > 1 and case.outcome.readable is not None:
        last = [*urls][-1]
        text = f"The request was redirected to {last}: have the page ask for that."
        yield Remark("redirected", text, Fix(text, page={"url": last}))


def _hidden(case: Case) -> Iterator[Remark]:
    readable, policy = case.outcome.readable, case.sighting.policy
    names = [] if readable is None else missed(readable)
    exchange = case.exchange
    if not names or exchange is None or exchange.received is None:
        return
    spelled = {name.lower(): name for name, _ in exchange.received.headers}
    names = [spelled[name] for name in names]
    shown = ", ".join(map(plain, names))
    text = f"The page cannot read {shown}."
    fix = Fix(f"If it needs to, list them in expose_headers: {shown}.")
    if policy is not None:
        exposed = {"expose_headers": (*policy.expose_headers, *names)}
        fix = change(case, exposed)
    yield Remark("headers-hidden", text, fix)


def _cookies(case: Case) -> Iterator[Remark]:
    exchange, engine = case.exchange, case.page.engine
    if exchange is None or not exchange.sent.credentials:
        return
    if same_site(case.page.origin, exchange.sent.url.origin):
        return
    cookie, kept = case.sighting.session, kept_back(case) is not None
    if cookie is not None and not cookie.goes_to_other_sites(STANDARD):
        where = "" if kept else f" (not so in {engine})"
        text = (
            f"The session cookie {plain(cookie.name)} goes to its own site only{where}:"
            ' for pages of others set SESSION_COOKIE_SAMESITE="None" and '
            "SESSION_COOKIE_SECURE=True."
        )
        yield Remark("cookie-kept-back", text)
    third_party = engine.cookies.third_party
    if not kept and third_party is not ThirdParty.ALLOWED:
        text = f"In {engine} a cookie of another site is {third_party.value}."
        yield Remark("third-party-cookies", text)


def _taken_out(case: Case) -> Iterator[Remark]:
    names = [name for sighting in case.sightings for name in sighting.removed]
    if names:
        text = (
            f"The application sets {', '.join(dict.fromkeys(names))} itself: the "
            "policy has taken that out; remove it from the application."
        )
        yield Remark("header-taken-out", text)


def _no_route(case: Case) -> Iterator[Remark]:
    sighting, exchange = case.sighting, case.exchange
    if sighting.ground is Ground.UNKNOWN or sighting.route or exchange is None:
        return
    if case.status in (404, 405):
        what = f"{plain(case.request.sent_method)} {plain(exchange.sent.url.path, 200)}"
        yield Remark("no-route", f"No route of the application serves {what}.")


def _same_origin(case: Case) -> Iterator[Remark]:
    exchange = case.exchange
    if exchange is not None and exchange.sent.url.origin == case.page.origin:
        text = "Page and API have one origin: CORS has no part in this."
        yield Remark("same-origin", text)


FINDERS: Final[tuple[Callable[[Case], Iterator[Remark]], ...]] = (
    _same_origin,
    _no_route,
    _dropped,
    _preflighted,
    _redirected,
    _taken_out,
    _cookies,
    _hidden,
)
