"""Cases in which one thing follows another: redirects, and cookies."""

from __future__ import annotations

from typing import Final

from . import asked
from .cases import Answer, Body, Fetch, Headers, Resource
from .families import (
    ACAC,
    ACAH,
    ACAM,
    ACAO,
    ANY,
    HERE,
    READABLE,
    X_A,
    Draft,
    Drafts,
    allowing,
    lines,
)

JSON: Final[Headers] = (("Content-Type", "application/json"),)
BEARER: Final[Headers] = (("Authorization", "Bearer t"),)
NULL: Final[Headers] = ((ACAO, "null"), (ACAC, "true"))
NO_STORE: Final[Headers] = (("Cache-Control", "no-store"),)


def chain(
    places: tuple[str, ...],
    allowed: tuple[Headers, ...],
    status: int = 302,
    names: str = "x-a,content-type,authorization",
) -> dict[str, Resource]:
    """Return resources that redirect from one of *places* to the next.

    :param places: as ``api/a``.
    :param allowed: the headers about the origin that each of them sends.
    """
    resources = {}
    following = [*places[1:], None]
    for place, headers, after in zip(places, allowed, following, strict=True):
        if after is None:
            actual = Answer(200, (*headers, *NO_STORE))
        else:
            server, _, name = after.partition("/")
            location = ("Location", f"{{{server}}}/{{case}}/{name}")
            actual = Answer(status, (*headers, *NO_STORE, location))
        preflight = Answer(204, (*headers, (ACAM, "*,PUT"), (ACAH, names)), "")
        resources[place] = Resource((preflight,), (actual,))
    return resources


CHAINS: Final = (
    ("api/a", "api/b"),
    ("api/a", "other/b"),
    ("api/a", "page/b"),
    ("api/a", "far/b"),
    ("page/a", "page/b"),
    ("page/a", "api/b"),
    ("page/a", "api/b", "page/c"),
    ("page/a", "api/b", "api/c"),
    ("api/a", "other/b", "api/c"),
    ("api/a", "other/b", "other/c"),
    ("api/a", "page/b", "api/c"),
    ("page/a", "api/b", "other/c"),
)


def redirects() -> Drafts:
    """Redirects within an origin and across, and what they taint."""
    for places in CHAINS:
        start = "{" + places[0].replace("/", "}/{case}/", 1)
        yield from _tainting(places, start)
        for status in (301, 303, 307, 308):
            for method in ("GET", "POST", "PUT", "HEAD", "foo"):
                body = Body("text") if method in ("POST", "PUT", "foo") else None
                fetch = Fetch(start, method, body=body)
                resources = chain(places, (*[HERE] * (len(places) - 1), ANY), status)
                yield Draft("redirect-status", resources, (fetch,))
        for redirect in ("error", "manual"):
            for page in ("plain", "sandboxed"):
                fetch = Fetch(start, redirect=redirect)
                resources = chain(places, (ANY,) * len(places))
                yield Draft("redirect-mode", resources, (fetch,), page)
        for page in asked.NULL_PAGES:
            for allowed in ((ANY,) * len(places), (NULL,) * len(places)):
                for sent in ((), X_A):
                    fetch = Fetch(start, headers=sent)
                    yield Draft("redirect-null", chain(places, allowed), (fetch,), page)
    yield from _locations()


def _tainting(places: tuple[str, ...], start: str) -> Drafts:
    """Which origin is named on the way, and what goes along."""
    first, *rest = [HERE] * len(places)
    patterns: list[tuple[Headers, ...]] = [
        (first, *rest),
        (ANY,) * len(places),
        (first, *[NULL] * len(rest)),
        (*rest, NULL),
        ((), *rest),
        (*rest, ()),
    ]
    requests: list[tuple[str, str, Headers]] = [
        ("simple", "GET", ()),
        ("header", "GET", X_A),
        ("json", "POST", JSON),
        ("put", "PUT", ()),
        ("token", "GET", BEARER),
    ]
    for allowed in patterns:
        for kind, method, sent in requests:
            body = Body("text") if method in ("POST", "PUT") else None
            for credentials in ("same-origin", "include"):
                fetch = Fetch(start, method, sent, credentials, body=body)
                yield Draft(f"redirect-{kind}", chain(places, allowed), (fetch,))


