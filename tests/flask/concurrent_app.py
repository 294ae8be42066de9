"""An application for real servers: a policy at each place, and answers of each kind.

``app`` is served as it is; ``bypassed`` is what ``app.wsgi_app`` was before the
policies were put on.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import flask
from flask import Blueprint, Flask, Response, stream_with_context

from flask_cors_policy import CORS, cross_origin

ORIGINS = [f"https://{name}.example" for name in "abcdef"]
ALLOWED = {
    "/app": ORIGINS[0],
    "/none": ORIGINS[0],
    "/rule/x": ORIGINS[1],
    "/rule/none": ORIGINS[1],
    "/bp/x": ORIGINS[2],
    "/bp/none": ORIGINS[2],
    "/view": ORIGINS[3],
    "/stream": ORIGINS[3],
    "/async": ORIGINS[4],
    "/nested": ORIGINS[4],
    "/error": ORIGINS[5],
    "/enforced": ORIGINS[5],
}
"""Path -> the origin that may read it."""

app = Flask(__name__, static_folder=None)
bypassed = app.wsgi_app


def seen() -> str:
    """Return the origin of the request, some time after it came."""
    time.sleep(random.random() / 200)
    return flask.request.headers.get("Origin", "none")


@app.route("/app", methods=["GET", "POST"])
def whole() -> str:
    return seen()


@app.route("/rule/x", methods=["GET", "POST"])
def rule() -> str:
    return seen()


@app.route("/view", methods=["GET", "POST"])
@cross_origin(origins=ORIGINS[3], supports_credentials=True)
def view() -> str:
    return seen()


@app.route("/stream", methods=["GET", "POST"])
@cross_origin(origins=ORIGINS[3])
def stream() -> Response:
    def chunks() -> Iterator[str]:
        for letter in flask.request.headers.get("Origin", "none"):
            time.sleep(0.0005)
            yield letter

    return Response(stream_with_context(chunks()))


@app.route("/async", methods=["GET", "POST"])
@cross_origin(origins=ORIGINS[4])
async def later() -> str:
    await asyncio.sleep(random.random() / 200)
    return seen()


@app.route("/nested", methods=["GET", "POST"])
@cross_origin(origins=ORIGINS[4])
def nested() -> str:
    for origin in ORIGINS:
        app.test_client().get("/view", headers={"Origin": origin})
    return seen()


@app.route("/error", methods=["GET", "POST"])
@cross_origin(origins=ORIGINS[5])
def error() -> Any:
    flask.abort(Response(seen(), 500))


@app.route("/enforced", methods=["GET", "POST"])
@cross_origin(origins=ORIGINS[5], enforce=True)
def enforced() -> str:
    return seen()


blueprint = Blueprint("bp", __name__, url_prefix="/bp")


@blueprint.route("/x", methods=["GET", "POST"])
def inner() -> str:
    return seen()


CORS(blueprint, origins=ORIGINS[2])
app.register_blueprint(blueprint)
CORS(
    app,
    resources={"/*": {}, "/rule/*": {"origins": ORIGINS[1]}},
    origins=ORIGINS[0],
)
