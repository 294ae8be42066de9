"""Redirects that block a page: to another origin, to a login page, to plain http."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from ...core.errors import plain
from ...core.fetch_standard import REDIRECT_STATUSES
from ...core.reasons import Reason
from ..browser.outcome import Exchange
from ..browser.reachable import is_local
from ..browser.rules import Rule
from ..browser.urls import URL, parse_url
from ..codes import Cause
from .case import Case, Diagnosis, Fix, PolicyStatus, ServerInfo
from .fixes import HOST_PASSED_ON, both, final_url, path_rule, whole_policy

_LOGIN: Final = re.compile(r"log-?in|sign-?in|\bauth|\bsso\b", re.IGNORECASE)
_LOGIN_HOST: Final = re.compile(r"(log-?in|sign-?in|auth|sso|accounts|idp)\.")
_BEFORE_LOGIN: Final = (
    "Answer preflights before authentication: browsers send them without credentials."
)
PROXY_FIX: Final = (
    "Tell the application that it is served over https: app.wsgi_app = "
    "ProxyFix(app.wsgi_app, x_proto=1), and have the proxy send X-Forwarded-Proto."
)


def is_login(url: URL) -> bool:
    """Say whether *url* looks like a login page."""
    return bool(_LOGIN.search(url.path) or _LOGIN_HOST.match(url.host))


def leads_to_login(exchanges: Sequence[Exchange]) -> bool:
    """Say whether a redirect has led to what looks like a login page."""
    first, last = exchanges[0].sent.url, exchanges[-1].sent.url
    return first != last and is_login(last)


def redirected_away(case: Case) -> Diagnosis | None:
    """The API has redirected the page to another origin."""
    exchange = case.exchange
    if exchange is None:
        return None
    target, first = exchange.sent.url, parse_url(case.first_url)
    if case.step.rule is Rule.MIXED_CONTENT and case.status in REDIRECT_STATUSES:
        redirect = _target(case)
        if redirect is not None and _is_internal(redirect, first):
            return _to_internal_host(case, redirect)
        if redirect is not None and is_login(redirect):
            return _to_login(case, redirect)
        return _to_http(case, redirect)
    if target.origin == first.origin:
        return None
    if _is_internal(target, first):
        return _to_internal_host(case, target)
    server = case.servers[0] if case.servers else ServerInfo()
    found = f"{case.first_url} redirects to {target.origin}. {case.step.found}"
    if server.status is not PolicyStatus.UNKNOWN and not server.route:
        asked = f"{plain(case.request.sent_method)} {plain(first.path, 200)}"
        found = f"No route of the application serves {asked}, and {found}"
        return Diagnosis(Cause.NO_ROUTE, found, (Fix(f"{Cause.NO_ROUTE.fix}."),))
    if target.host == first.host:
        return Diagnosis(Cause.REDIRECTED_AWAY, found, (final_url(target),))
    if is_login(target):
        found = f"{case.first_url} redirects to a login page, {target}. "
        found += case.step.found
        fix = Fix("Have the API answer 401 when nobody is signed in, not redirect.")
        return Diagnosis(Cause.REDIRECTED_AWAY, found, (fix,))
    text = f"Have the page request {target}, if that allows {case.page.origin}."
    fix = Fix(text, page={"url": str(target)})
    return Diagnosis(Cause.REDIRECTED_AWAY, found, (fix,))


def _is_internal(target: URL, first: URL) -> bool:
    """Say whether *target* has a host that is known in the server's network only."""
    host = target.host
    return (
        host != first.host
        and not is_local(first.host)
        and (is_local(host) or "." not in host)
    )


def _to_internal_host(case: Case, target: URL) -> Diagnosis:
    """The application does not know the host that it is asked by."""
    found = f"{case.first_url} redirects to {target}, a host that only the network of "
    found += "the server knows: the application does not see the host of the URL."
    fixes = [Fix(HOST_PASSED_ON)]
    if (urlsplit(case.first_url).scheme, target.scheme) == ("https", "http"):
        fixes = [Fix(f"{HOST_PASSED_ON} {PROXY_FIX}")]
    return Diagnosis(Cause.CHANGED_IN_FRONT, found, tuple(fixes))


def preflight_redirected(case: Case) -> Diagnosis | None:
    """The preflight is redirected, and browsers do not follow that."""
    step = case.step
    if step.rule is not Rule.PREFLIGHT_NOT_REDIRECTED:
        return None
    exchange = case.exchange
    assert exchange is not None
    target = _target(case)
    no_policy = case.server.status is PolicyStatus.NO_EXTENSION
    if target is None:
        fixes = whole_policy(case) if no_policy else (Fix(step.fix),)
        return Diagnosis(Cause.PREFLIGHT_REDIRECTED, step.found, fixes)
    if _is_internal(target, exchange.sent.url):
        return _to_internal_host(case, target)
    if is_login(target):
        found = f"{step.found} {Cause.PREFLIGHT_AUTHENTICATED.sentence.capitalize()}."
        fixes = (Fix(_BEFORE_LOGIN),)
        if no_policy:
            why = "A policy answers preflights before authentication:"
            fixes = whole_policy(case, why)
        return Diagnosis(Cause.PREFLIGHT_AUTHENTICATED, found, fixes)
    if _is_downgrade(exchange.sent.url, target):
        return _to_http(case, target)
    return _to_final_url(case, target)


