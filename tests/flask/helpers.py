"""What the tests of the Flask half share: requests of pages, and what comes back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest
from flask import Flask

from flask_cors_policy import CORS, PolicyError, cross_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import TestResponse

A = "https://a.example"
B = "https://b.example"
C = "https://c.example"
EVIL = "https://evil.example"

F = TypeVar("F", bound=Callable[..., Any])

Headers = dict[str, str]

ASKED = "Access-Control-Request-Method"

DEFAULT_HEADERS = "Authorization, Content-Type"
"""What a preflight allows where no policy writes ``allow_headers``."""

MISS: Headers = {"Vary": "Origin"}
OPEN: Headers = {"Access-Control-Allow-Origin": "*"}
NOTHING: Headers = {}


class Answer(NamedTuple):
    """The status of a response, and every header of it that CORS is about."""

    status: int
    cors: Headers


def allowed(origin: str, **more: str) -> Headers:
    """Return the headers of a policy that names *origin*.

    :param more: other CORS headers: ``methods="GET"`` is Access-Control-Allow-Methods.
        Where there are methods, it is the answer to a preflight: that allows the
        default headers, unless ``headers`` says something else ("" says none).
    """
    headers = {"Access-Control-Allow-Origin": origin}
    if origin != "*":
        headers["Vary"] = "Origin"
    if "methods" in more:
        more.setdefault("headers", DEFAULT_HEADERS)
    names = {
        "methods": "Access-Control-Allow-Methods",
        "headers": "Access-Control-Allow-Headers",
        "credentials": "Access-Control-Allow-Credentials",
        "expose": "Access-Control-Expose-Headers",
        "max_age": "Access-Control-Max-Age",
        "timing": "Timing-Allow-Origin",
        "vary": "Vary",
    }
    headers.update({names[name]: value for name, value in more.items() if value})
    return headers


def answer(response: TestResponse) -> Answer:
    """Return what CORS is about in *response*, each header at most once."""
    found = [
        (name, value)
        for name, value in response.headers
        if name.lower().startswith("access-control-")
        or name.lower() in ("vary", "timing-allow-origin")
    ]
    assert len({name.lower() for name, _ in found}) == len(found), found
    return Answer(response.status_code, dict(found))


def request(
    app: Flask,
    path: str,
    method: str = "GET",
    origin: str | None = A,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Answer:
    """Send the request of a page of *origin*; ``None`` sends no Origin.

    :param more: for Werkzeug's ``EnvironBuilder``.
    """
    sent = {**(headers or {}), **({} if origin is None else {"Origin": origin})}
    response = app.test_client().open(path, method=method, headers=sent, **more)
    try:
        return answer(response)
    finally:
        response.close()


def preflight(
    app: Flask,
    path: str,
    method: str,
    origin: str = A,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Answer:
    """Ask, as a browser does, whether a page of *origin* may send *method*.

    The answer is one of ``preflight_answer``.
    """
    asked = {ASKED: method, **(headers or {})}
    return preflight_answer(request(app, path, "OPTIONS", origin, asked, **more))


def preflight_answer(found: Answer) -> Answer:
    """Return the answer to a preflight without its Vary on the method asked for.

    In Flask another method may have another policy, so that every answer of a policy
    varies with it: that is held here, once for all tests.
    """
    varies = [name for name in found.cors.get("Vary", "").split(", ") if name]
    if "Access-Control-Allow-Origin" in found.cors or "Origin" in varies:
        assert ASKED in varies or found.status not in (200, 204, 403)
    names = [name for name in varies if name != ASKED]
    others = {name: value for name, value in found.cors.items() if name != "Vary"}
    return Answer(
        found.status, {**others, **({"Vary": ", ".join(names)} if names else {})}
    )


def problems(build: Callable[[], object]) -> list[tuple[str, str]]:
    """Return the setting and the reason of each problem that *build* runs into."""
    with pytest.raises(PolicyError) as caught:
        build()
    return [(problem.setting, problem.reason) for problem in caught.value.problems]


def first_request(app: Flask) -> Callable[[], Answer]:
    """Return what makes *app* look at the policies of its routes."""
    return lambda: request(app, "/")


def make_app(origins: Any = C, **options: Any) -> Flask:
    """Return an application under ``CORS(app)``."""
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=origins, **options)
    return app


def ok(**_: object) -> str:
    return "ok"


def marked(origins: str, **options: Any) -> Callable[..., str]:
    """Return a new view with a policy of its own."""

    @cross_origin(origins=origins, **options)
    def view(**_: object) -> str:
        return "ok"

    return view


def copying(view: F) -> F:
    """Decorate as most do: with functools.wraps."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return wrapper  # type: ignore[return-value]


def hiding(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate as some do: without it."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    wrapper.__name__ = view.__name__
    return wrapper


def app_of_routes(**config: Any) -> Flask:
    """Return an application with a few routes, without a policy."""
    app = Flask(__name__)
    app.config.update(config)

    @app.route("/")
    @app.route("/api")
    @app.route("/api/items", methods=["GET", "PUT"])
    @app.route("/public/x")
    def view() -> str:
        return "hello"

    return app