def redirected_headers() -> Drafts:
    """Which headers go along."""
    for name in (*asked.HINTS, "X-A", "User-Agent", "Accept", "Range"):
        for places in (CHAINS[0], CHAINS[1], CHAINS[4], CHAINS[5]):
            start = "{" + places[0].replace("/", "}/{case}/", 1)
            for value in ("on", "1", "4g", "("):
                fetch = Fetch(start, headers=((name, value),))
                resources = chain(places, (ANY, ANY), 302, name)
                yield Draft("redirect-header", resources, (fetch,))


def _locations() -> Drafts:
    """Where a redirect may lead, or not."""
    elsewhere = Resource((allowing((), ("x-a",)),), (READABLE,))
    for location in (
        (),
        ("",),
        ("b",),
        ("/{case}/b",),
        ("//{blocked.host}/{case}/b",),
        ("?q",),
        ("#f",),
        ("{other}/{case}/b#f",),
        ("{api}/{case}/b", "{other}/{case}/b"),
        ("http://user@{other.host}/{case}/b",),
        ("data:text/plain,x",),
        ("about:blank",),
        ("javascript:1",),
        ("ftp://127.0.0.1/",),
        ("blob:{page}/x",),
        ("http:///{other.host}/{case}/b",),
        ("http://local host:{far.port}/{case}/b",),
        ("{api}/{case}/b c",),
        ("{api}/{case}/é",),
    ):
        # A redirect that no network stack takes for one cannot be looked at, by some.
        odd = len(location) != 1 or location[0] in ("", "ftp://127.0.0.1/")
        # After a redirect, WebKitGTK sends the preflight even to a blocked port.
        blocked = location[:1] == ("//{blocked.host}/{case}/b",)
        for sent in ((),) if blocked else ((), X_A):
            for redirect in ("follow", "error", *(() if odd else ("manual",))):
                headers = (*HERE, *NO_STORE, *lines("Location", location))
                actuals = (Answer(302, headers), READABLE)
                resources = {
                    f"{server}/b": elsewhere
                    for server in ("api", "other", "far", "blocked")
                }
                resources["api/a"] = Resource((allowing((), ("x-a",)),), actuals)
                fetch = Fetch(headers=sent, redirect=redirect)
                yield Draft("location", resources, (fetch,))
    for count in (19, 20, 21):
        places = tuple(f"api/{chr(97 + number)}" for number in range(count + 1))
        yield Draft("redirect-count", chain(places, (ANY,) * (count + 1)), (Fetch(),))
    for target in ("user:secret@{api.host}", "user@{page.host}", "@{api.host}"):
        url = f"http://{target}/{{case}}/b"
        headers = (*HERE, *NO_STORE, ("Location", url))
        resources = {
            "api/a": Resource((allowing(),), (Answer(302, headers),)),
            "api/b": elsewhere,
            "page/b": elsewhere,
        }
        yield Draft("redirect-userinfo", resources, (Fetch(),))
        from_here = {"page/a": resources["api/a"], **resources}
        fetch = Fetch("{page}/{case}/a")
        yield Draft("redirect-userinfo", from_here, (fetch,))


def cookies() -> Drafts:
    """Whose cookies go with which requests."""
    for place in ("api", "page", "far"):
        for setting in asked.CREDENTIALS:
            for sending in asked.CREDENTIALS:
                for headers in ((), X_A):
                    cookie = ("Set-Cookie", "a=1; Path=/{case}/")
                    actual = Answer(200, (*HERE, cookie, *NO_STORE))
                    resource = Resource((allowing((), ("x-a",)),), (actual,))
                    url = f"{{{place}}}/{{case}}/a"
                    first = Fetch(url, headers=headers, credentials=setting)
                    second = Fetch(url, headers=headers, credentials=sending)
                    yield Draft("cookie", {f"{place}/a": resource}, (first, second))


SEQUENCES: Final = (redirects, redirected_headers, cookies)
