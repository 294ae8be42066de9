"""The probes, one function for each kind of question; each tells what it found.

All of them are harmless requests: of the method that the caller names, and preflights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    MAX_AGE,
    ORIGIN,
    TIMING_ALLOW_ORIGIN,
    VARY,
    WILDCARD,
    is_forbidden_method,
)
from ...core.origin import Origin, OriginMatcher
from ..browser.outcome import Exchange
from ..explaining.foreign import from_cache, is_cacheable
from .hostile import EVIL, EVIL_HOST, Hostile, beyond, imitating, joined, of_anybody
from .target import Target, allows, answer, is_open_to, same_body

_MARK: Final = "<probe>"
_INJECTED: Final = "X-Injected"
_NO_METHOD: Final = "ZZPROBE"
_REFUSALS: Final = (400, 405, 501)
_PRIVATE_NETWORK: Final = "Access-Control-Request-Private-Network"
_ALLOW_PRIVATE_NETWORK: Final = "Access-Control-Allow-Private-Network"


# An origin that shows one flaw may be allowed because of another, worse one.
_EXPLAINED_BY: Final = {
    "prefix-matched": ("public-suffix",),
    "dot-unescaped": ("public-suffix", "prefix-matched"),
}


def probe_origins(
    target: Target,
    trusted: Iterable[str],
    sound: OriginMatcher[bool],
    *,
    all_known: bool,
) -> None:
    """Try origins that must not be allowed.

    :param trusted: origins to imitate, which the target allows.
    :param sound: what may be allowed, by what the caller says.
    """
    if target.try_origin("origin-reflected", EVIL):
        target.try_origin("null-allowed", "null")
        return  # Whatever else is allowed says nothing more.
    hostile: list[Hostile] = [*of_anybody()]
    if all_known:
        _probe_wildcard(target)
        hostile += beyond()
    for text in trusted:
        origin = Origin.parse(text)
        assert origin is not None
        hostile += imitating(origin, all_known=all_known)
        hostile += joined(text)
    for flaw, value in hostile:
        explained = target.findings.keys() & {flaw, *_EXPLAINED_BY.get(flaw, ())}
        if explained or not sound.match(value, {}).reason.denied:
            continue
        exchange = target.allowing(value)
        # Without credentials a plain-http origin may well be meant.
        if flaw == "scheme-downgrade" and not all_known and exchange is not None:
            if answer(exchange).get(ALLOW_CREDENTIALS) is None:
                continue
        if exchange is not None:
            target.found(flaw, f"Origin: {value}", exchange)


def _probe_wildcard(target: Target) -> None:
    """Look whether a page of any site may read the response, without credentials."""
    exchange = target.request(EVIL)
    if answer(exchange).get(ALLOW_ORIGIN) == WILDCARD:
        target.found("wildcard-allowed", f"Origin: {EVIL}", exchange)


def probe_host(target: Target) -> None:
    """Name the attacker's host in the headers that say where the API is."""
    if is_open_to(target.request(EVIL), EVIL):
        return
    for name in ("Host", "X-Forwarded-Host"):
        exchange = target.request(EVIL, (name, EVIL_HOST))
        if allows(exchange, EVIL):
            sent = f"{name}: {EVIL_HOST}, Origin: {EVIL}"
            target.found("host-reflected", sent, exchange)


def probe_referer(target: Target) -> None:
    """Ask without Origin, from a page that Referer names."""
    exchange = target.request(None, ("Referer", f"{EVIL}/"))
    if allows(exchange, EVIL):
        target.found("origin-from-referer", f"Referer: {EVIL}/", exchange)


def probe_vary(target: Target, trusted: Iterable[str]) -> None:
    """Look for Vary wherever a response depends on Origin.

    https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
    """
    hits = [(origin, target.request(origin)) for origin in trusted]
    miss = target.request(EVIL)
    plain = target.plain
    values = {answer(each).get(ALLOW_ORIGIN) for _, each in hits}
    values |= {answer(each).get(ALLOW_ORIGIN) for each in (miss, plain)}
    if len(values) > 1:
        for origin, hit in hits:
            _needs_vary(target, "vary-missing", f"Origin: {origin}", hit)
        flaw = "vary-missing" if allows(miss, EVIL) else "vary-missing-on-miss"
        _needs_vary(target, flaw, f"Origin: {EVIL}", miss)
        _needs_vary(target, "vary-missing-without-origin", "no Origin", plain)
    for origin, _ in hits[:1]:
        hit, miss = target.preflight(origin), target.preflight(EVIL)
        if answer(hit).get(ALLOW_ORIGIN) != answer(miss).get(ALLOW_ORIGIN):
            flaw = "vary-missing-on-preflight"
            _needs_vary(target, flaw, f"a preflight of {origin}", hit)


def _needs_vary(target: Target, flaw: str, sent: str, exchange: Exchange) -> None:
    response = answer(exchange)
    if not is_cacheable(exchange):
        return
    names = {name.strip() for name in (response.get(VARY) or "").lower().split(",")}
    if not names & {ORIGIN.lower(), WILDCARD}:
        cache = from_cache(response)
        sent += f" (answered by a cache: {cache})" if cache else ""
        target.found(flaw, sent, exchange)


def probe_copied_vary(target: Target) -> None:
    """Send a Vary (CVE-2025-71381)."""
    exchange = target.request(EVIL, (VARY, "X-Probe"))
    if "x-probe" in (answer(exchange).get(VARY) or "").lower():
        target.found("vary-copied", f"{VARY}: X-Probe", exchange)


