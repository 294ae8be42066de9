"""Cases between sites: cookies, names, https, frames and referrer policies."""

from __future__ import annotations

import itertools
from typing import Final, NamedTuple

from flask_cors_policy.devtools.browser.requests import REFERRER_POLICIES

from .cases import VISIT, Answer, Body, Fetch, Headers, Resource
from .families import ACAC, ACAH, ACAM, ACAO, X_A, Draft, Drafts
from .sequences import NO_STORE, chain

# What a Set-Cookie says after name, value and Path. "__Secure" is for the name.
SITE_ATTRIBUTES: Final = (
    "",
    "SameSite=Lax",
    "SameSite=Strict",
    "SameSite=None; Secure",
    "SameSite=None; Secure; Partitioned",
)
COOKIE_ATTRIBUTES: Final = (
    *SITE_ATTRIBUTES,
    "SameSite=None",
    "samesite=none ;secure",
    "SameSite=Nonsense",
    "SameSite",
    "Secure",
    "Secure=no",
    "HttpOnly",
    "Partitioned",
    "Secure; Partitioned",
    "SameSite=Lax; Secure; Partitioned",
    "Max-Age=60",
    "Max-Age=0",
    "Max-Age=-1",
    "Max-Age=x",
    "Expires=Thu, 01 Jan 1970 00:00:01 GMT",
    "Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=60",
    "Path=/{case}/b",
    "Path=/{case}/a",
    "Path=/other",
    "Path=",
    "Domain=",
    "Domain=127.0.0.1",
    "Domain=localhost",
    "Domain=.localhost",
    "Domain=example.com",
)
DOMAIN_ATTRIBUTES: Final = (
    "__Secure",
    "__Secure; Secure",
    "Domain=example.test",
    "Domain=.example.test",
    "Domain=EXAMPLE.test",
    "Domain=app.example.test",
    "Domain=api.example.test",
    "Domain=.api.example.test",
    "Domain=test",
    "Domain=.test",
    "Domain=other.test",
    "Domain=example.test; Secure; SameSite=Strict",
)


class _From(NamedTuple):
    """Where a page is: a server, and the one that the page around it is from."""

    top: str
    frame: str = "plain"

    @property
    def server(self) -> str:
        """The server whose origin the page has."""
        return self.top if self.frame == "plain" else self.frame

    @property
    def allowed(self) -> Headers:
        """Headers that let this page read a response."""
        return ((ACAO, f"{{{self.server}}}"), (ACAC, "true"))


# From https to http, Firefox hides the Origin under these too.
_ELSEWHERE: Final = ("origin-when-cross-origin", "unsafe-url")
_LEAVING: Final = ("page/a", "api/b")
# One of each kind: names or addresses, plain or with TLS, of one site or of two.
_LOCAL: Final = (_From("page"), _From("page", "far"), _From("page", "api"))
_NAMED: Final = (
    _From("named"),
    _From("tls"),
    _From("tls", "tls_api"),
    _From("tls", "tls_far"),
    _From("named", "tls_api"),
)
_LOCAL_TARGETS: Final = ("page", "api", "far")
_NAMED_TARGETS: Final = ("named", "named_api", "tls", "tls_api", "tls_far", "far")


def cookie_attributes() -> Drafts:
    """What the attributes of a cookie say, between ports of one host and two sites."""
    for place, attributes in itertools.product(_LOCAL_TARGETS, COOKIE_ATTRIBUTES):
        yield _cookie("cookie-attributes", _LOCAL[0], place, attributes)


def cookies_in_frames() -> Drafts:
    """The same in frames of the same site, and of another one."""
    for start, place, attributes in itertools.product(
        _LOCAL[1:], _LOCAL_TARGETS, SITE_ATTRIBUTES
    ):
        yield _cookie("cookie-frame", start, place, attributes)


def cookies_of_names() -> Drafts:
    """The same between names, over http and https."""
    for start, place in itertools.product(_NAMED, _NAMED_TARGETS):
        some: tuple[str, ...] = SITE_ATTRIBUTES
        if start == _From("tls") and place in ("tls", "tls_api"):
            some = (*COOKIE_ATTRIBUTES, *DOMAIN_ATTRIBUTES)
        for attributes in some:
            yield _cookie("cookie-name", start, place, attributes)
    for setting, sending in itertools.product(_NAMED_TARGETS, repeat=2):
        for attributes in ("Domain=example.test", "SameSite=None; Secure"):
            places = (setting, sending)
            yield _cookie("cookie-shared", _From("tls"), places, attributes)


