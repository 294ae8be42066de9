"""The cookies of one browser, and why one was not sent, or not kept.

Rule 1. A response may set cookies for its own host, and for a domain above it that is
        no public suffix (RFC 6265, 5.3; https://publicsuffix.org/).
Rule 2. A cookie goes back to the host or domain it was set for, to its Path, and, where
        it is Secure, to https and this machine only (RFC 6265, 5.4).
Rule 3. Between sites, only cookies with SameSite=None go, or are taken, and these must
        be Secure. A cookie that says nothing is SameSite=Lax (draft-ietf-httpbis-
        rfc6265bis, 5.7 and 5.8). A page's ``fetch()`` is never the top-level
        navigation for which Lax makes an exception.
Rule 4. Browsers differ about all of Rule 3 (``devtools.browser.variants``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Final

from ...core.errors import plain
from ...core.origin import is_ip_address
from ...core.public_suffix import is_public_suffix
from .engines import Engine
from .sites import same_site
from .urls import URL
from .variants import STANDARD_COOKIES, CookieRules, ThirdParty

MAX_COOKIE: Final = 4096
"""Bytes of name and value together."""

_SPACE: Final = " \t"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SECONDS: Final = re.compile(r"-?[0-9]{1,18}")
_NOT_SECURE: Final = (
    "it is Secure, and the URL is plain http.",
    "Serve the API over https.",
)
_SAME_SITE: Final = {"none": "None", "lax": "Lax", "strict": "Strict"}


class CookieRefused(ValueError):
    """No browser keeps this cookie; the text says why, and what to write.

    :ivar why: why.
    :ivar fix: what to write; empty if the text says no more.
    """

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(f"{why} {fix}".rstrip())
        self.why = why
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie as a browser keeps it.

    :param domain: the host, or, unless *host_only*, the domain it is for.
    :param same_site: ``None``, ``Lax`` or ``Strict``; empty if the cookie says
        nothing, which counts as ``Lax``.
    :param expires: by the browser's clock, in seconds; ``None`` keeps it as long as
        the browser runs.
    :param partitioned: whether it has the attribute Partitioned.
    :param partition: the origin of a page of the only site whose pages send it; empty
        if the cookie is not partitioned.
    :param across: whether it was set between two sites, as in a frame of another site.
        A partitioned cookie is sent in the same situation only.
    """

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    expires: float | None = None
    partitioned: bool = False
    partition: str = ""
    across: bool = False

    def is_for(self, host: str) -> bool:
        """Say whether *host* may have it (RFC 6265, 5.1.3)."""
        if host == self.domain:
            return True
        return not self.host_only and _is_below(host, self.domain)

    def is_under(self, path: str) -> bool:
        """Say whether a request to *path* may have it (RFC 6265, 5.1.4)."""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")


