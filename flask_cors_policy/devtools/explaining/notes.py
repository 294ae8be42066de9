"""What is worth knowing about an exchange although it blocks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import (
    EXPOSE_HEADERS,
    REQUEST_HEADERS,
    SAFELISTED_METHODS,
)
from ...core.origin import Origin, is_loopback
from ...core.reasons import Event, Reason
from ..browser.engines import STANDARD
from ..browser.reachable import is_local
from ..browser.safelist import settable
from ..browser.text import missed
from ..browser.variants import ThirdParty
from ..codes import Cause, CheckCode
from .case import Case, Fix, Note
from .fixes import policy_change
from .in_front import pass_on
from .items import as_applied
from .readable import INCLUDE, cookie_fixes, is_cross_site, unsent_cookie
from .redirected import leads_to_login


def notes(case: Case) -> tuple[Note, ...]:
    """Return what is worth knowing about *case*, in the order in which it happened."""
    return tuple(note for find in FINDERS for note in find(case))


def _dropped(case: Case) -> Iterator[Note]:
    for name, value in case.request.headers:
        if not settable(name, value, case.page.engine):
            text = f"Browsers drop {plain(name)}: no page can set it."
            yield Note(Cause.HEADER_DROPPED, text)


def _preflighted(case: Case) -> Iterator[Note]:
    preflights = case.outcome.preflights
    if not preflights:
        return
    reasons: list[str] = []
    method = case.request.sent_method
    if method not in SAFELISTED_METHODS:
        reasons.append(f"the method {plain(method)}")
    for names in preflights[0].sent.values(REQUEST_HEADERS):
        for name in names.split(","):
            json = " (JSON is not a safelisted type)" * (name == "content-type")
            reasons.append(f"the header {plain(name)}{json}")
    why = " and ".join(reasons) or "the upload, which is watched or a stream"
    text = f"The browser sends a preflight because of {why}."
    yield Note(Cause.PREFLIGHT_SENT, text)


def _redirected(case: Case) -> Iterator[Note]:
    outcome = case.outcome
    urls = {str(exchange.sent.url): None for exchange in outcome.exchanges}
    if outcome.readable is None or len(urls) == 1:
        return
    if not leads_to_login(outcome.exchanges):
        last = [*urls][-1]
        text = f"The request was redirected to {last}: have the page request that."
        yield Note(Cause.REDIRECTED, text, Fix(text, page={"url": last}))


def _hidden(case: Case) -> Iterator[Note]:
    readable, policy = case.outcome.readable, case.server.policy
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
        applied = as_applied(policy, case.page.origin)
        own = {name.lower() for name in applied.expose_headers}
        if any(name.lower() in own for name in names):
            text += " The policy exposes it: something in front of the policy removes "
            text += f"{EXPOSE_HEADERS}."
            yield Note(CheckCode.HEADER_NOT_EXPOSED, text, pass_on([EXPOSE_HEADERS]))
            return
        exposed = {"expose_headers": (*applied.expose_headers, *names)}
        fix = policy_change(case, exposed)
    yield Note(CheckCode.HEADER_NOT_EXPOSED, text, fix)


def _cookies(case: Case) -> Iterator[Note]:
    exchange, engine = case.exchange, case.page.engine
    if exchange is None:
        return
    if case.cookie and case.outcome.readable and not exchange.sent.credentials:
        text = "The cookies that were given are not sent: the page does not include "
        text += "credentials."
        yield Note(Cause.COOKIE_NOT_SENT, text, INCLUDE, leading=True)
    if not exchange.sent.credentials or not is_cross_site(case):
        return
    cookie, unsent = case.server.session, unsent_cookie(case) is not None
    if unsent and case.status == 401:  # Then it is the cause.
        return
    if cookie is not None and not cookie.crosses_sites(STANDARD):
        where = "" if unsent else f" (not in {engine})"
        text = (
            f"The session cookie {plain(cookie.name)} has {cookie.told}, and is sent "
            f"to its own site only{where}."
        )
        fix, given = cookie_fixes(cookie)[0], _names(case.cookie)
        leading = unsent and cookie.name in given and bool(case.outcome.readable)
        yield Note(Cause.COOKIE_NOT_SENT, text, fix, leading=leading)
    third_party = engine.cookies.third_party
    may_cross = cookie is None or cookie.may_cross_sites(engine)
    if may_cross and third_party is not ThirdParty.ALLOWED:
        text = f"In {engine} a cookie of another site is {third_party.value}."
        yield Note(Cause.THIRD_PARTY_COOKIES, text)


def _names(cookies: str) -> set[str]:
    return {pair.partition("=")[0].strip() for pair in cookies.split(";")}


def _local_network(case: Case) -> Iterator[Note]:
    exchange = case.exchange
    page = Origin.parse(case.page.origin)
    if exchange is None or page is None or not page.host or is_local(page.host):
        return
    host = exchange.sent.url.host
    if is_local(host):
        where = "this machine" if is_loopback(host) else "in a local network"
        text = (
            f"{host} is {where}. Chromium and Firefox ask the user for permission "
            "before a page of the public web may contact it; without permission the "
            "request fails, and no header helps."
        )
        yield Note(Cause.LOCAL_NETWORK, text)


def _removed(case: Case) -> Iterator[Note]:
    names = [name for server in case.servers for name in server.removed]
    if names:
        text = (
            f"The application sets {', '.join(dict.fromkeys(names))} itself, and the "
            "policy has removed it: remove it from the application."
        )
        yield Note(Event.REMOVED_HEADER, text)


def _same_origin(case: Case) -> Iterator[Note]:
    exchange = case.exchange
    if exchange is not None and exchange.sent.url.origin == case.page.origin:
        text = "Page and API have the same origin: CORS is not involved."
        yield Note(Reason.SAME_ORIGIN, text)


FINDERS: Final[tuple[Callable[[Case], Iterator[Note]], ...]] = (
    _same_origin,
    _local_network,
    _dropped,
    _preflighted,
    _redirected,
    _removed,
    _cookies,
    _hidden,
)
