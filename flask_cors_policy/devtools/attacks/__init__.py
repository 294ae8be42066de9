"""Attacks: the known misconfigurations of CORS, tried on an API of one's own.

.. code-block:: python

    def test_nobody_else_reads_me():
        assert not attack(app, "/api/me", trusted="https://app.example.com")

``flaws`` is the table of what is looked for, ``hostile`` makes the origins, ``probes``
asks. All requests are harmless; what they show is in each :class:`Finding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ...core.errors import shown
from ...core.fetch_standard import ALLOW_ORIGIN, WILDCARD
from ...core.origin import ANY_PORT, Origin, OriginMatcher, OriginPattern
from ...core.origin_mistakes import diagnose
from ...core.public_suffix import registrable_domain
from .. import journal
from ..browser.requests import Received, Sent
from ..browser.urls import URL, parse_url
from ..explaining.foreign import from_cache, varies_with_origin
from ..findings import Finding, Findings, Flaw, Severity
from ..wsgi_client import BASE_URL, send_to
from . import probes
from .flaws import FLAWS
from .forgery import probe_forgery
from .hostile import EVIL
from .target import OutOfTime, Send, Target, allows, answer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["FLAWS", "Finding", "Findings", "Flaw", "Severity", "attack", "attack_over"]

MOST_IMITATED: Final = 3
"""Origins that are imitated, where none were given and many are allowed."""


def attack(
    app: WSGIApplication,
    url: str,
    trusted: str | Iterable[str] | None = None,
    *,
    base_url: str = BASE_URL,
    method: str = "GET",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ignore: str | Iterable[str] = (),
) -> Findings:
    """Try the known attacks on a URL of *app*, and return what they found.

    ``assert not attack(app, "/api/me", trusted="https://app.example.com")``

    :param app: any WSGI application.
    :param url: absolute, or relative to *base_url*.
    :param trusted: all origins that may be allowed, patterns as in a policy included.
        Left out, some that are likely are tried; what only the owner can judge
        (subdomains, ports) is then not.
    :param method: of the requests, some 200; they must do no harm.
    :param headers: what stands on each of them, to log in for instance.
    :param ignore: ids of flaws that are accepted on purpose, keys of ``FLAWS``.
    :return: a list, the worst first; ``print()`` shows all of it.
    :raises ValueError: if *url*, *trusted* or *ignore* is none, and where a trusted
        origin is not allowed: then the attacks would prove nothing.
    :raises Exception: what *app* raises on an ordinary request.
    """
    __tracebackhide__ = True
    send = send_to(app)
    first = True

    def surviving(sent: Sent) -> Received:
        nonlocal first
        if first:  # Whatever that raises is no finding: the application is broken.
            first = False
            return send(sent)
        try:
            return send(sent)
        except Exception as error:
            return Received(500, (), repr(error).encode())

    target_url = parse_url(url, parse_url(base_url))
    findings = attack_over(
        surviving, target_url, trusted, method=method, headers=headers, ignore=ignore
    )
    journal.keep(f"attack {url}", lambda: str(findings) if findings else "")
    return findings


def attack_over(
    send: Send,
    url: URL,
    trusted: str | Iterable[str] | None = None,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ignore: str | Iterable[str] = (),
    token: str = "",
) -> Findings:
    """Do what :func:`attack` does, over anything that carries messages.

    :param send: carries a message to *url* and its answer back. What it raises ends
        the attack; after an ``OutOfTime`` what was found so far is returned.
    :param token: letters and digits that no earlier attack has had, so that no cache
        has an answer to its requests.
    """
    __tracebackhide__ = True
    pairs: Any = headers.items() if isinstance(headers, Mapping) else headers
    patterns = None if trusted is None else _patterns(_list(trusted))
    target = Target(send, url, method, tuple(pairs), _ignored(_list(ignore)), token)
    imitated: list[str] = []
    complete = True
    try:
        _probe_all(target, patterns, imitated)
    except OutOfTime:
        complete = False
    return Findings(
        target.findings.values(),
        url=str(url),
        trusted=tuple(imitated),
        requests=target.requests,
        complete=complete,
    )


def most_requests(trusted: Iterable[str] | None = None) -> int:
    """Return how many requests an attack sends at the most.

    :param trusted: as :func:`attack` takes it.
    """
    imitated = MOST_IMITATED if trusted is None else len(_list(trusted))
    return 260 + 160 * imitated


def _probe_all(
    target: Target, patterns: Mapping[str, OriginPattern] | None, imitated: list[str]
) -> None:
    """Try everything.

    :param patterns: what is trusted; ``None`` if that is not known.
    :param imitated: the origins that are imitated are added here.
    """
    if patterns is None:
        imitated += _learn(target)[:MOST_IMITATED]
        sound = OriginMatcher(dict.fromkeys(imitated, True))
    else:
        imitated += [_sample(pattern) for pattern in patterns.values()]
        _check_allowed(target, dict(zip(patterns, imitated, strict=True)))
        sound = OriginMatcher(
            {text: True for text, pattern in patterns.items() if pattern.is_exact},
            [(each, True) for each in patterns.values() if not each.is_exact],
        )
    probes.probe_origins(target, imitated, sound, all_known=patterns is not None)
    probes.probe_host(target)
    probes.probe_referer(target)
    probes.probe_vary(target, imitated)
    probes.probe_copied_vary(target)
    for origin in (*imitated[:1], EVIL):
        probes.probe_values(target, origin)
        probes.probe_preflight(target, origin)
    probes.probe_override(target)
    probes.probe_errors(target)
    probes.probe_paths(target)
    probe_forgery(target)


def _learn(target: Target) -> list[str]:
    """Return origins that the target allows, by trying some that are likely."""
    host = target.url.host
    domain = registrable_domain(host)
    names = dict.fromkeys(
        [host, *(f"{sub}{domain}" for sub in ("app.", "www.", "admin.", "") if domain)]
    )
    likely = [f"https://{name}" for name in names]
    for machine in ("localhost", "127.0.0.1"):
        ports = ("", ":3000", ":5173", ":8080", ":4200", ":8000", ":5000")
        likely += [f"http://{machine}{port}" for port in ports]
    constant = answer(target.request(EVIL)).get(ALLOW_ORIGIN)
    if constant is not None and constant != EVIL:
        likely.insert(0, constant)
    if constant == WILDCARD or constant == EVIL:
        return []  # Everybody is allowed; none of these would say more.
    return [
        origin
        for origin in likely
        if Origin.parse(origin) and allows(target.request(origin), origin)
    ]


def _patterns(trusted: Iterable[str]) -> dict[str, OriginPattern]:
    """Return the trusted origins, parsed.

    :raises ValueError: if one is neither an origin nor a pattern.
    """
    patterns = {}
    for index, text in enumerate(trusted):
        if text == WILDCARD:
            raise ValueError(
                f"trusted[{index}] = '*': If every origin is trusted, there is nothing "
                "to find. Name the trusted origins; leave trusted out if * is intended."
            )
        pattern = OriginPattern.parse(text)
        if pattern is None:
            mistake = diagnose(text)
            where = f"trusted[{index}] = {shown(text)}"
            raise ValueError(f"{where}: {mistake.message} {mistake.hint}")
        patterns[text] = pattern
    return patterns


def _sample(pattern: OriginPattern) -> str:
    """Return an origin that *pattern* covers."""
    host = f"a.{pattern.host}" if pattern.subdomains else pattern.host
    number = 3000 if pattern.port == ANY_PORT else pattern.port
    return f"{pattern.scheme}://{host}" + ("" if number is None else f":{number}")


def _check_allowed(target: Target, samples: Mapping[str, str]) -> None:
    """Refuse to attack where a trusted origin is not allowed in the first place."""
    for text, origin in samples.items():
        exchange = target.request(origin)
        response = answer(exchange)
        if response.get(ALLOW_ORIGIN) in (origin, WILDCARD):
            continue
        cache = from_cache(response)
        if cache and not varies_with_origin(response):
            sent = f"Origin: {origin} (answered by a cache: {cache})"
            target.found("vary-missing", sent, exchange)
        else:
            raise ValueError(
                f"trusted: {text} is not allowed at {target.url}, which answers a page "
                f"of {origin} with {response.status_text} and "
                f"{ALLOW_ORIGIN}: {shown(response.get(ALLOW_ORIGIN))}. Imitating it "
                "would prove nothing: correct the URL, the policy, or trusted."
            )


def _ignored(ids: Iterable[str]) -> frozenset[str]:
    known = frozenset(ids)
    for unknown in sorted(known - set(FLAWS)):
        choice = ", ".join(FLAWS)
        raise ValueError(f"ignore = {shown(unknown)}: no such flaw; they are {choice}")
    return known


def _list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
