"""What the page on security says of methods that are changed later is what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.test import Client

from flask_cors_policy import CORS, CORSMiddleware
from tests.helpers import EVIL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LISTED = "https://app.example.com"


def with_method_of_the_query(app: WSGIApplication) -> Any:
    """Wrap *app* so that ``?_method=DELETE`` changes the method."""

    def changed(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        method = environ["QUERY_STRING"].removeprefix("_method=")
        return app({**environ, "REQUEST_METHOD": method}, start_response)

    return changed


def application(deleted: list[int]) -> Flask:
    app = Flask(__name__)

    @app.delete("/items/<int:item>")
    def delete_item(item: int) -> dict[str, int]:
        deleted.append(item)
        return {}

    return app


@pytest.mark.parametrize(
    "headers", [{"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}]
)
@pytest.mark.parametrize("wraps_first", [True, False])
def test_flask_decides_by_the_method_that_its_view_serves(
    headers: dict[str, str], wraps_first: bool
) -> None:
    deleted: list[int] = []
    app = application(deleted)
    if wraps_first:
        app.wsgi_app = with_method_of_the_query(app.wsgi_app)  # type: ignore[method-assign]
    CORS(app, origins=LISTED, enforce="unsafe")
    if not wraps_first:
        app.wsgi_app = with_method_of_the_query(app.wsgi_app)  # type: ignore[method-assign]

    reply = Client(app).get("/items/7?_method=DELETE", headers=headers)

    assert reply.status_code == 403
    assert deleted == []


def test_the_middleware_decides_by_the_method_that_it_sees() -> None:
    deleted: list[int] = []
    changed = with_method_of_the_query(application(deleted))
    app = CORSMiddleware(changed, origins=LISTED, enforce=True)

    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    reply = Client(app).get("/items/7?_method=DELETE", headers=image)

    assert reply.status_code == 200
    assert deleted == [7]
