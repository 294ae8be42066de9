"""Explains what was recorded, and asks nobody: a HAR file, a sentence of a console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ..core.errors import plain
from ..core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
)
from .browser.cache import PreflightCache
from .browser.engines import ENGINES, STANDARD, Engine
from .browser.fetching import drive, fetch
from .browser.requests import Body, Page, PageRequest, Received, Sent
from .browser.rules import Rule
from .codes import Cause
from .explaining import Case, Diagnosis, Explanation, Fix, explained
from .pasted.console import ConsoleMessage
from .pasted.har import HarEntry
from .pasted.not_cors import not_cors
from .pasted.request import PastedError, PastedRequest

_QUOTES: Final = str.maketrans("\u2018\u2019", "''")  # Those of Firefox.
_UNKNOWN: Final = (
    "The HAR file has no answer to {}: browsers leave out what they have blocked. Ask "
    "the application (flask cors explain --har), or the server (--curl)."
)


def page_request_of(pasted: PastedRequest, origin: str = "") -> tuple[str, PageRequest]:
    """Return the origin of the page, and its request.

    :param origin: of the page, if it is said.
    :raises PastedError: if nobody says it.
    """
    origin = origin or pasted.origin
    if not origin:
        raise PastedError("The request does not name its page: add --origin.")
    body = None if pasted.body is None else Body(pasted.body.encode())
    return origin, PageRequest(
        pasted.url,
        pasted.method,
        pasted.headers,
        body,
        mode=pasted.mode,
        credentials=pasted.credentials,
    )


def request_of(message: ConsoleMessage) -> PageRequest:
    """Return the request that a sentence of a console is about."""
    credentials = "include" if message.credentials else "same-origin"
    return PageRequest(
        message.url, message.method, message.headers, credentials=credentials
    )


def explain_message(message: ConsoleMessage) -> Explanation:
    """Explain a sentence of a console."""
    request = request_of(message)

    def send(sent: Sent) -> Received:
        if message.target and str(sent.url) == request.url:
            allow = (ALLOW_ORIGIN, message.origin)
            return Received(302, (allow, ("Location", message.target)))
        if sent.preflight:
            return message.preflight or _allowing(sent)
        return message.answer or Received(200)

    found = _explained(message.origin, ENGINES[message.engine], request, send)
    if message.tainted:
        text = (
            "The browser has sent Origin: null, as it does after a redirect between "
            f"other origins. So something has redirected the page to {message.url}."
        )
        fix = Fix(f"Have the page request {message.url}, if that allows its origin.")
        cause = Diagnosis(Cause.REDIRECTED_AWAY, text, (fix,))
        return replace(found, causes=(cause,))
    return replace(
        found, causes=tuple(_as_said(message, each) for each in found.causes)
    )


def _as_said(message: ConsoleMessage, diagnosis: Diagnosis) -> Diagnosis:
    """Return *diagnosis* with what the console says, without what was assumed."""
    cause, fixes = diagnosis.cause, diagnosis.fixes
    if cause is Cause.PREFLIGHT_REDIRECTED:
        fixes = (Fix(f"{cause.fix}."),)
    sentence = f"{cause.sentence[:1].upper()}{cause.sentence[1:]}."
    said = plain(message.why.translate(_QUOTES), 200)
    return replace(
        diagnosis,
        cause=cause,
        found=f"The console says: {said.rstrip('.')}. {sentence}",
        fixes=fixes,
    )


def explain_har(
    entries: Sequence[HarEntry],
    wanted: Sequence[HarEntry],
    origin: str = "",
    engine: Engine = STANDARD,
) -> Explanation:
    """Explain the first of the *wanted* requests that is blocked, or else the first.

    :param entries: all that was recorded.
    :raises PastedError: if there are answers to none of them.
    """
    explanations = []
    for entry in wanted:
        page, request = page_request_of(entry.request(), origin)
        explanation = _explained(page, engine, request, _answers(entries, entry))
        failure = explanation.case.outcome.failure
        if failure is not None and failure.rule is Rule.ANSWERED:
            continue
        if not explanation.allowed:
            return explanation
        explanations.append(explanation)
    if not explanations:
        raise PastedError(_without_answer(wanted[0]))
    return explanations[0]


def _without_answer(entry: HarEntry) -> str:
    """Say why a HAR file has no answer to a request."""
    error = "" if "ERR_FAILED" in entry.error else not_cors(entry.error)
    if error:
        return f"{entry.method} {entry.url}: {plain(entry.error)}. {error}"
    return _UNKNOWN.format(f"{entry.method} {entry.url}")


def _answers(
    entries: Sequence[HarEntry], wanted: HarEntry
) -> Callable[[Sent], Received | None]:
    """Return what answers messages as it was recorded."""

    def send(sent: Sent) -> Received | None:
        for entry in entries:
            same = entry.preflight == sent.preflight and entry.url == str(sent.url)
            if not same or entry.method != sent.method:
                continue
            if not sent.preflight:
                return entry.received
            asked = [value for name, value in entry.headers if name == REQUEST_METHOD]
            if not asked or asked == sent.values(REQUEST_METHOD):
                return entry.received
        # Browsers often leave preflights out; one that failed has no request after it.
        answered = wanted.received is not None
        return _allowing(sent) if sent.preflight and answered else None

    return send


def _allowing(sent: Sent) -> Received:
    """Return the answer to a preflight that allows what it asks for."""
    return Received(
        204,
        (
            (ALLOW_ORIGIN, "".join(sent.values(ORIGIN))),
            (ALLOW_CREDENTIALS, "true"),
            (ALLOW_METHODS, "".join(sent.values(REQUEST_METHOD))),
            (ALLOW_HEADERS, ",".join(sent.values(REQUEST_HEADERS))),
        ),
    )


def _explained(
    origin: str,
    engine: Engine,
    request: PageRequest,
    send: Callable[[Sent], Received | None],
) -> Explanation:
    page = Page(origin, engine)
    outcome = drive(fetch(page, request, PreflightCache(engine)), send)
    return explained(Case(page, replace(request), outcome))
