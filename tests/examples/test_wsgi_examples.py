"""Each framework's example: its preflight, its responses and its errors."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.helpers import EVIL, call, preflight_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

APP = "https://app.example.com"


class Wrapped(NamedTuple):
    """What is expected of an example.

    :param path: one that it serves.
    :param preflight: the headers of the answer to a preflight for *method*.
    :param missing: a path that ends in *error*.
    """

    path: str
    method: str
    preflight: dict[str, str]
    actual: dict[str, str]
    missing: str
    error: str


def headers(methods: str, names: str = "Content-Type", **more: str) -> dict[str, str]:
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": APP,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": names,
    } | {name.replace("_", "-"): value for name, value in more.items()}


READABLE = {"Vary": "Origin", "Access-Control-Allow-Origin": APP}
CREDENTIALS = {"Access_Control_Allow_Credentials": "true"}

WRAPPED = {
    "plain_wsgi": Wrapped(
        "/api/x",
        "PUT",
        headers("PUT, DELETE", **CREDENTIALS),
        READABLE | {"Access-Control-Allow-Credentials": "true"},
        "/api/y",
        "200 OK",
    ),
    "with_bottle": Wrapped(
        "/items/1", "PUT", headers("PUT"), READABLE, "/items/2", "404 Not Found"
    ),
    "with_falcon": Wrapped(
        "/items/1",
        "PATCH",
        headers("PATCH"),
        READABLE | {"Access-Control-Expose-Headers": "ETag"},
        "/items/2",
        "404 Not Found",
    ),
    "with_pyramid": Wrapped(
        "/items/1", "PUT", headers("PUT, DELETE"), READABLE, "/secret", "403 Forbidden"
    ),
}


def app_of(name: str) -> WSGIApplication:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pyramid imports what is deprecated.
        module: Any = import_module(f"examples.{name}")
    app: WSGIApplication = module.app
    return app


def cors(response_headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return the headers of a response that tell of CORS; each may be there once."""
    found = [
        (name, value)
        for name, value in response_headers
        if name == "Vary" or name.startswith("Access-Control-")
    ]
    assert len(found) == len(dict(found))
    return dict(found)


@pytest.mark.parametrize(("name", "expected"), WRAPPED.items(), ids=list(WRAPPED))
class TestWrapped:
    """An application of another framework, in the middleware."""

    def test_the_preflight_is_answered(self, name: str, expected: Wrapped) -> None:
        asked = preflight_headers(APP, expected.method)
        response = call(app_of(name), "OPTIONS", expected.path, asked)
        assert response.status == "204 No Content"
        assert cors(response.headers) == expected.preflight

    def test_the_page_reads_the_response(self, name: str, expected: Wrapped) -> None:
        more = {"Origin": APP, "Host": "127.0.0.1", "Accept-Encoding": "gzip"}
        response = call(app_of(name), "GET", expected.path, more)
        assert response.status == "200 OK"
        assert cors(response.headers) | {"Vary": "Origin"} == expected.actual | {
            "Vary": "Origin"
        }
        assert cors(response.headers)["Vary"] == expected.actual["Vary"]

    def test_the_page_reads_the_error(self, name: str, expected: Wrapped) -> None:
        more = {"Origin": APP, "Host": "127.0.0.1"}
        response = call(app_of(name), "GET", expected.missing, more)
        assert response.status == expected.error
        assert cors(response.headers)["Access-Control-Allow-Origin"] == APP

    def test_another_page_reads_nothing(self, name: str, expected: Wrapped) -> None:
        more = {"Origin": EVIL, "Host": "127.0.0.1"}
        response = call(app_of(name), "GET", expected.path, more)
        assert set(cors(response.headers)) == {"Vary"}


def test_plain_wsgi_login_is_under_no_policy_and_public_is_for_everyone() -> None:
    app = app_of("plain_wsgi")
    assert cors(call(app, "GET", "/login", {"Origin": EVIL}).headers) == {}
    assert cors(call(app, "GET", "/public/x", {"Origin": EVIL}).headers) == {
        "Access-Control-Allow-Origin": "*"
    }
