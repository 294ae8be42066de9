"""What a page asks for, and the messages that go over the wire because of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from ...core.errors import shown
from ...core.fetch_standard import NORMALIZED_METHODS
from ...core.origin import is_origin
from ...core.origin_mistakes import diagnose
from .engines import STANDARD, Engine
from .sites import same_site
from .urls import URL

HeaderPairs = tuple[tuple[str, str], ...]

MODES: Final = ("cors", "no-cors", "same-origin")
CREDENTIALS: Final = ("omit", "same-origin", "include")
REDIRECTS: Final = ("follow", "error", "manual")
CACHES: Final = (
    "default",
    "no-store",
    "reload",
    "no-cache",
    "force-cache",
    "only-if-cached",
)


REFERRER_POLICIES: Final = (
    "",
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
)
"""https://w3c.github.io/webappsec-referrer-policy/#referrer-policies"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page in a browser.

    :param origin: of the page, serialised; ``"null"`` is that of a sandboxed frame.
    :param engine: the browser.
    :param top: the origin of the page in the address bar, if this one is a frame in it;
        it decides about cookies.
    :raises ValueError: if *origin* or *top* is not an origin; the error says what to
        write.
    """

    origin: str
    engine: Engine = STANDARD
    top: str = ""

    def __post_init__(self) -> None:
        _check_origin("origin", self.origin)
        if self.top:
            _check_origin("top", self.top)

    def is_cross_site(self, origin: str) -> bool:
        """Say whether it, or the page around it, is of another site than *origin*."""
        return not all(
            same_site(each, origin) for each in (self.origin, self.top) if each
        )


def _check_origin(name: str, origin: str) -> None:
    if "*" in origin:
        raise ValueError(f"{name} = {shown(origin)}: A page has one origin.")
    if not is_origin(origin):
        mistake = diagnose(origin)
        raise ValueError(f"{name} = {shown(origin)}: {mistake.message} {mistake.hint}")


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request.

    :param content: its bytes.
    :param content_type: the Content-Type that the browser gives it where the page sets
        none (https://fetch.spec.whatwg.org/#concept-bodyinit-extract).
    :param stream: whether it is a stream: then nobody knows how long it will be, and
        the request is preflighted, whatever it is.
    """

    content: bytes = b""
    content_type: str | None = None
    stream: bool = False

    @classmethod
    def text(cls, text: str) -> Body:
        """Return what a string given as a body is sent as."""
        return cls(text.encode(), "text/plain;charset=UTF-8")

    @classmethod
    def urlencoded(cls, fields: Iterable[tuple[str, str]]) -> Body:
        """Return what ``URLSearchParams`` are sent as."""
        content_type = "application/x-www-form-urlencoded;charset=UTF-8"
        return cls(urlencode(list(fields)).encode(), content_type)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A call of ``fetch()``, as the page writes it.

    :param url: absolute.
    :param method: as written; the browser upper-cases some
        (https://fetch.spec.whatwg.org/#concept-method-normalize).
    :param headers: names and values, as written.
    :param body: what is sent, if anything.
    :param mode: ``cors``, ``no-cors`` or ``same-origin``.
    :param credentials: the credentials mode: ``omit``, ``same-origin`` or ``include``.
    :param redirect: the redirect mode: ``follow``, ``error`` or ``manual``.
    :param cache: the cache mode.
    :param referrer_policy: the referrer policy, that of the page if the request has
        none; empty is the default, ``strict-origin-when-cross-origin``.
    :param upload_listener: whether the page watches the upload of an XMLHttpRequest,
        which makes a preflight necessary.
    :raises ValueError: if a mode is not one of those.
    """

    url: str
    method: str = "GET"
    headers: HeaderPairs = ()
    body: Body | None = None
    mode: str = "cors"
    credentials: str = "same-origin"
    redirect: str = "follow"
    cache: str = "default"
    upload_listener: bool = False
    referrer_policy: str = ""

    def __post_init__(self) -> None:
        for option, known in (
            ("mode", MODES),
            ("credentials", CREDENTIALS),
            ("redirect", REDIRECTS),
            ("cache", CACHES),
            ("referrer_policy", REFERRER_POLICIES),
        ):
            value = getattr(self, option)
            if value not in known:
                choice = ", ".join(map(repr, known))
                raise ValueError(f"{option} = {shown(value)}: write one of {choice}")

    @property
    def sent_method(self) -> str:
        """The method as it is sent (``#concept-method-normalize``)."""
        upper = self.method.upper()
        return upper if upper in NORMALIZED_METHODS else self.method


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the browser sends it.

    :param headers: all but Host, Content-Length and Cookie, which whoever carries the
        message adds.
    :param preflight: whether it is a preflight.
    :param credentials: whether cookies go with it, and are taken from its response.
    """

    method: str
    url: URL
    headers: HeaderPairs = ()
    body: bytes = b""
    preflight: bool = False
    credentials: bool = False

    def values(self, name: str) -> list[str]:
        """Return every value of the header *name*, in any case."""
        return field_values(self.headers, name)


@dataclass(frozen=True, slots=True)
class Received:
    """A response as it comes over the wire; bytes of headers stand as Latin-1.

    :param status: the code, as 204.
    """

    status: int
    headers: HeaderPairs = ()
    body: bytes = field(default=b"", repr=False)

    @property
    def status_text(self) -> str:
        """The status with its phrase, where it has one: ``204 No Content``."""
        return status_text(self.status)

    def values(self, name: str) -> list[str]:
        """Return every value of the header *name*, in any case."""
        return field_values(self.headers, name)

    def get(self, name: str) -> str | None:
        """Return the value of *name*, joined as ``#concept-header-list-get`` has it."""
        values = self.values(name)
        return ", ".join(values) if values else None


def without_empty_lines(received: Received, but: str = "") -> Received:
    """Return *received* without the empty lines of headers that have others too.

    For the engine that takes them so (``Engine.skips_empty_lines``).

    :param but: the name of a header that is left as it is.
    """
    filled = {name.lower() for name, value in received.headers if value.strip(" \t")}
    return replace(
        received,
        headers=tuple(
            (name, value)
            for name, value in received.headers
            if value.strip(" \t")
            or name.lower() not in filled
            or name.lower() == but.lower()
        ),
    )


def status_text(status: int) -> str:
    """Return *status* with its phrase, where it has one: ``204 No Content``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def field_values(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Return the values of a header, without the white space around them.

    https://fetch.spec.whatwg.org/#concept-header-value-normalize
    """
    lowered = name.lower()
    return [value.strip(" \t\r\n") for key, value in headers if key.lower() == lowered]