def redirected(case: Case) -> Diagnosis | None:
    """The response is a redirect that the page may not follow, for want of headers."""
    exchange, step = case.exchange, case.step
    if step.rule is not Rule.ALLOW_ORIGIN or case.status not in REDIRECT_STATUSES:
        return None
    assert exchange is not None
    target = _target(case)
    if target is None:
        return None
    if _is_internal(target, exchange.sent.url):
        return _to_internal_host(case, target)
    no_policy = case.server.status is PolicyStatus.NO_EXTENSION
    if is_login(target):
        return _to_login(case, target)
    if _is_downgrade(exchange.sent.url, target):
        return _to_http(case, target)
    url = exchange.sent.url
    if no_policy or not (_slash(url, target) or _doubled(url, target)):
        return None
    return _to_final_url(case, target)


def _to_login(case: Case, target: URL) -> Diagnosis:
    found = f"The request is redirected to a login page ({target}). {case.step.found}"
    fixes = [Fix("Have the API answer 401 when nobody is signed in, not redirect.")]
    if case.server.status is PolicyStatus.NO_EXTENSION:
        fixes += whole_policy(case, "So that the page can read that:")
    return Diagnosis(Cause.NOT_SIGNED_IN, found, tuple(fixes))


def _to_final_url(case: Case, target: URL) -> Diagnosis:
    exchange = case.exchange
    assert exchange is not None
    url = exchange.sent.url
    fixes = [final_url(target)]
    if case.server.status is PolicyStatus.NO_EXTENSION:
        policies = whole_policy(case)
        if target.origin != url.origin:
            fixes = [both(fixes[0], policy) for policy in policies]
        else:
            why = "A policy answers preflights before anything redirects:"
            fixes = [*whole_policy(case, why), *fixes]
    elif case.server.status is PolicyStatus.NO_PATH_RULE:
        fixes.append(path_rule(case))
    if _slash(url, target):
        which = "preflight" if exchange.sent.preflight else "request"
        found = f"The route is {target.path}, and the page requests {url.path}: "
        found += f"the {which} is redirected ({case.status})."
        return Diagnosis(Cause.TRAILING_SLASH, found, tuple(fixes))
    if _doubled(url, target):
        sentence = Reason.PATH_AMBIGUOUS.sentence.partition(",")[0].capitalize()
        found = f"{sentence}: {url.path} is redirected to {target.path}."
        return Diagnosis(Reason.PATH_AMBIGUOUS, found, tuple(fixes))
    return Diagnosis(Cause.PREFLIGHT_REDIRECTED, case.step.found, tuple(fixes))


def _to_http(case: Case, target: URL | None) -> Diagnosis | None:
    """The application does not know that it is served over https."""
    exchange = case.exchange
    assert exchange is not None
    url = exchange.sent.url
    if target is None or not _is_downgrade(url, target):
        return None
    found = f"{url} redirects to {target}, which is plain http: the application does "
    found += "not know that it is served over https."
    secure = target._replace(scheme="https", port=url.port)
    fixes = [Fix(PROXY_FIX)]
    if secure != url:
        fixes.insert(0, final_url(secure))
    if _slash(url, target):
        found = f"The route is {target.path}, and the page requests {url.path}. {found}"
        return Diagnosis(Cause.TRAILING_SLASH, found, tuple(fixes))
    return Diagnosis(Cause.REDIRECT_TO_HTTP, found, tuple(fixes))


def _slash(url: URL, target: URL) -> bool:
    """Say whether two URLs differ in a slash at the end."""
    path, other = url.path, target.path
    return path != other and path.rstrip("/") == other.rstrip("/")


def _doubled(url: URL, target: URL) -> bool:
    """Say whether a redirect only removes empty segments from the path."""
    merged = re.sub("/{2,}", "/", url.path)
    return url.path != merged == target.path and url.origin == target.origin


def _is_downgrade(url: URL, target: URL) -> bool:
    return (url.scheme, target.scheme) == ("https", "http") and url.host == target.host


def _target(case: Case) -> URL | None:
    """Return what the redirect leads to, ``None`` if that is not a URL."""
    exchange = case.exchange
    assert exchange is not None
    try:
        return parse_url(case.received.get("Location") or "", exchange.sent.url)
    except ValueError:
        return None