def cookies_of_visits() -> Drafts:
    """Which cookies of a server that a person has visited go to it from a page."""
    for start, place in (
        *itertools.product(_LOCAL, ("api", "far")),
        (_From("named"), "tls_api"),
        *itertools.product((_From("tls"), _From("tls", "tls_far")), _NAMED_TARGETS),
    ):
        for attributes in (*SITE_ATTRIBUTES, "SameSite=None", "Secure"):
            cookie = ("Set-Cookie", f"a=1; Path=/{{case}}/; {attributes}")
            resources = {
                f"{place}/{VISIT}": Resource((), (Answer(200, (cookie,)),)),
                f"{place}/a": Resource((), (Answer(200, start.allowed),)),
            }
            fetch = Fetch(f"{{{place}}}/{{case}}/a", credentials="include")
            where = (start.frame, start.top, place)
            yield Draft("cookie-visit", resources, (fetch,), *where)


def _cookie(
    family: str, start: _From, place: str | tuple[str, str], attributes: str
) -> Draft:
    """Return a case in which a response sets a cookie, and the next request has it."""
    setting, sending = (place, place) if isinstance(place, str) else place
    name = "__Secure-a" if attributes.startswith("__Secure") else "a"
    attributes = attributes.removeprefix("__Secure").strip("; ")
    cookie = f"{name}=1; Path=/{{case}}/; {attributes}"
    first = Answer(200, (*start.allowed, *NO_STORE, ("Set-Cookie", cookie)))
    resources = {
        f"{setting}/a": Resource((), (first,)),
        f"{sending}/b": Resource((), (Answer(200, (*start.allowed, *NO_STORE)),)),
    }
    fetches = (
        Fetch(f"{{{setting}}}/{{case}}/a", credentials="include"),
        Fetch(f"{{{sending}}}/{{case}}/b", credentials="include"),
    )
    return Draft(family, resources, fetches, start.frame, start.top)


def referrers() -> Drafts:
    """What a referrer policy makes of Referer and Origin."""
    modes = ("cors", "no-cors", "same-origin")
    for start, targets in ((_LOCAL[0], _LOCAL_TARGETS), (_NAMED[1], _NAMED_TARGETS)):
        for place, mode, method, policy in itertools.product(
            targets, modes, ("GET", "POST"), REFERRER_POLICIES
        ):
            if start.top == "tls" and place == "far" and policy in _ELSEWHERE:
                continue
            fetch = Fetch(
                f"{{{place}}}/{{case}}/a",
                method,
                mode=mode,
                body=Body("text") if method == "POST" else None,
                referrer_policy=policy,
            )
            actual = Answer(200, (*start.allowed, *NO_STORE))
            resources = {f"{place}/a": Resource((), (actual,))}
            yield Draft("referrer", resources, (fetch,), start.frame, start.top)
    for places in (_LEAVING, ("api/a", "far/b"), ("page/a", "page/b")):
        for policy in REFERRER_POLICIES[1:]:
            # WebKit hides the Origin of the first request only.
            if places == _LEAVING and policy in ("no-referrer", "same-origin"):
                continue
            fetch = Fetch(
                "{" + places[0].replace("/", "}/{case}/", 1),
                "POST",
                mode="no-cors",
                body=Body("text"),
                referrer_policy=policy,
            )
            yield Draft("referrer-redirect", chain(places, ((), ()), 307), (fetch,))


def origins() -> Drafts:
    """Requests and redirects between all kinds of pages and servers."""
    for start in (*_LOCAL[1:], *_NAMED):
        for place in (*_NAMED_TARGETS, "page", "api"):
            if start.top == "page" and place in _NAMED_TARGETS[:-1]:
                continue
            for mode in ("cors", "no-cors", "same-origin"):
                headers = (*start.allowed, *NO_STORE)
                preflight = Answer(204, (*headers, (ACAM, "PUT"), (ACAH, "x-a")), "")
                resource = Resource((preflight,), (Answer(200, headers),))
                for method, sent in (("GET", ()), ("POST", ()), ("PUT", X_A)):
                    url = f"{{{place}}}/{{case}}/a"
                    fetch = Fetch(url, method, sent, mode=mode)
                    resources = {f"{place}/a": resource}
                    yield Draft("site", resources, (fetch,), start.frame, start.top)
            if place == start.server:
                continue
            first = (*start.allowed, *NO_STORE, ("Location", f"{{{place}}}/{{case}}/b"))
            resources = {
                f"{start.server}/a": Resource((), (Answer(302, first),)),
                f"{place}/b": Resource((), (Answer(200, start.allowed),)),
            }
            fetch = Fetch(f"{{{start.server}}}/{{case}}/a")
            yield Draft("site-redirect", resources, (fetch,), start.frame, start.top)


ACROSS_SITES: Final = (
    cookie_attributes,
    cookies_in_frames,
    cookies_of_names,
    cookies_of_visits,
    referrers,
    origins,
)
