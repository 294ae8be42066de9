"""The API of the demo: a Flask application that compresses, under five policies."""

from __future__ import annotations

import gzip
import warnings
from typing import Any

from flask import Flask, Response, request

from flask_cors_policy import CORS, PolicyWarning

CLASSIC_ORIGIN = "http://foo.example"
OTHER_ORIGIN = "http://other.example"

PUBLIC = "/resources/public-data/"
ONE_ORIGIN = "/resources/one-origin/"
OTHERS = "/resources/of-others/"
POST_HERE = "/resources/post-here/"
WITH_COOKIE = "/resources/with-cookie/"


def create_api(page_origin: str) -> Flask:
    """Return the API.

    :param page_origin: the origin of the page that people open in a browser; allowed
        wherever the origin of the classic example is.
    """
    app = Flask(__name__)
    with warnings.catch_warnings():
        # 1728000 is twenty days, as in the classic example. The library says that no
        # browser keeps an answer so long, and it is right.
        warnings.simplefilter("ignore", PolicyWarning)
        CORS(app, resources=_policies([CLASSIC_ORIGIN, page_origin]))

    @app.get(PUBLIC)
    def public_data() -> Response:
        return _xml("<message>Everybody may read this.</message>")

    @app.get(ONE_ORIGIN)
    def one_origin() -> Response:
        return _xml("<message>Only pages of one origin may read this.</message>")

    @app.get(OTHERS)
    def others() -> Response:
        return _xml("<message>Only pages of another origin may read this.</message>")

    @app.post(POST_HERE)
    def post_here() -> Response:
        ping = request.headers.get("X-PINGOTHER", "nothing")
        size = len(request.get_data())
        return _xml(f"<reply>{size} bytes and X-PINGOTHER: {ping} arrived.</reply>")

    @app.get(WITH_COOKIE)
    def with_cookie() -> Response:
        visits = request.cookies.get("visits", 0, type=int) + 1
        response = _xml(f"<message>Visit {visits}, as your cookie says.</message>")
        response.set_cookie("visits", str(visits), samesite="Lax")
        return response

    @app.after_request
    def compress(response: Response) -> Response:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            response.set_data(gzip.compress(response.get_data(), mtime=0))
            response.content_encoding = "gzip"
        return response

    return app


def _policies(origins: list[str]) -> dict[str, Any]:
    """Return the policy of each resource.

    :param origins: those that are allowed where not everybody is.
    """
    return {
        PUBLIC: {"origins": "*"},
        ONE_ORIGIN: {"origins": origins},
        OTHERS: {"origins": OTHER_ORIGIN},
        POST_HERE: {
            "origins": origins,
            "methods": ["POST", "GET", "OPTIONS"],
            "allow_headers": "X-PINGOTHER",
            "max_age": 1728000,
            "preflight_status": 200,
        },
        # Anyone on the network can pose as a page of plain http. On loopback there is
        # nobody else, and nobody can go to http://foo.example.
        WITH_COOKIE: {
            "origins": origins,
            "supports_credentials": True,
            "accept_risks": "insecure-origin",
        },
    }


def _xml(text: str) -> Response:
    return Response(f'<?xml version="1.0"?>{text}\n', mimetype="application/xml")
