"""Cases by families: each looks at one rule, through every value in its tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from flask_cors_policy.core import fetch_standard

from . import answered, asked
from .answered import Lines
from .cases import Answer, Body, Case, Fetch, Headers, Resource

ACAO: Final = fetch_standard.ALLOW_ORIGIN
ACAC: Final = fetch_standard.ALLOW_CREDENTIALS
ACAM: Final = fetch_standard.ALLOW_METHODS
ACAH: Final = fetch_standard.ALLOW_HEADERS
ACMA: Final = fetch_standard.MAX_AGE
ACEH: Final = fetch_standard.EXPOSE_HEADERS

ANY: Final[Headers] = ((ACAO, "*"),)
HERE: Final[Headers] = ((ACAO, "{page}"), (ACAC, "true"))
READABLE: Final = Answer(200, HERE)
X_A: Final[Headers] = (("X-A", "1"),)


class Draft(NamedTuple):
    """A case that has no id yet."""

    family: str
    resources: dict[str, Resource]
    fetches: tuple[Fetch, ...]
    page: str = "plain"
    top: str = "page"
    visited: str = ""

    def case(self, number: int) -> Case:
        """Return the case, with an id made of *number*."""
        return Case(f"{self.family}-{number}", *self)


Drafts = Iterator[Draft]


def lines(name: str, values: Lines) -> Headers:
    """Return one header line for each value."""
    return tuple((name, value) for value in values)


def at_a(preflight: Answer, actual: Answer = READABLE) -> dict[str, Resource]:
    """Return the one resource ``{api}/{case}/a``."""
    return {"api/a": Resource((preflight,), (actual,))}


def allowing(
    methods: Lines = (), names: Lines = (), more: Headers = (), status: int = 204
) -> Answer:
    """Return the answer to a preflight that allows this page all it lists."""
    headers = (*HERE, *lines(ACAM, methods), *lines(ACAH, names), *more)
    return Answer(status, headers, "")


def cors_checks() -> Drafts:
    """The CORS check on a simple request, and on a preflight and what follows it."""
    for allowed in answered.ALLOW_ORIGIN:
        for credentials in asked.CREDENTIALS:
            headers = (*lines(ACAO, allowed), (ACAC, "true"))
            fetch = Fetch(credentials=credentials)
            actual = Answer(200, headers)
            yield Draft("origin", at_a(Answer(), actual), (fetch,))
            fetch = replace(fetch, headers=X_A)
            preflight = Answer(204, (*headers, (ACAH, "x-a")), "")
            yield Draft("origin-preflight", at_a(preflight), (fetch,))
        fetch = Fetch(credentials="include")
        for page in asked.NULL_PAGES:
            actual = Answer(200, (*lines(ACAO, allowed), (ACAC, "true")))
            yield Draft("origin-null", at_a(Answer(), actual), (Fetch(),), page)
            yield Draft("origin-null", at_a(Answer(), actual), (fetch,), page)
    for allowed in answered.ALLOW_CREDENTIALS:
        for credentials in asked.CREDENTIALS:
            headers = ((ACAO, "{page}"), *lines(ACAC, allowed))
            fetch = Fetch(credentials=credentials)
            actual = Answer(200, headers)
            yield Draft("credentials", at_a(Answer(), actual), (fetch,))
            fetch = replace(fetch, headers=X_A)
            preflight = Answer(204, (*headers, (ACAH, "x-a")), "")
            yield Draft("credentials-preflight", at_a(preflight), (fetch,))


def methods() -> Drafts:
    """Methods against the lists of them."""
    for method in asked.METHODS:
        for allowed in answered.ALLOW_METHODS:
            filled = tuple(
                value.replace("{m}", method)
                .replace("{l}", method.lower())
                .replace("{u}", method.upper())
                for value in allowed
            )
            for credentials in ("omit", "include"):
                fetch = Fetch(method=method, credentials=credentials)
                yield Draft("method", at_a(allowing(filled)), (fetch,))
                if method in ("GET", "HEAD", "POST"):
                    fetch = replace(fetch, headers=X_A)
                    preflight = allowing(filled, ("x-a",))
                    yield Draft("method-header", at_a(preflight), (fetch,))
    for method in asked.NEVER_SENT_METHODS:
        for via in ("fetch", "xhr"):
            fetch = Fetch(method=method, via=via)
            yield Draft("method-never", at_a(allowing(("*",))), (fetch,))


def headers() -> Drafts:
    """Header names against the lists of them."""
    for sent in asked.REQUEST_HEADERS:
        names = ",".join(sorted({name.lower() for name, _ in sent}))
        for allowed in answered.ALLOW_HEADERS:
            filled = tuple(value.replace("{h}", names) for value in allowed)
            for credentials in ("same-origin", "include"):
                fetch = Fetch("{api}/{case}/a", "POST", sent, credentials)
                yield Draft("header", at_a(allowing((), filled)), (fetch,))


def _asking(family: str, sent: Headers, method: str = "GET") -> Draft:
    """Return a case whose point is whether there is a preflight, and for what."""
    names = tuple({name.lower(): None for name, _ in sent})
    body = Body("text") if method == "POST" else None
    return Draft(
        family,
        at_a(allowing(("*",), (",".join(names),))),
        (Fetch(method=method, headers=sent, body=body),),
    )


# All bytes that a page can put into a header.
_BYTES: Final = [code for code in range(1, 0x100) if code not in (10, 13)]
_TEXTS: Final = ("", " ", "\ta ", "a\nb", "a\rb", "a\0b", "a€", "\x0ba", "a\x0c")


def safelisted_bytes() -> Drafts:
    """What needs a preflight: bytes in values."""
    for name in ("Accept", "Accept-Language", "Content-Language"):
        for text in (*(f"a{chr(code)}b" for code in _BYTES), *_TEXTS):
            yield _asking("byte", ((name, text),))
    for code in _BYTES:
        yield _asking("byte", (("Content-Type", f"text/plain;a=b{chr(code)}c"),))
        yield _asking("byte", (("X-A", f"a{chr(code)}b"),))


def safelisted_lengths() -> Drafts:
    """What needs a preflight: lengths."""
    for name in ("Accept", "Accept-Language", "Content-Language"):
        for length in (127, 128, 129, 1024, 1025):
            yield _asking("length", ((name, "a" * length),))
            yield _asking("length", ((name, " " + "a" * (length - 2) + " "),))
        for first, second in ((63, 63), (64, 62), (63, 64), (128, 128)):
            twice = ((name, "a" * first), (name.lower(), "b" * second))
            yield _asking("length", twice)
        yield _asking("length", ((name, "a"), (name, "(")))
    four = ("Accept", "Accept-Language", "Content-Language", "Content-Type")
    kinds = {"Content-Type": "text/plain;"}
    filled = tuple((name, kinds.get(name, "").ljust(128, "a")) for name in four)
    hints = ("DPR", "Downlink", "RTT", "Viewport-Width", "Width", "Device-Memory")
    for count in range(len(hints)):
        more = tuple((name, "1".rjust(128, "0")) for name in hints[:count])
        yield _asking("length-all", (*filled, *more))
    many = tuple((f"X-{number}", "1") for number in range(60))
    yield _asking("many", (*many, *many))


def safelisted_values() -> Drafts:
    """What needs a preflight: names and whole values."""
    for content_type in asked.CONTENT_TYPES:
        yield _asking("content-type", (("Content-Type", content_type),), "POST")
        yield _asking("content-type", (("Content-Type", content_type),))
    for value in asked.RANGES:
        yield _asking("range", (("Range", value),))
    yield _asking("range", (("Range", "bytes=0-1"), ("Range", "bytes=2-3")))
    for name in asked.REQUEST_NAMES:
        yield _asking("name", ((name, "1"),))
        yield _asking("name", ((name.lower(), ""), ("X-A", "1")))
    for name in asked.HINTS:
        for value in (*asked.HINT_VALUES, *asked.MORE_HINT_VALUES):
            yield _asking("hint", ((name, value),))
    for name in ("X-HTTP-Method", "X-HTTP-Method-Override", "x-method-override"):
        for value in asked.METHOD_OVERRIDES:
            yield _asking("override", ((name, value),))
    for name in ("", "a b", "a:b", "é", "a(", " a", "a\n"):
        yield _asking("name-never", ((name, "1"),))


def repeated_headers() -> Drafts:
    """One header set twice: what is sent, and what a preflight asks for."""
    for first, second in asked.REPEATED:
        sent = (first, second)
        names = ",".join({name.lower(): None for name, _ in sent})
        for via in ("fetch", "xhr"):
            for method in ("GET", "POST"):
                fetch = Fetch(method=method, headers=sent, via=via)
                preflight = allowing((), (names,))
                yield Draft("repeated", at_a(preflight), (fetch,))
        for mode in ("no-cors", "same-origin"):
            for url in ("{page}/{case}/a", "{api}/{case}/a"):
                fetch = Fetch(url, "POST", sent, mode=mode)
                place = f"{url[1:].partition('}')[0]}/a"
                yield Draft("repeated", {place: Resource()}, (fetch,))


def bodies() -> Drafts:
    """Bodies, with the types they bring and those that pages set."""
    kinds = [Body(kind) for kind in ("text", "urlencoded", "formdata", "bytes")]
    kinds += [Body("blob", kind) for kind in ("", "text/plain", "application/json")]
    # What XMLHttpRequest makes of these is a matter of its own.
    for_fetch = [Body("blob", kind) for kind in ("Text/Plain;a=b", "bad", "a/b;(")]
    for body in [*kinds, *for_fetch, Body("stream")]:
        yield from _body(body, "fetch", ("POST", "PUT", "GET", "DELETE"))
    for body in kinds:
        for via in ("xhr", "xhr-upload"):
            yield from _body(body, via, ("POST", "PUT", "DELETE"))
    for method, via, sent, credentials in itertools.product(
        ("GET", "HEAD", "POST", "PUT", "foo"),
        ("xhr", "xhr-upload"),
        ((), X_A),
        ("omit", "include"),
    ):
        fetch = Fetch("{api}/{case}/a", method, sent, credentials, via=via)
        yield Draft("xhr", at_a(allowing((method,), ("x-a",))), (fetch,))


def _body(body: Body, via: str, methods: tuple[str, ...]) -> Drafts:
    set_by_page: tuple[Headers, ...] = (
        (),
        (("Content-Type", "text/plain"),),
        (("Content-Type", "application/json"),),
        (("content-type", ""),),
    )
    for sent in set_by_page:
        for method in methods:
            fetch = Fetch(method=method, headers=sent, body=body, via=via)
            preflight = allowing(("*",), ("content-type",))
            family = "body-stream" if body.kind == "stream" else "body"
            yield Draft(family, at_a(preflight), (fetch,))


def statuses() -> Drafts:
    """Every status, of a preflight and of the response."""
    for status in (*range(200, 210), 226, 299, *range(300, 310), 399, *range(400, 419)):
        if status != 408:  # Chromium asks again, up to five times.
            yield from _status(status)
    for status in (422, 425, 429, 431, 451, 499, 500, 501, 502, 503, 504, 511, 599):
        yield from _status(status)
    for status in (600, 700, 999):
        yield from _status(status)


def _status(status: int) -> Drafts:
    elsewhere = ("Location", "{api}/{case}/b")
    plain: Headers = (("Cache-Control", "no-store"),)
    # A browser asks a person for a password where a server says how to.
    for more in (plain, (*plain, elsewhere)):
        preflight = allowing(("PUT",), (), more, status)
        yield Draft("status-preflight", at_a(preflight), (Fetch(method="PUT"),))
        for headers in (HERE, ()):
            actual = Answer(status, (*headers, *more))
            resources = at_a(allowing(), actual)
            resources["api/b"] = Resource((allowing(),), (READABLE,))
            yield Draft(f"status-{status // 100}xx", resources, (Fetch(),))


def exposed() -> Drafts:
    """Which headers of a response can be read."""
    cookie = ("Set-Cookie", "a=1; Path=/{case}/")
    for allowed in answered.EXPOSE:
        headers = (*HERE, *answered.RESPONSE_HEADERS, cookie, *lines(ACEH, allowed))
        for credentials in asked.CREDENTIALS:
            resources = at_a(Answer(), Answer(200, headers))
            yield Draft("exposed", resources, (Fetch(credentials=credentials),))
            resources = at_a(Answer(), Answer(404, headers))
            xhr = Fetch(credentials=credentials, via="xhr")
            yield Draft("exposed", resources, (xhr,))
        here = {"page/a": Resource((), (Answer(200, headers),))}
        yield Draft("exposed", here, (Fetch("{page}/{case}/a"),))
        null = (*ANY, *answered.RESPONSE_HEADERS, *lines(ACEH, allowed))
        yield Draft("exposed", at_a(Answer(), Answer(200, null)), (Fetch(),), "data")


def modes() -> Drafts:
    """The modes of a request, and their limits."""
    urls = ("{api}/{case}/a", "{page}/{case}/a", "{far}/{case}/a#x")
    sent: tuple[Headers, ...] = ((), X_A, (("Content-Type", "application/json"),))
    for url, mode, method, names, redirect, page in itertools.product(
        urls,
        ("cors", "no-cors", "same-origin"),
        ("GET", "HEAD", "POST", "PUT", "foo"),
        sent,
        ("follow", "error", "manual"),
        ("plain", "sandboxed"),
    ):
        fetch = Fetch(url, method, names, "include", mode, redirect)
        preflight = allowing(("*", method), ("*,x-a,content-type",))
        place = f"{url[1:].partition('}')[0]}/a"
        resources = {place: Resource((preflight,), (READABLE,))}
        yield Draft("mode", resources, (fetch,), page)


def cache_modes_and_urls() -> Drafts:
    """The cache modes of a request; URLs that are none, or are written loosely."""
    for cache in ("no-store", "reload", "no-cache", "force-cache", "only-if-cached"):
        for mode in ("cors", "no-cors"):
            for sent in ((), X_A):
                fetch = Fetch(headers=sent, mode=mode, cache=cache)
                yield Draft("cache-mode", at_a(allowing((), ("x-a",))), (fetch,))
    for url in asked.URLS:
        places = {
            f"{server}/a": Resource((), (Answer(200, HERE),))
            for server in ("api", "far", "blocked")
        }
        yield Draft("url", places, (Fetch(url),))
    for query in ("?a=b c", "?é=€", "?<>\"'`^|{}", "?a%20b%", "#f?x", "?", "?a#"):
        fetch = Fetch(f"{{api}}/{{case}}/a{query}", headers=X_A)
        yield Draft("url", at_a(allowing((), ("x-a",))), (fetch, fetch))


FAMILIES: Final = (
    cors_checks,
    methods,
    headers,
    safelisted_bytes,
    safelisted_lengths,
    safelisted_values,
    repeated_headers,
    bodies,
    statuses,
    exposed,
    modes,
    cache_modes_and_urls,
)
