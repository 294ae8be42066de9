"""What the model of a browser says of a case, held against what a browser did."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask_cors_policy.devtools import browser as model
from flask_cors_policy.devtools.browser import Engine, PreflightCache
from flask_cors_policy.devtools.browser.cookies import CookieJar, CookieRefused
from flask_cors_policy.devtools.browser.urls import URL, parse_url

from .answers import Programs
from .cases import VISIT, Answer, Body, Case, Fetch, Headers, Seen, Sent

# What browsers add of their own to a request, and the model leaves to whoever carries
# the message, or says nothing of.
ADDED: Final = frozenset(
    {
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-length",
        "host",
        "if-modified-since",
        "if-none-match",
        "pragma",
        "priority",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "sec-fetch-storage-access",
        "user-agent",
    }
)
AFTER_REDIRECTS: Final = frozenset(
    {
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "user-agent",
    }
)
# Firefox has its own way with an empty Priority.
NOT_COMPARED: Final = frozenset({"priority"})
_LAST: Final = ("authorization", "content-type")
# The boundary of a form is the browser's own choice.
_BOUNDARY: Final = "multipart/form-data; boundary="


class _Carrier:
    """Carries the messages of the model to the programs of a case, with cookies."""

    def __init__(self, case: Case, origins: Mapping[str, str], engine: Engine) -> None:
        self._case = case
        self._origins = origins
        self._servers = {
            origin.rpartition(":")[2]: name for name, origin in origins.items()
        }
        self._programs = Programs(case)
        self._page = case.origin(origins)
        self._top = origins[case.top]
        self._jar = CookieJar(engine, time.time)
        self.sent: list[Sent] = []
        if case.visited:
            origin = origins[case.visited]
            url = parse_url(f"{origin}/{case.id}/{VISIT}")
            answer = self._programs.answer(
                case.visited, VISIT, Sent(str(url), "GET", ())
            )
            assert answer is not None
            self._take(answer, url, origin, origin)

    def __call__(self, request: model.Sent) -> model.Received | None:
        """Answer *request*, and note it where a server would."""
        url = request.url
        headers = request.headers
        if request.credentials and (cookies := "; ".join(self._cookies(url))):
            headers = (*headers, ("Cookie", cookies))
        server = self._servers.get(str(url.port))
        if server is None:
            return None
        # However the host is written: a server does not know.
        sent = Sent(self._origins[server] + url.target, request.method, headers)
        _, owner, *rest = url.path.split("/", 2)
        if owner != self._case.id or not rest:
            return None
        answer = self._programs.answer(server, rest[0], sent)
        if answer is None:
            return model.Received(404, (("Content-Length", "0"),))
        self.sent.append(sent)
        if request.credentials:
            self._take(answer, url, self._page, self._top)
        return model.Received(answer.status, answer.headers, answer.body.encode())

    def _take(self, answer: Answer, url: URL, page: str, top: str) -> None:
        """Keep the cookies of a response."""
        for name, value in answer.headers:
            if name == "Set-Cookie":
                with contextlib.suppress(CookieRefused):
                    self._jar.take(value, url, page, top)

    def _cookies(self, url: URL) -> Iterator[str]:
        """Yield the cookies that go to *url*."""
        for cookie in self._jar.known_to(url):
            if not self._jar.why_not_sent(cookie, url, self._page, self._top):
                yield f"{cookie.name}={cookie.value}"


def predict(case: Case, origins: Mapping[str, str], engine: Engine) -> list[Seen]:
    """Return what the model says of each fetch of *case* in *engine*.

    :param case: filled in.
    :param origins: what it was filled in with.
    """
    now = 0.0
    cache = PreflightCache(engine, lambda: now)
    page = model.Page(case.origin(origins), engine)
    carrier = _Carrier(case, origins, engine)
    predicted = []
    for fetch in case.fetches:
        now += fetch.wait / 1000
        carrier.sent = []
        outcome = model.drive(model.fetch(page, _page_request(fetch), cache), carrier)
        predicted.append(_seen(outcome, tuple(carrier.sent)))
    return predicted


def _page_request(fetch: Fetch) -> model.PageRequest:
    """Return *fetch* as the model takes it."""
    body = None if fetch.body is None else _body(fetch.body)
    if fetch.via == "fetch":
        return model.PageRequest(
            fetch.url,
            fetch.method,
            fetch.headers,
            body,
            fetch.mode,
            fetch.credentials,
            fetch.redirect,
            fetch.cache,
            referrer_policy=fetch.referrer_policy,
        )
    # https://xhr.spec.whatwg.org/#the-send()-method: no body with these two, and no
    # credentials mode "omit".
    if fetch.method.upper() in ("GET", "HEAD"):
        body = None
    include = fetch.credentials == "include"
    return model.PageRequest(
        fetch.url,
        fetch.method,
        # https://xhr.spec.whatwg.org/#the-setrequestheader()-method joins values.
        joined(fetch.headers),
        body,
        credentials="include" if include else "same-origin",
        upload_listener=fetch.via == "xhr-upload",
    )


def _body(body: Body) -> model.Body:
    match body.kind:
        case "text":
            return model.Body.text("text")
        case "urlencoded":
            return model.Body.urlencoded([("a", "1")])
        case "formdata":
            return model.Body(b"form", _BOUNDARY)
        case "blob":
            return model.Body(b"blob", body.type.lower() or None)
        case "stream":
            return model.Body(b"\x01", stream=True)
        case _:
            return model.Body(b"\x01\x02\x03")


def _seen(outcome: model.Outcome, sent: tuple[Sent, ...]) -> Seen:
    readable = outcome.readable
    if readable is None:
        return Seen(False, sent=sent)
    return Seen(
        True,
        type=readable.kind,
        status=readable.status,
        url="" if readable.url is None else str(readable.url),
        headers=joined(readable.headers),
        body=readable.body.decode(),
        sent=sent,
    )


def joined(headers: Headers) -> Headers:
    """Return *headers* as a page sees them: one value a name, in order."""
    names = sorted({name.lower() for name, _ in headers})
    together = Sent("", "", headers)
    return tuple((name, together.value(name) or "") for name in names)


def differences(case: Case, fetch: Fetch, expected: Seen, got: Seen) -> Iterator[str]:
    """Yield what is different in *got*, which became of *fetch*, for people."""
    if expected.ok != got.ok:
        yield f"the page gets {_outcome(got)}, not {_outcome(expected)}"
    elif expected.ok:
        yield from _reading_differences(fetch, expected, got)
    wanted_lines = [_line(sent) for sent in expected.sent]
    found_lines = [_line(sent) for sent in got.sent]
    if wanted_lines != found_lines:
        yield f"on the wire: {found_lines}, not {wanted_lines}"
        return
    redirected = False
    for wanted, found in zip(expected.sent, got.sent, strict=True):
        ignored = _ignored(case, fetch, redirected=redirected)
        if wanted.is_preflight:  # Chromium sends it over plain http, too.
            ignored |= {"sec-fetch-mode"}
        yield from _header_differences(wanted, found, ignored)
        redirected = redirected or not wanted.is_preflight


def _reading_differences(fetch: Fetch, expected: Seen, got: Seen) -> Iterator[str]:
    """Yield what is different in what the page can read."""
    for name in ("type", "status", "headers", "body", "url"):
        wanted: Any = getattr(expected, name)
        found: Any = getattr(got, name)
        if name == "type" and fetch.via != "fetch":  # XMLHttpRequest does not say.
            continue
        if name == "url":
            found = re.sub("#.*|(?<=//)[^/]*@", "", got.url or "")
        if name == "headers":
            wanted, found = _different(expected.headers, got.headers)
        if wanted != found:
            yield f"the page reads {name} {found!r}, not {wanted!r}"


def _ignored(case: Case, fetch: Fetch, *, redirected: bool) -> frozenset[str]:
    """Return the names of request headers that are not compared."""
    ignored = NOT_COMPARED
    if redirected:  # Each engine has its own idea of these after a redirect.
        ignored |= AFTER_REDIRECTS
    if fetch.via != "fetch":  # XMLHttpRequest writes "charset" in its own way.
        ignored |= {"content-type"}
    names = Counter(name.lower() for name, _ in fetch.headers)
    if fetch.mode != "no-cors":  # Of two lines Firefox sends the last one.
        ignored |= {name for name in _LAST if names[name] > 1}
    if case.is_null:  # Whose site is that?
        ignored |= {"cookie", "referer"}
    if case.is_null and fetch.mode == "no-cors":
        ignored |= {"origin"}  # And of this, where it is no matter of CORS.
    return ignored


def _outcome(seen: Seen) -> str:
    return f"a response ({seen.status})" if seen.ok else f"an error ({seen.error})"


def _line(sent: Sent) -> str:
    return f"{'preflight ' * sent.is_preflight}{sent.method} {sent.url}"


def _header_differences(
    expected: Sent, got: Sent, ignored: frozenset[str]
) -> Iterator[str]:
    wanted, found = _different(joined(expected.headers), joined(got.headers))
    for name in sorted({*wanted, *found} - ignored):
        value, other = wanted.get(name), found.get(name)
        if value == _BOUNDARY and other is not None and other.startswith(_BOUNDARY):
            continue
        if name == "range" and other is not None and value is not None:
            continue  # Chromium writes it anew: "bytes=00-010" as "bytes=0-10".
        if value is not None or name not in ADDED:
            yield f"{_line(got)}: {name} is {other!r}, not {value!r}"


def _different(
    wanted: Headers, found: Headers
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is in one of two header lists and not in the other."""
    one, other = (
        {(name, _ascii(value)) for name, value in it} for it in (wanted, found)
    )
    return (
        {name: value for name, value in wanted if (name, _ascii(value)) not in other},
        {name: value for name, value in found if (name, _ascii(value)) not in one},
    )


def _ascii(value: str) -> str:
    """Return *value* without what lies beyond ASCII: WebKit takes it for UTF-8."""
    return re.sub(r"[^\x00-\x7f]+", "?", value)
