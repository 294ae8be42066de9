"""Which cases are played: the families, and random ones on top."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any, Final, TypeVar

from flask_cors_policy.core.options import PolicyOptions

from . import answered, asked
from .across_sites import ACROSS_SITES
from .answered import Lines
from .cases import Answer, Body, Case, Fetch, Headers, Resource
from .families import ACAC, ACAH, ACAM, ACAO, ACEH, ACMA, FAMILIES, Draft, lines
from .keeping import KEEPING
from .sequences import CHAINS, NO_STORE, SEQUENCES

T = TypeVar("T")

SEED: Final = 4
CASES: Final = 5000
"""How many cases are played unless somebody asks for more."""

ORIGINS: Final[tuple[Any, ...]] = (
    "{page}",
    "*",
    ["{page}", "{other}"],
    ["http://127.0.0.1:*"],
    ["http://localhost:*"],
    ["https://*.example.com", "{page}"],
    "{other}",
    "https://app.example.com",
)
METHOD_LISTS: Final[tuple[list[str], ...]] = (
    [],
    ["PUT"],
    ["PUT", "DELETE", "PATCH"],
    ["GET", "POST"],
    ["PATCH", "FOO"],
    ["*"],
)
HEADER_LISTS: Final[tuple[list[str], ...]] = (
    [],
    ["X-A"],
    ["Content-Type", "X-A", "Authorization"],
    ["content-type"],
    ["*"],
    ["*", "Authorization"],
)
# What pages set, the usual and the edges.
SENT: Final[Headers] = (
    ("X-A", "1"),
    ("x-b", ""),
    ("X-Requested-With", "XMLHttpRequest"),
    ("Authorization", "Bearer t"),
    ("Content-Type", "application/json"),
    ("Content-Type", "text/plain;charset=utf-8"),
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Accept", "application/json"),
    ("Accept", "a" * 128),
    ("Accept", "a" * 129),
    ("Accept", "text/html;q=(1)"),
    ("Accept-Language", "en-GB, de;q=0.5"),
    ("Accept-Language", "en_GB"),
    ("Content-Language", "de"),
    ("Range", "bytes=0-10"),
    ("Range", "bytes=0-1,5-9"),
    ("If-None-Match", '"1"'),
    ("Cache-Control", "no-cache"),
    ("User-Agent", "me"),
    ("DPR", "2"),
    ("Save-Data", "on"),
    ("Origin", "https://evil.example"),
    ("Cookie", "a=1"),
    ("Sec-Fetch-Site", "none"),
    ("X-HTTP-Method-Override", "PUT"),
)


def generate(count: int = CASES, seed: int = SEED) -> list[Case]:
    """Return cases, the same ones for the same arguments.

    :param count: how many. Four in five are of the families, a random choice unless
        that is all of them: as many of each as it has, and small ones whole. The others
        are random through and through.
    :param seed: of everything random.
    """
    rng = random.Random(seed)
    drafts = list(_drafts())
    if len(drafts) > count * 4 // 5:
        drafts = _choice(rng, drafts, count * 4 // 5)
    while len(drafts) < count:
        drafts.append(_Random(rng).draft())
    return [draft.case(number) for number, draft in enumerate(drafts)]


def whole_families() -> list[Case]:
    """Return every case of the families."""
    return [draft.case(number) for number, draft in enumerate(_drafts())]


def _drafts() -> Iterator[Draft]:
    """Yield what the families are made of."""
    for family in (*FAMILIES, *SEQUENCES, *KEEPING, *ACROSS_SITES):
        yield from family()


def _choice(rng: random.Random, drafts: Sequence[Draft], count: int) -> list[Draft]:
    """Return *count* of *drafts*, in their order, one of each family at a time."""
    families: dict[str, list[int]] = {}
    for index in rng.sample(range(len(drafts)), len(drafts)):
        families.setdefault(drafts[index].family, []).append(index)
    rounds = chain.from_iterable(zip_longest(*families.values()))
    chosen = islice((index for index in rounds if index is not None), count)
    return [drafts[index] for index in sorted(chosen)]


def _edges() -> Headers:
    """Return headers that lie on an edge of the safelist."""
    return (
        *(("Content-Type", value) for value in asked.CONTENT_TYPES),
        *(("Range", value) for value in asked.RANGES),
        *((name, "1") for name in asked.REQUEST_NAMES),
        *((name, value) for name in asked.HINTS for value in asked.HINT_VALUES),
        *(("X-HTTP-Method", value) for value in asked.METHOD_OVERRIDES),
    )


class _Random:
    """One random case."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._page = "plain"
        self._first = Fetch()

    def draft(self) -> Draft:
        """Return it."""
        self._page = self._often("plain", ("sandboxed", "data"), 0.85)
        places = self._often(("api/a",), CHAINS, 0.75)
        self._first = self._fetch("{" + places[0].replace("/", "}/{case}/"))
        fetches = [self._first]
        while self._rng.random() < 0.45 and len(fetches) < 4:
            fetches.append(self._varied(self._rng.choice(fetches)))
        resources = {}
        for place, after in zip(places, [*places[1:], None], strict=True):
            resources[place] = self._resource(after)
        return Draft("random", resources, tuple(fetches), self._page)

    def _often(self, usual: T, others: Sequence[T], chance: float) -> T:
        """Return *usual*, with that *chance*, or one of *others*."""
        return usual if self._rng.random() < chance else self._rng.choice(others)

    def _fetch(self, url: str) -> Fetch:
        method = self._often("GET", asked.METHODS, 0.3)
        sent: dict[str, str] = {}
        for name, value in self._rng.sample(SENT, self._rng.choice((0, 0, 1, 1, 2, 3))):
            sent.setdefault(name, value)
        if self._rng.random() < 0.25:
            sent.update([self._rng.choice(_edges())])
        via = self._often("fetch", ("xhr", "xhr-upload"), 0.85)
        if via != "fetch":  # In Firefox this changes preflights for fetch() only.
            sent.pop("If-None-Match", None)
        body = None
        if method.upper() not in ("GET", "HEAD"):
            kinds = ("text", "urlencoded", "formdata", "bytes", "blob")
            body = self._often(None, [Body(kind) for kind in kinds], 0.5)
        mode = self._often("cors", ("no-cors", "same-origin"), 0.92)
        return Fetch(
            url,
            method,
            tuple(sent.items()),
            self._rng.choice(asked.CREDENTIALS),
            mode,
            self._often("follow", ("error", "manual"), 0.9),
            self._often("default", ("no-store", "reload", "no-cache"), 0.85),
            body,
            via,
        )

    def _varied(self, fetch: Fetch) -> Fetch:
        """Return *fetch* again, or with a part of another one."""
        other = self._fetch(fetch.url)
        part = self._often("", ("method", "headers", "credentials", "cache"), 0.4)
        if not part:
            return fetch
        changed = {**vars(fetch), part: getattr(other, part)}
        if part == "method":
            changed["body"] = other.body
        return Fetch(**changed)

    def _resource(self, after: str | None) -> Resource:
        actual = self._actual(after)
        if self._rng.random() < 0.5:
            return Resource((), (actual,), self._policy())
        headers = actual.headers
        actual = Answer(actual.status, (*self._origin(), *headers), actual.body)
        return Resource((self._preflight(),), (actual,))

    def _actual(self, after: str | None) -> Answer:
        if after is not None:
            server, _, name = after.partition("/")
            location = ("Location", f"{{{server}}}/{{case}}/{name}")
            statuses = (301, 302, 303, 307, 308)
            status = self._often(self._rng.choice(statuses), range(300, 310), 0.95)
            return Answer(status, (*NO_STORE, location))
        headers = self._rng.sample(answered.RESPONSE_HEADERS, self._rng.randrange(8))
        # Without a cache in between: what it does is no matter of CORS.
        left = ("Location", "Cache-Control")
        kept = tuple(header for header in headers if header[0] not in left)
        exposed = lines(ACEH, self._often((), answered.EXPOSE, 0.6))
        status = self._often(200, (201, 204, 400, 401, 403, 404, 500, 503), 0.7)
        return Answer(status, (*kept, *NO_STORE, *exposed))

    def _origin(self) -> Headers:
        here = "{page}" if self._page == "plain" else "null"
        right: tuple[Lines, ...] = ((here,), (here,), ("*",))
        allowed = self._often(self._rng.choice(right), answered.ALLOW_ORIGIN, 0.85)
        credentials = self._often(("true",), answered.ALLOW_CREDENTIALS, 0.7)
        return (*lines(ACAO, allowed), *lines(ACAC, credentials))

    def _preflight(self) -> Answer:
        method = self._first.method
        asked = ", ".join(name for name, _ in self._first.headers) or "x-a"
        methods = self._often(
            self._rng.choice(((method,), ("*",), ("PUT, DELETE, PATCH",))),
            answered.ALLOW_METHODS,
            0.8,
        )
        names = self._often(
            self._rng.choice(((asked,), ("*",), (f"{asked}, X-Other",))),
            answered.ALLOW_HEADERS,
            0.8,
        )
        filled = [value.replace("{m}", method) for value in methods]
        return Answer(
            self._often(204, (200, 200, 299, 301, 404, 500), 0.85),
            (
                *self._origin(),
                *lines(ACAM, tuple(filled)),
                *lines(ACAH, tuple(value.replace("{h}", asked) for value in names)),
                *lines(ACMA, self._often(("3600",), answered.MAX_AGE, 0.6)),
            ),
            "",
        )

    def _policy(self) -> PolicyOptions:
        """Return a policy that can be built."""
        origins = self._rng.choice(ORIGINS)
        options: PolicyOptions = {
            "origins": origins,
            "methods": self._rng.choice(METHOD_LISTS),
            "allow_headers": self._rng.choice(HEADER_LISTS),
            "expose_headers": self._rng.choice(([], ["X-A", "ETag"], ["X-B"])),
            "max_age": self._rng.choice((None, 0, 60, 3600, 100000)),
            "preflight_status": self._rng.choice((200, 204)),
            "supports_credentials": origins != "*" and self._rng.random() < 0.6,
        }
        if origins == "*" and self._rng.random() < 0.3:
            options["expose_headers"] = ["*"]
        if self._page != "plain" and origins != "*" and self._rng.random() < 0.7:
            options["origins"] = ["null", "https://app.example.com"]
            options["accept_risks"] = ["null-origin"]
            options["supports_credentials"] = False
        return options
