"""A case: what a page does, and what servers answer. Plain data, to and from JSON.

In the text of a case ``{page}``, ``{api}`` and the other names in ``HOSTS`` stand for
the origins of the servers, whose ports are not known beforehand, ``{api.host}`` for
what comes after ``http://`` in one, ``{api.port}`` for the port, and ``{case}`` for the
id of the case, which begins every path: ``{api}/{case}/a``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from flask_cors_policy.core.options import PolicyOptions

Headers = tuple[tuple[str, str], ...]

HOSTS: Final = {
    "page": "http://127.0.0.1",
    "api": "http://127.0.0.1",
    "other": "http://127.0.0.1",
    "far": "http://localhost",
    "blocked": "http://127.0.0.1",
    "named": "http://app.example.test",
    "named_api": "http://api.example.test",
    "tls": "https://app.example.test",
    "tls_api": "https://api.example.test",
    "tls_far": "https://api.other.test",
}
"""Where the servers are, without their ports. Cookies do not tell ports apart: ``far``
is another site than the first three. ``blocked`` has a port that browsers block."""

NAMED: Final = ("named", "named_api", "tls", "tls_api", "tls_far")
"""The servers that only a browser reaches which can be told where names lead."""

VISIT: Final = "visit"
"""The name of the resource that is visited; no fetch has asked for it."""


@dataclass(frozen=True)
class Answer:
    """A response, sent exactly so; one header line for each item of *headers*.

    Content-Length is added where it belongs.
    """

    status: int = 200
    headers: Headers = ()
    body: str = "hello"


@dataclass(frozen=True)
class Resource:
    """What is at one URL.

    :param preflights: answers to preflights, one after the other; the last one stays.
    :param actuals: answers to all other requests, likewise.
    :param policy: options of a ``CORSMiddleware`` around this; *preflights* are not
        used then.
    """

    preflights: tuple[Answer, ...] = (Answer(404),)
    actuals: tuple[Answer, ...] = (Answer(),)
    policy: PolicyOptions | None = None


@dataclass(frozen=True)
class Body:
    """What a request carries.

    :param kind: ``text``, ``urlencoded``, ``formdata``, ``bytes``, ``blob``,
        ``stream``.
    :param type: the type of a blob.
    """

    kind: str
    type: str = ""


@dataclass(frozen=True)
class Fetch:
    """A request as a page makes it, in the words of ``fetch(url, init)``.

    :param via: ``fetch``; or ``xhr``, or ``xhr-upload`` for one whose upload is
        listened to.
    :param wait: milliseconds to let pass before.
    :param referrer_policy: of the request; empty if it has none of its own.
    """

    url: str = "{api}/{case}/a"
    method: str = "GET"
    headers: Headers = ()
    credentials: str = "same-origin"
    mode: str = "cors"
    redirect: str = "follow"
    cache: str = "default"
    body: Body | None = None
    via: str = "fetch"
    wait: int = 0
    referrer_policy: str = ""


@dataclass(frozen=True)
class Case:
    """What a page does, and what it meets.

    :param id: one path segment, unique in a run.
    :param family: what the case is about.
    :param resources: by server and name: ``api/a`` is at ``{api}/{case}/a``, with any
        query.
    :param fetches: made one after the other.
    :param page: ``plain``; or a frame in it: ``sandboxed`` or ``data`` for one of the
        origin null, a name in ``HOSTS`` for one that is from there.
    :param top: which of ``HOSTS`` the page, or the one around the frame, is from.
    :param visited: which of them a person has visited before: its resource ``visit``.
    """

    id: str
    family: str
    resources: Mapping[str, Resource]
    fetches: tuple[Fetch, ...]
    page: str = "plain"
    top: str = "page"
    visited: str = ""

    @property
    def is_null(self) -> bool:
        """Whether the requests come from a frame of the origin null."""
        return self.page in ("sandboxed", "data")

    @property
    def needs_names(self) -> bool:
        """Whether only a browser can play this that finds ``NAMED``."""
        text = json.dumps(self.to_json())
        if "//localhost." in text:
            return True
        return {self.top, self.page, self.visited} & {*NAMED} != set() or any(
            f"{{{name}" in text for name in NAMED
        )

    def origin(self, origins: Mapping[str, str]) -> str:
        """Return the origin that the requests come from."""
        if self.is_null:
            return "null"
        return origins[self.top if self.page == "plain" else self.page]

    def to_json(self) -> Any:
        """Return this as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Case:
        """Return the case that ``to_json`` made *value* from."""
        return cls(
            value["id"],
            value["family"],
            {name: _resource(item) for name, item in value["resources"].items()},
            tuple(_fetch(item) for item in value["fetches"]),
            value["page"],
            value["top"],
            value["visited"],
        )

    def at(self, origins: Mapping[str, str]) -> Case:
        """Return this case with its placeholders filled in."""
        text = json.dumps(self.to_json()).replace("{case}", self.id)
        for name, value in origins.items():
            text = text.replace(f"{{{name}}}", value)
            text = text.replace(f"{{{name}.host}}", value.partition("//")[2])
            text = text.replace(f"{{{name}.port}}", value.rpartition(":")[2])
        return Case.from_json(json.loads(text))


@dataclass(frozen=True)
class Sent:
    """A request as it came over the wire."""

    url: str
    method: str
    headers: Headers

    def value(self, name: str) -> str | None:
        """Return the value of the header *name*, its lines joined; None without it."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ", ".join(values) if values else None

    @property
    def is_preflight(self) -> bool:
        """Whether this is a preflight."""
        return (
            self.method == "OPTIONS"
            and self.value("access-control-request-method") is not None
        )


@dataclass(frozen=True)
class Seen:
    """What became of one fetch.

    :param ok: whether the page got a response.
    :param error: the name of the error, where it did not.
    :param headers: what the page can read of them; names in lower case, sorted.
    :param sent: the requests that went over the wire for it.
    """

    ok: bool
    error: str | None = None
    type: str | None = None
    status: int | None = None
    url: str | None = None
    redirected: bool | None = None
    headers: Headers = ()
    body: str | None = None
    sent: tuple[Sent, ...] = field(default=())

    @classmethod
    def from_json(cls, value: Any) -> Seen:
        """Return what ``dataclasses.asdict`` made *value* from."""
        sent = tuple(
            Sent(item["url"], item["method"], _pairs(item["headers"]))
            for item in value["sent"]
        )
        return cls(**{**value, "headers": _pairs(value["headers"]), "sent": sent})


def _pairs(value: Iterable[Iterable[str]]) -> Headers:
    pairs = []
    for name, text in value:
        pairs.append((name, text))
    return tuple(pairs)


def _answer(value: Any) -> Answer:
    return Answer(value["status"], _pairs(value["headers"]), value["body"])


def _resource(value: Any) -> Resource:
    return Resource(
        tuple(_answer(item) for item in value["preflights"]),
        tuple(_answer(item) for item in value["actuals"]),
        value["policy"],
    )


def _fetch(value: Any) -> Fetch:
    body = Body(**value["body"]) if value["body"] else None
    return Fetch(**{**value, "headers": _pairs(value["headers"]), "body": body})