def probe_values(target: Target, origin: str) -> None:
    """Look at what stands in the CORS headers of ordinary responses."""
    for exchange in (target.request(origin), target.preflight(origin)):
        response = answer(exchange)
        sent = f"Origin: {origin}"
        allowed = response.get(ALLOW_ORIGIN) or ""
        credentials = response.get(ALLOW_CREDENTIALS)
        if "," in allowed or " " in allowed:
            target.found("allow-origin-list", sent, exchange)
        if allowed == WILDCARD and credentials == "true":
            target.found("wildcard-with-credentials", sent, exchange)
        if credentials not in (None, "true"):
            target.found("credentials-malformed", sent, exchange)
        if not re.fullmatch("[0-9]+", response.get(MAX_AGE) or "0"):
            target.found("max-age-malformed", sent, exchange)
        methods = (response.get(ALLOW_METHODS) or "").split(",")
        if any(is_forbidden_method(method.strip()) for method in methods):
            target.found("trace-listed", sent, exchange)
    exchange = target.request(EVIL)
    if answer(exchange).get(TIMING_ALLOW_ORIGIN) == EVIL:
        target.found("timing-reflected", f"Origin: {EVIL}", exchange)


def probe_preflight(target: Target, origin: str) -> None:
    """Ask a preflight for what no browser asks for."""
    exchange = target.preflight(origin)
    response, plain = answer(exchange), answer(target.plain)
    readable = response.get(ALLOW_ORIGIN) is not None
    if readable and 200 <= response.status <= 299 and response.body:
        kind = (response.get("Content-Type") or "").lower()
        refused = plain.status in (401, 403) and ("json" in kind or "html" in kind)
        if refused or same_body(exchange, target.plain):
            target.found("preflight-runs-view", f"a preflight of {origin}", exchange)
    names = f"x-probe{_MARK}, x-probe%0d%0a{_INJECTED}: 1"
    # One by one: a server that looks at the method first may stop there.
    for method, asked in (("PUT", names), (f"PUT{_MARK}", "x-probe")):
        exchange = target.preflight(origin, method=method, names=asked)
        response = answer(exchange)
        sent = f"a preflight for {method} with {asked}"
        lists = f"{response.get(ALLOW_METHODS)} {response.get(ALLOW_HEADERS)}"
        if _MARK in lists:
            target.found("preflight-echoes-garbage", sent, exchange)
        if response.get(_INJECTED) is not None:
            target.found("header-injected", sent, exchange)
    exchange = target.preflight(origin, (_PRIVATE_NETWORK, "true"))
    if answer(exchange).get(_ALLOW_PRIVATE_NETWORK) == "true":
        sent = f"{_PRIVATE_NETWORK}: true"
        target.found("private-network-allowed", sent, exchange)
    _probe_method_list(target, origin)


def _probe_method_list(target: Target, origin: str) -> None:
    """Ask for a piece of the list that the server gives, where it gives none else."""
    listed = answer(target.preflight(origin)).get(ALLOW_METHODS) or ""
    unknown = answer(target.preflight(origin, method=_NO_METHOD)).get(ALLOW_METHODS)
    piece = listed[1:-1].strip(" ,")
    if unknown is None and piece:
        exchange = target.preflight(origin, method=piece)
        if answer(exchange).get(ALLOW_METHODS) is not None:
            sent = f"Access-Control-Request-Method: {piece}"
            target.found("method-substring", sent, exchange)


def probe_override(target: Target) -> None:
    """Ask with a parameter that names another method, which nobody has."""
    if answer(target.plain).status >= 300:
        return
    for name in ("_method", "_http_method", "x-http-method-override"):
        query = f"{target.url.query}&" if target.url.query else ""
        url = target.url._replace(query=f"{query}{name}={_NO_METHOD}")
        exchange = target.request(url=url)
        if answer(exchange).status in _REFUSALS:
            other = target.request(url=url._replace(query=f"{query}{name}x=1"))
            if answer(other).status == answer(target.plain).status:
                target.found("method-override", f"{name}={_NO_METHOD}", exchange)


def probe_errors(target: Target) -> None:
    """Ask for what is not there."""
    missing = f"{target.url.path.rstrip('/')}/zz-not-there"
    for origin in (EVIL, "null"):
        if is_open_to(target.request(origin), origin):
            continue
        exchange = target.request(origin, url=target.url._replace(path=missing))
        if answer(exchange).status >= 400 and allows(exchange, origin):
            target.found("open-on-error", f"Origin: {origin}", exchange)


_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    lambda path: f"/.{path}",
    lambda path: f"/{path}",
    lambda path: f"/zz/..{path}",
    lambda path: f"{path}/",
    lambda path: f"{path}/.",
    lambda path: path.upper(),
    lambda path: path.title(),
    lambda path: path.replace("/", "/%2e/", 1),
    lambda path: path[:1] + "".join(f"%{ord(each):02x}" for each in path[1:]),
    lambda path: path[:1] + "".join(f"%25{ord(each):02x}" for each in path[1:]),
)


def probe_paths(target: Target) -> None:
    """Ask for the same under other spellings of its path.

    CVE-2020-25032 (dot segments), CVE-2024-6844 (decoded twice), CVE-2024-6866 (case).
    """
    plain = answer(target.plain)
    if is_open_to(target.request(EVIL), EVIL) or plain.status >= 300:
        return
    for spell in _SPELLINGS:
        url = target.url._replace(path=spell(target.url.path))
        if url == target.url:
            continue
        exchange = target.request(EVIL, url=url)
        same = answer(exchange)
        if same.status == plain.status and same_body(exchange, target.plain):
            if is_open_to(exchange, EVIL):
                target.found("open-by-path", f"the path {url.path}", exchange)
