"""Cases about preflights that are kept: what they spare, and for how long."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from . import answered, asked
from .cases import Answer, Body, Fetch, Headers, Resource
from .families import (
    ACAH,
    ACAM,
    ACMA,
    ANY,
    HERE,
    READABLE,
    X_A,
    Draft,
    Drafts,
    allowing,
    at_a,
    lines,
)
from .sequences import BEARER, NULL, chain

PUT: Final = Fetch(method="PUT", headers=X_A)
HOUR: Final[Headers] = ((ACMA, "3600"),)
EVERYTHING: Final = allowing(
    ("PUT, DELETE, patch",), ("x-a, x-b, authorization",), HOUR
)
WILDCARDS: Final = Answer(204, (*ANY, (ACAM, "*"), (ACAH, "*"), *HOUR), "")
BOTH: Final = Answer(204, (*HERE, (ACAM, "*, PUT"), (ACAH, "*, x-a"), *HOUR), "")

VARIATIONS: Final = (
    PUT,
    replace(PUT, method="GET"),
    replace(PUT, headers=()),
    replace(PUT, method="DELETE"),
    replace(PUT, method="patch"),
    replace(PUT, headers=(("X-B", "1"), *X_A)),
    replace(PUT, headers=BEARER),
    replace(PUT, credentials="include"),
    replace(PUT, credentials="include", method="DELETE"),
    replace(PUT, credentials="omit"),
    replace(PUT, cache="no-store"),
    replace(PUT, cache="reload"),
    replace(PUT, cache="no-cache"),
    replace(PUT, via="xhr"),
    replace(PUT, via="xhr-upload", body=Body("text")),
)
"""A request, and others that differ from it in one thing each."""


def kept_preflights() -> Drafts:
    """Which preflights spare later ones at the same URL."""
    for age in answered.MAX_AGE:
        preflight = allowing(("PUT",), ("x-a",), lines(ACMA, age))
        yield Draft("max-age", at_a(preflight), (PUT, PUT))
    answers = {"all": EVERYTHING, "wildcards": WILDCARDS, "both": BOTH}
    for name, preflight in answers.items():
        for first in VARIATIONS:
            for second in VARIATIONS:
                yield Draft(f"kept-{name}", at_a(preflight), (first, second))
    listed: list[tuple[answered.Lines, answered.Lines]] = [
        ((), ("*",)),
        (("*",), ()),
        (("PUT",), ("*",)),
        (("*",), ("x-a",)),
    ]
    for methods, names in listed:
        headers = (*ANY, *lines(ACAM, methods), *lines(ACAH, names), *HOUR)
        resources = at_a(Answer(204, headers, ""), Answer(200, ANY))
        for first in VARIATIONS:
            yield Draft("kept-wildcard", resources, (first, first))


def kept_elsewhere() -> Drafts:
    """Which preflights spare later ones: other URLs, other pages, redirects."""
    named = Answer(204, (*NULL, *EVERYTHING.headers[2:]), "")
    for first in VARIATIONS:
        actual = Answer(200, ANY)
        refusing = at_a(EVERYTHING, Answer(200))
        yield Draft("kept-refused", refusing, (PUT, first, PUT))
        resources = {
            "api/a": Resource((EVERYTHING, Answer(403)), (READABLE, actual)),
            "other/a": Resource((EVERYTHING,), (READABLE,)),
        }
        for url in ("{other}/{case}/a", "{api}/{case}/a?q", "{api}/{case}/a#q"):
            second = replace(first, url=url)
            yield Draft("kept-place", resources, (first, second, first))
        for page in asked.NULL_PAGES:
            for answer in (WILDCARDS, named):
                places = at_a(answer, Answer(200, NULL))
                yield Draft("kept-null", places, (first, first), page)
                yield Draft("kept-null", places, (first, PUT, first), page)
        for place in ("api/a", "page/a"):
            for target in ("api/b", "other/b"):
                places = chain((place, target), (ANY, ANY), 308)
                start = replace(first, url="{" + place.replace("/", "}/{case}/"))
                yield Draft("kept-redirect", places, (start, start))


def kept_and_changed() -> Drafts:
    """What the next answer makes of the one before."""
    other = replace(PUT, headers=(("X-C", "1"),))
    for answer in (
        allowing(("PUT",), ("x-b",), HOUR),
        allowing(("PUT",), ("x-c",), HOUR),
        allowing(("PUT",), ("x-c",)),
        allowing(("PUT",), ("x-c",), ((ACMA, "0"),)),
        allowing((), ("(",), HOUR),
        Answer(204, (), ""),
        Answer(403),
        Answer(204, (*ANY, (ACAH, "*"), *HOUR), ""),
    ):
        resources = {"api/a": Resource((EVERYTHING, answer), (READABLE,))}
        yield Draft("kept-two", resources, (PUT, other, PUT, other))
        included = replace(other, credentials="include")
        yield Draft("kept-two", resources, (PUT, included, PUT, other))


def kept_for_headers() -> Drafts:
    """Which headers a page sets change what kept preflights do; safe methods too."""
    names = ("Cache-Control", "If-Match", "If-Modified-Since", "If-None-Match")
    for name in (*names, "If-Range", "If-Unmodified-Since", "Pragma", "Range", "X-B"):
        preflight = allowing(("PUT",), (f"x-a,{name}",), HOUR)
        value = "bytes=0-" if name == "Range" else "1"
        put = Fetch(method="PUT", headers=((name, value), *X_A))
        plain = replace(put, headers=X_A)
        for cache in ("default", "no-cache", "force-cache"):
            first = replace(put, cache=cache)
            yield Draft("kept-header", at_a(preflight), (first, first, plain))
    for method in ("GET", "HEAD", "POST"):
        for methods in ((), ("PUT",), ("*",), (method,)):
            for credentials in ("omit", "include"):
                fetch = Fetch(method=method, headers=X_A, credentials=credentials)
                preflight = allowing(methods, ("x-a",), HOUR)
                yield Draft("kept-safe", at_a(preflight), (fetch, fetch))
                watched = replace(fetch, via="xhr-upload", body=Body("text"))
                yield Draft("kept-safe", at_a(preflight), (watched, watched))
                watched = replace(watched, headers=())
                yield Draft("kept-safe", at_a(preflight), (watched, watched, fetch))


def expiries() -> Drafts:
    """How long answers to preflights are kept: these take seconds each."""
    soon = replace(PUT, wait=3000)
    later = replace(PUT, wait=6500)
    for age in (("1",), ("2",), ("10",), *answered.MAX_AGE):
        preflight = allowing(("PUT",), ("x-a",), lines(ACMA, age))
        yield Draft("expiry", at_a(preflight), (PUT, soon))
        yield Draft("expiry", at_a(preflight), (PUT, later))


KEEPING: Final = (
    kept_preflights,
    kept_elsewhere,
    kept_and_changed,
    kept_for_headers,
    expiries,
)
