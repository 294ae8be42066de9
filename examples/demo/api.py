"""The API of the demo: a Flask application that compresses, under three policies."""

from __future__ import annotations

import gzip
import warnings

from flask import Flask, Response, request

from flask_cors_policy import CORS, PolicyWarning

CLASSIC_ORIGIN = "http://foo.example"

PUBLIC = "/resources/public-data/"
ONE_ORIGIN = "/resources/one-origin/"
POST_HERE = "/resources/post-here/"


def create_api(page_origin: str) -> Flask:
    """Return the API.

    :param page_origin: the origin of the page that people open in a browser; allowed
        wherever the origin of the classic example is.
    """
    app = Flask(__name__)
    origins = [CLASSIC_ORIGIN, page_origin]
    with warnings.catch_warnings():
        # 1728000 is twenty days, as in the classic example. The library says that no
        # browser keeps an answer so long, and it is right.
        warnings.simplefilter("ignore", PolicyWarning)
        CORS(
            app,
            resources={
                PUBLIC: {"origins": "*"},
                ONE_ORIGIN: {"origins": origins},
                POST_HERE: {
                    "origins": origins,
                    "methods": ["POST", "GET", "OPTIONS"],
                    "allow_headers": "X-PINGOTHER",
                    "max_age": 1728000,
                    "preflight_status": 200,
                },
            },
        )

    @app.get(PUBLIC)
    def public_data() -> Response:
        return _xml("<message>Everybody may read this.</message>")

    @app.get(ONE_ORIGIN)
    def one_origin() -> Response:
        return _xml("<message>Only pages of one origin may read this.</message>")

    @app.post(POST_HERE)
    def post_here() -> Response:
        ping = request.headers.get("X-PINGOTHER", "nothing")
        size = len(request.get_data())
        return _xml(f"<reply>{size} bytes and X-PINGOTHER: {ping} arrived.</reply>")

    @app.after_request
    def compress(response: Response) -> Response:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            response.set_data(gzip.compress(response.get_data(), mtime=0))
            response.content_encoding = "gzip"
        return response

    return app


def _xml(text: str) -> Response:
    return Response(f'<?xml version="1.0"?>{text}\n', mimetype="application/xml")
