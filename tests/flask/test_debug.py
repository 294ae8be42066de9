"""Debug mode, with the debugger around the application in the test's own process."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, abort
from werkzeug.debug import DebuggedApplication
from werkzeug.test import Client

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import EVIL, A, B, Headers, allowed, answer


def make_app(**config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(DEBUG=True, **config)
    CORS(app, origins=A)

    @app.route("/crash")
    def crash() -> str:
        raise LookupError("gone: ä")

    @app.route("/strict")
    @cross_origin(origins=B)
    def strict() -> str:
        raise LookupError("gone")

    @app.route("/exempt")
    @cors_exempt
    def exempt() -> str:
        raise LookupError("gone")

    @app.route("/refused")
    def refused() -> str:
        abort(403)

    @app.route("/late")
    def late() -> Response:
        class Failing(Response):
            def __call__(self, environ: Any, start_response: Any) -> Any:
                super().__call__(environ, start_response)
                raise LookupError("after the start")

        return Failing("x")

    return app


DEBUGGER = "the debugger"


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/crash", {"Origin": A}, allowed(A)),
        ("/crash", {"Origin": A, "Sec-Fetch-Site": "cross-site"}, allowed(A)),
        ("/strict", {"Origin": B}, allowed(B)),
        ("/crash", {}, DEBUGGER),
        ("/crash", {"Origin": EVIL}, DEBUGGER),
        ("/crash", {"Origin": "http://localhost"}, DEBUGGER),
        ("/crash", {"Origin": A, "Sec-Fetch-Site": "same-origin"}, DEBUGGER),
        ("/strict", {"Origin": A}, DEBUGGER),
        ("/exempt", {"Origin": A}, DEBUGGER),
    ],
)
def test_in_debug_mode_an_allowed_page_reads_the_error(
    path: str, headers: Headers, expected: object, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    client = Client(DebuggedApplication(app, evalex=True))
    response = client.get(path, headers=headers)
    if expected is DEBUGGER:
        assert answer(response) == (500, {})
        assert "Werkzeug Debugger" in response.text
    else:
        assert answer(response) == (500, expected)
        assert response.content_type == "text/plain; charset=utf-8"
        assert response.text.splitlines()[2].startswith("LookupError: gone")
        assert [record.message for record in caplog.records if record.exc_info] == [
            f"Exception on {path} [GET]"
        ]


@pytest.mark.parametrize(
    "config", [{"TESTING": True}, {"PROPAGATE_EXCEPTIONS": True}], ids=str
)
def test_where_the_user_wants_exceptions_to_propagate_they_do(config: Any) -> None:
    client = make_app(**config).test_client()
    with pytest.raises(LookupError):
        client.get("/crash", headers={"Origin": A})


def test_where_the_user_does_not_want_that_flask_answers() -> None:
    client = make_app(PROPAGATE_EXCEPTIONS=False).test_client()
    response = client.get("/crash", headers={"Origin": A})
    assert answer(response) == (500, allowed(A))
    assert "gone" not in response.text


def test_an_exception_after_the_start_of_the_response_propagates() -> None:
    client = make_app().test_client()
    with pytest.raises(LookupError, match="after the start"):
        client.get("/late", headers={"Origin": A})


def test_what_is_handled_is_no_exception() -> None:
    client = make_app().test_client()
    response = client.get("/refused", headers={"Origin": A})
    assert answer(response) == (403, allowed(A))


def test_without_debug_mode_flask_answers_as_ever() -> None:
    app = make_app()
    app.debug = False
    response = app.test_client().get("/crash", headers={"Origin": A})
    assert answer(response) == (500, allowed(A))
    assert "Internal Server Error" in response.text
