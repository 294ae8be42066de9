"""Forged requests: each way in alone is found, and a policy with enforce has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, CORSMiddleware
from flask_cors_policy.testing import attack

from .bad_apis import API, APP, switching

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOGGED_IN: dict[str, Any] = {"method": "POST", "headers": {"Cookie": "session=x"}}
Allows = Callable[[dict[str, Any]], object]


class Guarded:
    """An API that refuses each request of another site, but for one kind.

    :param lets: says whether a request passes in spite of that.
    """

    def __init__(self, lets: Allows) -> None:
        self._lets = lets
        self._api = API(credentials=True, change=switching)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        foreign = environ.get("HTTP_SEC_FETCH_SITE") == "cross-site"
        if foreign and not self._lets(environ):
            start_response("403 Forbidden", [("Vary", "Origin")])
            return [b""]
        return self._api(environ, start_response)


def is_post(environ: dict[str, Any]) -> bool:
    return bool(environ["REQUEST_METHOD"] == "POST")


def has_type(text: str) -> Allows:
    return lambda environ: is_post(environ) and environ.get("CONTENT_TYPE") == text


WAYS: dict[str, tuple[Allows, str]] = {
    "a form": (has_type("application/x-www-form-urlencoded"), "request-forged"),
    "JSON as text/plain": (has_type("text/plain"), "request-forged"),
    "no-cors": (
        lambda environ: environ.get("HTTP_SEC_FETCH_MODE") == "no-cors",
        "request-forged",
    ),
    "null": (
        lambda environ: is_post(environ) and environ.get("HTTP_ORIGIN") == "null",
        "request-forged",
    ),
    "no Origin": (
        lambda environ: is_post(environ) and "HTTP_ORIGIN" not in environ,
        "request-forged",
    ),
    "WebSocket": (
        lambda environ: environ.get("HTTP_UPGRADE") == "websocket",
        "websocket-forged",
    ),
}


@pytest.mark.parametrize(("lets", "flaw"), WAYS.values(), ids=WAYS)
def test_each_way_in_is_found_alone(lets: Allows, flaw: str) -> None:
    findings = attack(Guarded(lets), "/api/me", APP, **LOGGED_IN)
    assert [finding.id for finding in findings] == [flaw]


def test_an_api_that_refuses_all_of_them_has_none() -> None:
    assert not attack(Guarded(lambda environ: False), "/api/me", APP, **LOGGED_IN)


def test_without_a_cookie_or_with_get_nothing_is_forged() -> None:
    api = API(credentials=True)
    assert not attack(api, "/api/me", APP, method="POST")
    assert not attack(api, "/api/me", APP, headers={"Cookie": "session=x"})


@pytest.mark.parametrize("enforce", ["unsafe", True, False])
def test_flask_and_the_middleware_refuse_them_with_enforce(enforce: Any) -> None:
    options: dict[str, Any] = {
        "origins": APP,
        "supports_credentials": True,
        "enforce": enforce,
    }
    app = Flask(__name__)
    app.add_url_rule("/api/me", "me", lambda: "Ada", methods=["GET", "POST"])
    around = CORSMiddleware(app.wsgi_app, **options)
    expected = [] if enforce else ["request-forged"]
    assert [each.id for each in attack(around, "/api/me", APP, **LOGGED_IN)] == expected
    CORS(app, **options)
    assert [each.id for each in attack(app, "/api/me", APP, **LOGGED_IN)] == expected
