"""What ``docs/testing.md`` shows of hidden headers and of cookies is what is said."""

from __future__ import annotations

import pytest
from flask import Flask, Response

from docs.ext.samples import ROOT
from flask_cors_policy import CORS
from flask_cors_policy.testing import Browser

GUIDE = ROOT.joinpath("docs", "testing.md").read_text("utf-8")


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    CORS(app, origins="https://app.example.com", supports_credentials=True)

    @app.get("/")
    def index() -> Response:
        response = Response("hello")
        response.headers["X-Total"] = "7"
        response.set_cookie("session", "s1")
        return response

    return app


def test_a_hidden_header(app: Flask) -> None:
    reply = Browser(app, "https://app.example.com").fetch("/")
    with pytest.raises(KeyError) as caught:
        reply.headers["X-Total"]
    assert f"```text\n{caught.value}\n```" in GUIDE


def test_a_cookie_that_is_not_kept(app: Flask) -> None:
    page = Browser(app, "https://app.example.com", base_url="https://api.example.net")
    reply = page.fetch("/", credentials="include")
    (note,) = reply.notes
    assert f"```text\n{note}\n```" in GUIDE