class CookieJar:
    """The cookies of one browser.

    :param clock: returns seconds since the epoch.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._rules = engine.cookies
        self._clock = clock
        # In the order in which they were first set.
        self._cookies: dict[tuple[str, str, str, str, bool], Cookie] = {}

    def __iter__(self) -> Iterator[Cookie]:
        now = self._clock()
        for cookie in list(self._cookies.values()):
            if cookie.expires is None or cookie.expires > now:
                yield cookie

    def take(self, header: str, url: URL, page: str, top: str = "") -> None:
        """Keep the cookie of a Set-Cookie that a response of *url* has.

        :param page: the origin of the page that asked.
        :param top: of the page that it is a frame in, if it is one.
        :raises CookieRefused: if no browser would.
        """
        cookie = parse_cookie(header, url, self._clock(), self._rules)
        third_party = self._rules.third_party
        partitioned = cookie.partitioned and self._rules.partitioned
        other = self._other_site(url, page, top)
        if other:
            why = self._why_not_same_site(cookie, url, other)
            if not partitioned and third_party in (ThirdParty.BLOCKED, ThirdParty.SENT):
                why = why or self._one_site(url, other)
            if why:
                raise CookieRefused(why)
            partitioned = partitioned or third_party is ThirdParty.PARTITIONED
        if partitioned:
            partition = self._partition(top or page)
            cookie = replace(cookie, partition=partition, across=bool(other))
        key = (cookie.name, cookie.domain, cookie.path, cookie.partition, cookie.across)
        self._cookies[key] = cookie
        if cookie.expires is not None and cookie.expires <= self._clock():
            del self._cookies[key]

    def clear(self) -> None:
        """Forget all cookies."""
        self._cookies.clear()

    def known_to(self, url: URL) -> list[Cookie]:
        """Return the cookies set for the host of *url*, those for longer paths first.

        The order is that of RFC 6265, 5.4, step 2.
        """
        found = [cookie for cookie in self if cookie.is_for(url.host)]
        return sorted(found, key=lambda cookie: -len(cookie.path))

    def why_not_sent(self, cookie: Cookie, url: URL, page: str, top: str = "") -> str:
        """Say why a page does not send *cookie* to *url*; empty if it does.

        :param page: the origin of the page.
        :param top: of the page that it is a frame in, if it is one.
        """
        if not cookie.is_under(url.path):
            return f"it is for the path {plain(cookie.path)}. Set it with Path=/."
        if cookie.secure and not may_be_secure(url, self._rules):
            return " ".join(_NOT_SECURE)
        if cookie.partition and not same_site(cookie.partition, top or page):
            return f"it is kept for pages of the site of {cookie.partition}."
        other = self._other_site(url, page, top)
        if cookie.partition and cookie.across != bool(other):
            return "it is Partitioned, and was set outside of this frame."
        if not other:
            return ""
        why = self._why_not_same_site(cookie, url, other)
        third_party = self._rules.third_party
        alone = third_party in (ThirdParty.BLOCKED, ThirdParty.PARTITIONED)
        if alone and not cookie.partition:
            why = why or self._one_site(url, other)
        return why

    def _other_site(self, url: URL, page: str, top: str) -> str:
        """Return the page of another site than *url*'s, if there is one.

        https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-document-based-requests:
        the page that asks and the one around it must both be of that site.
        """
        rules, top = self._rules, top or page
        for origin in (page, top) if rules.sees_frames else (top,):
            if not same_site(origin, url.origin, schemeful=rules.schemeful):
                return origin
        return ""

    def _why_not_same_site(self, cookie: Cookie, url: URL, page: str) -> str:
        """Say why SameSite keeps *cookie* from going between two sites."""
        kind = cookie.same_site
        if self._rules.cross_sites(kind, secure=cookie.secure):
            return ""
        told = f"SameSite={kind}"
        if not kind:
            told = "SameSite=Lax (as every cookie that does not say)"
        return (
            f"it is {told}, and {page} and {url.origin} are two sites. Set it with "
            "SameSite=None; Secure."
        )

    def _one_site(self, url: URL, page: str) -> str:
        return (
            f"{self._engine} keeps cookies to one site, and {page} and {url.origin} "
            "are two sites. Serve both under one domain, or send a token in "
            "Authorization."
        )

    def _partition(self, page: str) -> str:
        """Return the name of the partition of *page*: the first of its site."""
        for cookie in self._cookies.values():
            if same_site(cookie.partition, page):
                return cookie.partition
        return page


def parse_cookie(
    header: str, url: URL, now: float, rules: CookieRules = STANDARD_COOKIES
) -> Cookie:
    """Return the cookie that *header*, a Set-Cookie of *url*, sets.

    RFC 6265, 5.2 and 5.3. (The standard library's ``http.cookies`` takes a cookie with
    an attribute that it does not know for none at all.)

    :raises CookieRefused: if no browser keeps it.
    """
    pair, *rest = header.split(";")
    name, equals, value = pair.partition("=")
    name, value = (name, value) if equals else ("", name)
    name, value = name.strip(_SPACE), value.strip(_SPACE)
    if not name and not value:
        raise CookieRefused("it has no name and no value.", "Give it a name.")
    if _CONTROL.search(header):
        raise CookieRefused("it holds control characters.", "Encode its value.")
    if len(name) + len(value) > MAX_COOKIE:
        raise CookieRefused(
            f"it is longer than {MAX_COOKIE} bytes.",
            "Store less in it: keep the data on the server.",
        )
    attributes: dict[str, str] = {}
    for attribute in rest:
        key, _, setting = attribute.partition("=")
        attributes[key.strip(_SPACE).lower()] = setting.strip(_SPACE)
    domain = attributes.get("domain", "").removeprefix(".").lower()
    path = attributes.get("path", "")
    cookie = Cookie(
        name,
        value,
        domain=_domain(domain, url.host),
        host_only=not domain or (domain == url.host and _only_host(domain)),
        path=path if path.startswith("/") else _default_path(url),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=_SAME_SITE.get(attributes.get("samesite", "").lower(), ""),
        partitioned="partitioned" in attributes,
        expires=_expiry(attributes, now),
    )
    _check_secure(cookie, url, rules)
    _check_prefix(cookie, "domain" in attributes)
    return cookie


def _domain(written: str, host: str) -> str:
    """Return which host or domain a cookie is for (RFC 6265, 5.3, steps 5 and 6)."""
    if not written or written == host:
        return host
    if not _is_below(host, written):
        raise CookieRefused(
            f"its Domain is {plain(written)}, and the response comes from {host}.",
            "Leave Domain out, or name a domain above the API's.",
        )
    if is_public_suffix(written):
        raise CookieRefused(
            f"its Domain is {plain(written)}, under which anybody can register a name.",
            "Leave Domain out.",
        )
    return written


def _only_host(host: str) -> bool:
    """Say whether a Domain that is the host itself means that host alone."""
    return is_ip_address(host) or is_public_suffix(host)


def _is_below(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}") and not is_ip_address(host)


def _default_path(url: URL) -> str:
    """RFC 6265, 5.1.4: the folder of the URL."""
    return url.path.rpartition("/")[0] or "/"


def _expiry(attributes: dict[str, str], now: float) -> float | None:
    """Return when a cookie ends; Max-Age goes before Expires (RFC 6265, 5.3)."""
    seconds = attributes.get("max-age", "")
    if _SECONDS.fullmatch(seconds):
        return now + int(seconds)
    try:
        return parsedate_to_datetime(attributes.get("expires", "")).timestamp()
    except (ValueError, OverflowError):
        return None


def _check_secure(cookie: Cookie, url: URL, rules: CookieRules) -> None:
    if cookie.secure and not may_be_secure(url, rules):
        raise CookieRefused(*_NOT_SECURE)
    insecure = cookie.same_site == "None" and not cookie.secure
    if insecure and rules.none_needs_secure:
        raise CookieRefused(
            "it is SameSite=None and not Secure.",
            "Set it with SameSite=None; Secure.",
        )
    if cookie.partitioned and rules.partitioned and not cookie.secure:
        raise CookieRefused("it is Partitioned and not Secure.", "Set it with Secure.")


def may_be_secure(url: URL, rules: CookieRules) -> bool:
    """Say whether a cookie that is Secure may come from *url*, and go there."""
    if rules.secure_on_loopback:
        return url.is_trustworthy
    return url.scheme == "https"


def _check_prefix(cookie: Cookie, has_domain: bool) -> None:
    """https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/, 4.1.3."""
    name = cookie.name.lower()
    if name.startswith(("__secure-", "__host-")) and not cookie.secure:
        raise CookieRefused(
            "by its name it must be Secure.", "Set it with Secure, over https."
        )
    if name.startswith("__host-") and (has_domain or cookie.path != "/"):
        raise CookieRefused(
            "by its name it must have Path=/ and no Domain.",
            "Set it with Path=/ and without Domain.",
        )
