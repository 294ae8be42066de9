"""How the cost of one request grows: with what is configured, and with what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask_cors_policy import CORS, CORSMiddleware, cross_origin

from .flask_apps import OPTIONS, flask_app
from .measuring import Effort, compare
from .requests import ALLOWED, METHODS, NAMES, environ
from .wsgi_apps import bare

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class Case(NamedTuple):
    """What is measured at one size, and the same application without a policy."""

    app: WSGIApplication
    sent: WSGIEnvironment
    bare: WSGIApplication


class Curve(NamedTuple):
    """One curve: what grows, and the cost of one request at each size.

    :param sizes: where it is measured.
    :param at: the application and the request of one size, and what it is beside.
    :param effort: how much is measured at each size.
    """

    sizes: tuple[int, ...]
    at: Callable[[int], Case]
    effort: Effort


class Point(NamedTuple):
    """A point of a curve: microseconds for one request, whole and added to bare."""

    size: int
    total: float
    added: float


_WSGI: Final = bare(2)
_POWERS: Final = tuple(10**n for n in range(7))


def _origins(number: int) -> list[str]:
    return [
        ALLOWED[0],
        *(f"https://tenant-{n:07d}.example.net" for n in range(1, number)),
    ]


def _with_origins(number: int) -> Case:
    app = CORSMiddleware(_WSGI, origins=_origins(number))
    return Case(app, environ(origin=ALLOWED[0]), _WSGI)


def _with_patterns(number: int) -> Case:
    patterns = [f"https://*.tenant-{n:07d}.example.net" for n in range(number)]
    origin = "https://app.tenant-0000000.example.net"
    return Case(CORSMiddleware(_WSGI, origins=patterns), environ(origin=origin), _WSGI)


def _with_labels(number: int) -> Case:
    origin = f"https://{'a.' * number}example.com"
    app = CORSMiddleware(_WSGI, origins="https://*.example.com")
    return Case(app, environ(origin=origin), _WSGI)


def _with_routes(number: int) -> Case:
    app = flask_app(lambda app: CORS(app, **OPTIONS), cross_origin(), number)
    return Case(app, environ(origin=ALLOWED[0]), flask_app(routes=number))


def _preflight_with_routes(number: int) -> Case:
    sent = environ("OPTIONS", ALLOWED[0], "PUT", "x-token")
    return _with_routes(number)._replace(sent=sent)


def _one_policy(**options: Any) -> WSGIApplication:
    return CORSMiddleware(
        _WSGI, origins=ALLOWED, methods=METHODS, allow_headers=NAMES, **options
    )


def _with_asked_names(size: int) -> Case:
    names = ("x-token," * (size // 8 + 1))[:size]
    return Case(_one_policy(), environ("OPTIONS", ALLOWED[0], "PUT", names), _WSGI)


def _with_echoed_names(size: int) -> Case:
    names = ",".join(f"x-{n:03d}" for n in range(size // 6 + 1))[:size]
    app = CORSMiddleware(
        _WSGI,
        origins=ALLOWED,
        methods=METHODS,
        allow_headers="*",
        supports_credentials=True,
    )
    return Case(app, environ("OPTIONS", ALLOWED[0], "PUT", names), _WSGI)


def _with_asked_method(size: int) -> Case:
    return Case(_one_policy(), environ("OPTIONS", ALLOWED[0], "P" * size), _WSGI)


def _with_long_origin(size: int) -> Case:
    return Case(_one_policy(), environ(origin=f"https://{'a' * size}"[:size]), _WSGI)


def _with_long_origin_and_patterns(
    size: int,
) -> Case:
    app = CORSMiddleware(_WSGI, origins="https://*.example.com")
    return Case(app, environ(origin=f"https://{'a.' * size}"[:size]), _WSGI)


def curves(largest: int) -> dict[str, Curve]:
    """Return every curve.

    :param largest: no size beyond that, where things are configured.
    """
    wsgi, flask = Effort(150, 400), Effort(150, 20)

    def up_to(most: int) -> tuple[int, ...]:
        return tuple(size for size in _POWERS if size <= min(most, largest))

    bytes_sent = (10, 100, 1000, 4096, 65536)
    return {
        "origins": Curve(up_to(10**6), _with_origins, wsgi),
        "patterns": Curve(up_to(10**5), _with_patterns, wsgi),
        "labels of the host, under one pattern": Curve(
            (1, 4, 16, 64, 120), _with_labels, wsgi
        ),
        "routes, each with a policy": Curve(up_to(10**4), _with_routes, flask),
        "routes, preflight": Curve(up_to(10**4), _preflight_with_routes, flask),
        "bytes of Access-Control-Request-Headers": Curve(
            (*bytes_sent, 2**20), _with_asked_names, wsgi
        ),
        # 767 are those of 128 names: of more, none is echoed.
        "the same, where they are echoed": Curve(
            (*bytes_sent[:2], 767, *bytes_sent[2:], 2**20), _with_echoed_names, wsgi
        ),
        "bytes of Access-Control-Request-Method": Curve(
            bytes_sent, _with_asked_method, wsgi
        ),
        "bytes of Origin": Curve(bytes_sent, _with_long_origin, wsgi),
        "the same, under a pattern": Curve(
            bytes_sent, _with_long_origin_and_patterns, wsgi
        ),
    }


def points(curve: Curve, scale: float) -> Iterator[Point]:
    """Measure a curve.

    :param scale: how much of its effort is made.
    """
    rounds = max(1, int(curve.effort.rounds * scale))
    requests = max(1, int(curve.effort.requests * min(1, scale)))
    for size in curve.sizes:
        app, sent, bare_app = curve.at(size)
        contestants = {"bare": bare_app, "ours": app}
        times = compare(contestants, sent, Effort(rounds, requests))
        yield Point(size, times["ours"].total, times["ours"].added)
