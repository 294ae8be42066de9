"""A look-up runs beside a request of Flask, and shares no connection with it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import flask
import pytest
from flask import Flask

from flask_cors_policy import CORS
from flask_cors_policy.sources import CachedOrigins

from .helpers import A


class Connection:
    """A connection that one thread at a time may use, as most are."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def has(self, _origin: str) -> bool:
        self.threads.add(threading.get_ident())
        return True


@pytest.mark.parametrize("enforce", [False, True])
def test_a_look_up_does_not_use_the_connection_of_the_request(enforce: bool) -> None:
    """``get_db`` is that of Flask's tutorial; ``db.session`` is scoped the same way."""
    made: list[Connection] = []

    def get_db() -> Connection:
        if "db" not in flask.g:
            flask.g.db = Connection()
            made.append(flask.g.db)
        found: Connection = flask.g.db
        return found

    app = Flask(__name__, static_folder=None)
    CORS(app, origins=CachedOrigins(lambda o: get_db().has(o)), enforce=enforce)

    @app.get("/")
    def view() -> str:
        get_db().has(A)
        return "x"

    with suppress(Exception):
        app.test_client().get("/", headers={"Origin": A})
    assert [len(each.threads) for each in made] == [1] * len(made)


def test_a_look_up_may_open_a_context_of_its_own() -> None:
    app = Flask(__name__, static_folder=None)
    seen: list[Any] = []

    def allowed(_origin: str) -> bool:
        with app.app_context():
            seen.append(flask.g.get("user"))
        return True

    CORS(app, origins=CachedOrigins(allowed))

    @app.get("/")
    def view() -> str:
        flask.g.user = "ada"
        return "x"

    response = app.test_client().get("/", headers={"Origin": A})
    assert response.headers["Access-Control-Allow-Origin"] == A
    assert seen == [None]
